"""Audit events as lines of a feed."""

from datetime import date
from typing import Any

from django.urls import reverse

from audit.models import AuditEvent
from trading.dashboard import words
from trading.models import Account

_GOOD = (".clean", ".passed", ".approved", ".filled", ".acknowledged", ".executed")
_QUIET = ("intent.approved",)


def feed(account: Account | None, today: date, size: int = 14) -> list[dict[str, Any]]:
    """The newest events of the account and of the house; one query."""
    found = AuditEvent.objects.order_by("-id")
    if account is not None:
        found = found.filter(account__in=("", account.number))
    return [line(event, today) for event in found[:size]]


def line(event: AuditEvent, today: date) -> dict[str, Any]:
    """One event: when, its word, the sentence, and where it leads."""
    return {
        "id": event.pk,
        "at": words.moment(event.at, today),
        "brief": words.brief(event.at, today),
        "event": event.event,
        "tone": tone(event),
        "sentence": event.sentence,
        "actor": event.person or event.actor,
        "href": reverse("intent", args=[event.intent]) if _leads_to_intent(event) else "",
        "severity": event.severity,
        "mode": event.mode,
        "subject": event.subject,
        "account": event.account,
        "data": event.data,
    }


def tone(event: AuditEvent) -> str:
    """The class of the event's word: violet for unknown, green for what ended well, else by severity."""
    if event.event.endswith(".unknown"):
        return "unknown"
    if event.event.endswith(_GOOD) and event.event not in _QUIET:
        return "good"
    if event.event.endswith(".denied"):
        return "warning"
    return str(event.severity)


def _leads_to_intent(event: AuditEvent) -> bool:
    # Intents are UUIDs; anything else in the column would not resolve to a page.
    return len(event.intent) == 36
