"""Searching the record. Pages go by the event's number, so that deep ones cost no more than the first."""

import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from audit.models import AuditEvent
from audit.severity import Severity
from trading.dashboard import words
from trading.dashboard.presenters import record
from trading.models import Account

_PAGE = 60


def read(account: Account | None, wanted: Mapping[str, Any], query: QueryDict, wall: datetime) -> dict[str, Any]:
    """One page of events that match; one query."""
    found = _matching(account, wanted)
    before = query.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-id")[: _PAGE + 1])
    today = words.exchange_date(wall)
    shown = rows[:_PAGE]
    return {
        "rows": [_line(event, today) for event in shown],
        "older": _older(query, shown[-1].pk) if len(rows) > _PAGE else "",
        "newest": "" if not before else _newest(query),
        "severities": Severity.choices,
        "wanted": wanted,
    }


def _matching(account: Account | None, wanted: Mapping[str, Any]) -> QuerySet[AuditEvent]:
    found = AuditEvent.objects.all()
    if account is not None and not wanted.get("everything"):
        found = found.filter(account__in=("", account.number))
    if wanted.get("severity"):
        found = found.filter(severity=wanted["severity"])
    if wanted.get("event"):
        found = found.filter(event__startswith=wanted["event"])
    if wanted.get("day"):
        start = datetime.combine(wanted["day"], time(), words.EXCHANGE)
        found = found.filter(at__gte=start, at__lt=start + timedelta(days=1))
    text = wanted.get("q") or ""
    return found.filter(_says(text)) if text else found


def _says(text: str) -> Q:
    """Ids and subjects in full go by their index; anything else is sought in the sentence."""
    exact = Q(intent=text) | Q(order=text) | Q(pass_id=text) | Q(request_id=text) | Q(subject__iexact=text)
    return exact | Q(sentence__icontains=text) | Q(actor__iexact=text) | Q(person__iexact=text)


def _line(event: AuditEvent, today: Any) -> dict[str, Any]:
    facts = {
        "number": event.pk,
        "mode": event.mode,
        "account": event.account,
        "subject": event.subject,
        "actor": event.actor,
        "signed in": event.person,
        "address": event.ip,
        "request": event.request_id,
        "intent": event.intent,
        "order": event.order,
        "pass": event.pass_id,
    }
    return {
        **record.line(event, today),
        "facts": [{"name": name, "value": value} for name, value in facts.items() if value],
        "data": json.dumps(event.data, indent=2, sort_keys=True, ensure_ascii=False) if event.data else "",
    }


def _older(query: QueryDict, last: int) -> str:
    rest = query.copy()
    rest["before"] = str(last)
    return f"?{rest.urlencode()}"


def _newest(query: QueryDict) -> str:
    rest = query.copy()
    rest.pop("before", None)
    return f"?{rest.urlencode()}"
