"""The terms of a sign-off: where it holds, what a vote covers, who may cast it, when it may be used. Writes nothing."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from django.conf import settings
from django.contrib.auth.models import User

from risk import adoption, people, policy, proofs
from risk.models import ChangeRequest, Person, Vote

_Status = ChangeRequest.Status


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change is to hold; part of the hash, so that no approval is used anywhere else."""

    environment: str
    account: str
    build: str


def here(account: str = "") -> Place:
    """This installation: its trading mode and its build."""
    return Place(environment=settings.TRADING_MODE, account=account, build=settings.BUILD_ID)


def content_hash(asked: ChangeRequest) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of everything a vote covers, as hexadecimal."""
    content = {
        "kind": asked.kind,
        "target": asked.target,
        "base_version": asked.base_version,
        "payload": asked.payload,
        "policy_version": asked.policy_version,
        "environment": asked.environment,
        "account": asked.account,
        "build": asked.build,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def why_not_vote(asked: ChangeRequest, user: User, now: datetime) -> str:
    """Say why this user may not decide this request now; empty when he or she may. For pages: `vote` asks again."""
    who = people.behind(user, now)
    if who is None:
        return f"{user.get_username()} belongs to no active person of the desk, or is too new."
    return why_not_decide(asked, who, now)


def why_not_decide(asked: ChangeRequest, who: Person, now: datetime) -> str:
    """Say why this person may not decide this request now; empty when he or she may."""
    if who.pk == asked.requested_by_id:
        return f"{who.name} asked for this; another person decides."
    if not people.may_approve(who, now):
        return f"{who.name} is not an approver, or not yet."
    if asked.status not in (_Status.PENDING, _Status.APPROVED):
        return f"The request is {asked.get_status_display()} already."
    if now > asked.approval_expires_at:
        return "The request has expired; silence counted as a refusal. Ask again."
    if now < asked.requested_at:
        return "The clock stands before the request; have the clock of this machine set right."
    if asked.votes.filter(decided_by=who).exists():
        return f"{who.name} has voted already."
    return ""


def why_not_cast(asked: ChangeRequest, who: Person, decision: str, reason: str, shown_hash: str, now: datetime) -> str:
    """Say why this very vote may not be cast; empty when it may."""
    why = why_not_decide(asked, who, now)
    if why:
        return why
    if decision not in Vote.Decision.values:
        return f"The decision {decision!r} is neither APPROVE nor REJECT."
    if decision == Vote.Decision.APPROVE and asked.status != _Status.PENDING:
        return "The request is approved already."
    if decision == Vote.Decision.REJECT and not reason.strip():
        return "Say why you decline."
    if not (shown_hash == asked.payload_hash == content_hash(asked)):
        return "The request is not what was shown; nothing was decided."
    return ""


def why_not_execute(asked: ChangeRequest, kind: str, place: Place, now: datetime) -> str:
    """Say why this approval may not be used here and now; empty when it may. The target's version is not looked at."""
    return _unusable(asked, kind, place, now) or adoption.why_not_loosen(kind, now) or _not_entitled(asked, now)


def _unusable(asked: ChangeRequest, kind: str, place: Place, now: datetime) -> str:
    if asked.kind != kind:
        return f"The request is for {asked.kind}, not for {kind}."
    if asked.status != _Status.APPROVED:
        return f"The request is not approved: it {asked.get_status_display()}."
    if now < asked.requested_at:
        return "The clock stands before the request; have the clock of this machine set right."
    if now > asked.execution_expires_at:
        return "The approval has expired unused; ask again."
    if content_hash(asked) != asked.payload_hash:
        return "The request's content does not match its hash; it is void."
    if asked.policy_version != policy.VERSION:
        return f"The request was approved under policy {asked.policy_version}, now {policy.VERSION} holds."
    if Place(asked.environment, asked.account, asked.build) != place:
        return "The request was approved for another environment, account or build."
    return ""


def _not_entitled(asked: ChangeRequest, now: datetime) -> str:
    votes = list(asked.votes.select_related("decided_by", "factor__account__user"))
    approvals = [vote for vote in votes if vote.decision == Vote.Decision.APPROVE]
    if len(approvals) != len(votes) or not approvals:
        return "The request is not approved by every vote."
    for given in approvals:
        same_content = given.payload_hash == asked.payload_hash
        if given.decided_by_id == asked.requested_by_id or not same_content:
            return "A vote is by the requester or for other content; the request is void."
        why = _void(given, now)
        if why:
            return why
    if not Person.objects.filter(pk=asked.requested_by_id, active=True, accounts__user__is_active=True).exists():
        return f"{asked.requested_by} is active no longer; the request is void."
    return ""


def _void(given: Vote, now: datetime) -> str:
    if not people.may_approve(given.decided_by, now):
        return f"{given.decided_by} may approve no longer; the vote is void."
    if given.factor is None or given.factor.revoked_at is not None or not given.factor.account.user.is_active:
        return f"The second factor or the account {given.decided_by} voted with was taken away; the vote is void."
    why = proofs.why_not_genuine(given)
    return f"The vote of {given.decided_by} is not genuine: {why}. The request is void." if why else ""
