"""Requests that wait for a second person: what changes, on what evidence, and whether this person may decide."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from risk.models import ChangeRequest, Person, Vote
from trading.dashboard import words

TONES = {
    ChangeRequest.Status.PENDING: "warn",
    ChangeRequest.Status.APPROVED: "work",
    ChangeRequest.Status.EXECUTED: "ok",
    ChangeRequest.Status.REJECTED: "bad",
    ChangeRequest.Status.WITHDRAWN: "deny",
    ChangeRequest.Status.EXPIRED: "deny",
}


def waiting(person: Person | None, wall: datetime, most: int = 3) -> list[dict[str, Any]]:
    """Open requests, oldest first, for the overview."""
    found = ChangeRequest.objects.open(wall).select_related("requested_by").order_by("requested_at")
    return [brief(request, person, wall) for request in found[:most]]


def brief(request: ChangeRequest, person: Person | None, wall: datetime) -> dict[str, Any]:
    """One request in a few lines."""
    return {
        "id": str(request.pk),
        "href": reverse("request", args=[request.pk]),
        "kind": request.kind,
        "title": title(request),
        "target": request.target,
        "diff": difference(request),
        "by": request.requested_by.name,
        "age": words.age((wall - request.requested_at).total_seconds()),
        "expires": _expiry(request, wall),
        "reason": request.reason,
        "account": request.account,
        "status": request.get_status_display(),
        "tone": TONES[ChangeRequest.Status(request.status)],
        "why_not": why_not(request, person, wall),
        "pending": request.status == ChangeRequest.Status.PENDING and request.approval_expires_at > wall,
    }


def title(request: ChangeRequest) -> str:
    """What is asked for, as a person would say it."""
    verbs = {
        "limit.loosen": "Loosen",
        "halt.release": "Release",
        "golive": "Go live with",
        "golive.arm": "Go live with",
        "ramp.promote": "Promote",
        "break.adopt": "Adopt the broker's figures for",
    }
    return verbs.get(request.kind, request.kind.replace(".", ": ").replace("_", " "))


def difference(request: ChangeRequest) -> dict[str, str] | None:
    """Old and new value, where the payload has both."""
    payload = request.payload
    for old, new in (("old", "new"), ("before", "after"), ("from", "to"), ("old_value", "new_value")):
        if new in payload:
            return {"old": _plain(payload.get(old)), "new": _plain(payload[new])}
    return None


def page(person: Person | None, wall: datetime) -> dict[str, Any]:
    """The list: what is open, and the latest decided ones; two queries."""
    open_ones = list(ChangeRequest.objects.open(wall).select_related("requested_by").order_by("requested_at"))
    ids = [request.pk for request in open_ones]
    done = ChangeRequest.objects.exclude(pk__in=ids).select_related("requested_by").order_by("-requested_at")[:50]
    return {
        "waiting": [brief(request, person, wall) for request in open_ones],
        "decided": [brief(request, person, wall) for request in done],
    }


def content(request: ChangeRequest) -> list[dict[str, str]]:
    """Everything that is to hold afterwards, flat, as it is hashed."""
    return [
        {"name": key.replace("_", " "), "value": _plain(value)}
        for key, value in request.payload.items()
        if key != "evidence"
    ]


def consequence(request: ChangeRequest) -> str:
    """What approving leads to, in one sentence."""
    sentences = {
        "limit": "The new limit judges every order from the moment it is carried out; the old version stays on the record.",
        "halt": "Entries are allowed again for the scope of this halt as soon as the release is carried out.",
        "golive": "The live account may send real orders until the approval expires or anything it covers changes.",
        "break": "Our books take over the broker's figure, and entries in the symbol are allowed again.",
    }
    return sentences.get(request.kind.partition(".")[0], "The change is carried out once, exactly as shown here.")


def facts(request: ChangeRequest) -> list[dict[str, str]]:
    """Where and against what it was asked for."""
    return [
        {"name": "Written against", "value": request.base_version},
        {"name": "Environment", "value": f"{request.environment}, account {request.account or 'none'}"},
        {"name": "Build", "value": request.build},
        {"name": "Policy", "value": request.policy_version},
        {"name": "Asked with the account", "value": request.requested_account},
    ]


def evidence(request: ChangeRequest) -> list[dict[str, str]]:
    """What the request rests on, flat."""
    found = request.payload.get("evidence")
    if isinstance(found, dict):
        return [{"name": key.replace("_", " "), "value": _plain(value)} for key, value in found.items()]
    return [{"name": "evidence", "value": _plain(found)}] if found else []


def votes(request: ChangeRequest) -> list[dict[str, str]]:
    """Who decided what, and when; one query."""
    found = Vote.objects.filter(request=request).select_related("decided_by").order_by("decided_at")
    return [
        {
            "by": vote.decided_by.name,
            "decision": vote.get_decision_display(),
            "tone": "ok" if vote.decision == Vote.Decision.APPROVE else "bad",
            "at": words.clock(vote.decided_at),
            "reason": vote.reason,
            "method": vote.auth_method,
        }
        for vote in found
    ]


def why_not(request: ChangeRequest, person: Person | None, wall: datetime) -> str:
    """Why this person may not decide it; empty when he or she may. The database refuses the same."""
    if request.status != ChangeRequest.Status.PENDING:
        return f"It is {request.get_status_display()}; there is nothing left to decide."
    if request.approval_expires_at <= wall:
        return "Its time is over: silence was a refusal. Ask for it anew."
    if person is None:
        return "Your account belongs to no active person of the desk, or is too new to decide."
    if person.pk == request.requested_by_id:
        return "You asked for this, so another person must decide."
    if not person.active or person.approves_from is None or person.approves_from > wall:
        return "You are not an approver, so someone who is must decide."
    return ""


def _expiry(request: ChangeRequest, wall: datetime) -> str:
    end = (
        request.approval_expires_at
        if request.status == ChangeRequest.Status.PENDING
        else request.execution_expires_at
    )
    left = (end - wall).total_seconds()
    return f"expires in {words.age(left)}" if left > 0 else f"expired {words.age(-left)} ago"


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_plain(each)}" for key, each in value.items()) or "none"
    return str(value)
