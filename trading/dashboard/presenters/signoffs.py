"""Requests that wait for a second person, and whether this person may decide them."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from risk import wording
from risk.models import ChangeRequest, Factor, Person, Vote
from trading.dashboard import words
from trading.dashboard.presenters import asked

TONES = {
    ChangeRequest.Status.PENDING: "warn",
    ChangeRequest.Status.APPROVED: "work",
    ChangeRequest.Status.EXECUTED: "ok",
    ChangeRequest.Status.REJECTED: "bad",
    ChangeRequest.Status.WITHDRAWN: "deny",
    ChangeRequest.Status.EXPIRED: "deny",
}
_MOST_DECIDED = 50


def waiting(person: Person | None, wall: datetime, most: int = 3) -> list[dict[str, Any]]:
    """Open requests, oldest first, for the overview; one query."""
    found = ChangeRequest.objects.open(wall).select_related("requested_by").order_by("requested_at")
    return [brief(request, person, wall) for request in found[:most]]


def page(person: Person | None, wall: datetime) -> dict[str, Any]:
    """The list: what is open, and the latest decided ones; two queries."""
    waits = list(ChangeRequest.objects.open(wall).select_related("requested_by").order_by("requested_at"))
    done = ChangeRequest.objects.exclude(pk__in=[request.pk for request in waits]).select_related("requested_by")
    return {
        "waiting": [brief(request, person, wall) for request in waits],
        "decided": [brief(request, person, wall) for request in done.order_by("-requested_at")[:_MOST_DECIDED]],
    }


def brief(request: ChangeRequest, person: Person | None, wall: datetime) -> dict[str, Any]:
    """One request in a few lines."""
    return {
        "id": str(request.pk),
        "href": reverse("request", args=[request.pk]),
        "kind": request.kind,
        "verb": asked.verb(request),
        "target": asked.target(request),
        "diff": asked.difference(request),
        "by": request.requested_by.name,
        "age": words.age((wall - request.requested_at).total_seconds()),
        "expires": _expiry(request, wall),
        "reason": request.reason,
        "account": request.account,
        "status": request.get_status_display(),
        "tone": TONES[ChangeRequest.Status(request.status)],
        "why_not": why_not(request, person, wall),
        "mine": person is not None and person.pk == request.requested_by_id,
        "open": request.status in (ChangeRequest.Status.PENDING, ChangeRequest.Status.APPROVED),
        "approved": request.status == ChangeRequest.Status.APPROVED and request.execution_expires_at > wall,
    }


def votes(request: ChangeRequest, wall: datetime) -> list[dict[str, Any]]:
    """Who decided what, and when; one query."""
    found = Vote.objects.filter(request=request).select_related("decided_by").order_by("decided_at")
    return [
        {
            "by": vote.decided_by.name,
            "decision": "approved" if vote.decision == Vote.Decision.APPROVE else "declined",
            "tone": "ok" if vote.decision == Vote.Decision.APPROVE else "bad",
            "at": words.moment(vote.decided_at, words.exchange_date(wall)),
            "reason": vote.reason,
            "method": wording.proof(vote.auth_method),
            "weaker": vote.auth_method != Factor.Kind.KEY,
        }
        for vote in found
    ]


def why_not(request: ChangeRequest, person: Person | None, wall: datetime) -> str:
    """Why this person may not decide it; empty when he or she may. `risk.signoff` and the database refuse the same."""
    if request.status == ChangeRequest.Status.EXECUTED:
        return "It was carried out."
    if request.status == ChangeRequest.Status.APPROVED:
        return "It is approved. Carrying it out is the last step."
    if request.status != ChangeRequest.Status.PENDING:
        return f"It is {request.get_status_display()}."
    if request.approval_expires_at <= wall:
        return "Its time is over: silence was a refusal. Ask for it anew."
    if person is None:
        return "Your account belongs to no active person of the desk, or is too new to decide."
    if person.pk == request.requested_by_id:
        return "You asked for this, so another person must decide."
    if person.approves_from is None or person.approves_from > wall:
        return "You are not an approver, so someone who is must decide."
    return ""


def _expiry(request: ChangeRequest, wall: datetime) -> str:
    pending = request.status == ChangeRequest.Status.PENDING
    left = ((request.approval_expires_at if pending else request.execution_expires_at) - wall).total_seconds()
    if request.status not in (ChangeRequest.Status.PENDING, ChangeRequest.Status.APPROVED):
        return ""
    return f"expires in {words.age(left)}" if left > 0 else f"expired {words.age(-left)} ago"
