"""The one writer of sign-offs: one person asks, another decides, and what was asked for happens at most once.

Whoever carries out a change calls `consume` in the transaction that makes it. A refused attempt is recorded even though
it changed nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from audit import crash_points, trail
from audit import payload as plain_payload
from risk import adoption, people, policy, proofs, refusals, signoff_terms, wording
from risk.models import ChangeRequest, Execution, Person, Vote

APPROVAL_LASTS = timedelta(hours=24)
EXECUTION_LASTS = timedelta(hours=25)
"""From the request on: a day to decide, and an hour more to carry it out."""

_Status = ChangeRequest.Status


class NotAllowed(refusals.Refused):
    """A request, vote, withdrawal or execution was refused; the text says why and what would help."""

    event = "signoff.refused"


def request(
    *,
    kind: str,
    target: str,
    base_version: str,
    payload: Mapping[str, Any],
    reason: str,
    by: User,
    now: datetime,
    place: signoff_terms.Place,
    approval_lasts: timedelta = APPROVAL_LASTS,
    execution_lasts: timedelta = EXECUTION_LASTS,
) -> ChangeRequest:
    """Ask for a change. `payload` is what is to hold afterwards, with the evidence; it is stored whole and hashed.

    Raises NotAllowed without a reason, for someone who is no person of the desk, while the same change is already asked
    for, and when nobody else could approve it.
    """
    with refusals.attempt():
        who = _person(by, now, "ask for a change", target)
        if not reason.strip():
            raise _refuse("A request needs a reason.", by, now, target)
        if why := adoption.why_not_loosen(kind, now):
            raise _refuse(why, by, now, target)
        if not Person.objects.approvers(now).exclude(pk=who.pk).exists():
            raise _refuse(f"Nobody but {who.name} could approve this; enrol a second approver first.", by, now, target)
        _expire_old(kind, target, now)
        if ChangeRequest.objects.filter(kind=kind, target=target).open(now).exists():
            raise _refuse(
                f"A request {wording.request(kind, target)} is open already; decide or withdraw it first.",
                by,
                now,
                target,
            )
        made = ChangeRequest(
            kind=kind,
            target=target,
            base_version=base_version,
            payload=plain_payload.plain(payload),
            policy_version=policy.VERSION,
            environment=place.environment,
            account=place.account,
            build=place.build,
            reason=reason.strip(),
            requested_by=who,
            requested_account=by.get_username(),
            requested_at=now,
            approval_expires_at=now + approval_lasts,
            execution_expires_at=now + execution_lasts,
        )
        made.payload_hash = signoff_terms.content_hash(made)
        made.save(force_insert=True)
        _record("signoff.requested", made, f"{who.name} asks {wording.request(kind, target)}: {made.reason}", by, now)
        return made


def vote(
    request_id: UUID,
    *,
    decision: str,
    by: User,
    now: datetime,
    proof: proofs.Key | proofs.Code | None,
    reason: str = "",
    shown_hash: str = "",
) -> ChangeRequest:
    """Approve or decline (a Vote.Decision) as another person. One decline ends it, also after an approval.

    `proof` is the second factor presented with this very vote. `shown_hash` is the hash of what the person saw; where
    given it must be the request's.
    Raises NotAllowed for the requester under any account, a second vote, an expired or decided request, someone whose
    vote does not count, a decline without a reason, and a factor that is missing, stale, used, too new or wrong.
    """
    with refusals.attempt():
        asked = _locked(request_id, by, now)
        who = _person(by, now, "vote", asked.target)
        why = signoff_terms.why_not_cast(asked, who, decision, reason, shown_hash or asked.payload_hash, now)
        if why:
            raise _refuse(why, by, now, asked.target)
        cast = _cast(asked, who, decision, reason, _proved(proof, asked, decision, by, now), by, now)
        approves = decision == Vote.Decision.APPROVE
        _move(asked, _Status.APPROVED if approves else _Status.REJECTED)
        verb, event = ("approves", "signoff.approved") if approves else ("declines", "signoff.declined")
        how = wording.proof(cast.auth_method)
        _record(event, asked, f"{who.name} {verb} ({how}) the request {_said(asked)}. {reason}".rstrip(), by, now)
        return asked


def _proved(
    given: proofs.Key | proofs.Code | None, asked: ChangeRequest, decision: str, by: User, now: datetime
) -> proofs.Proof:
    try:
        return proofs.check(given, proofs.ballot(asked, decision, by.get_username()), by, now)
    except proofs.NotProved as missing:
        refused = _refuse(missing.sentence, by, now, asked.target)
        refused.event = missing.event or NotAllowed.event
        raise refused from None


def _cast(
    asked: ChangeRequest, who: Person, decision: str, reason: str, proof: proofs.Proof, by: User, now: datetime
) -> Vote:
    return Vote.objects.create(
        request=asked,
        requested_by_id=asked.requested_by_id,
        decided_by=who,
        decided_account=by.get_username(),
        decision=decision,
        payload_hash=asked.payload_hash,
        reason=reason.strip(),
        auth_method=proof.factor.kind,
        auth_at=proof.at,
        factor=proof.factor,
        signature=proof.signature,
        presented=proof.presented,
        decided_at=now,
    )


def withdraw(request_id: UUID, *, by: User, now: datetime) -> ChangeRequest:
    """Take a request back before it is executed; only the person who asked may. Raises NotAllowed otherwise."""
    with refusals.attempt():
        asked = _locked(request_id, by, now)
        who = _person(by, now, "withdraw a request", asked.target)
        if who.pk != asked.requested_by_id:
            raise _refuse(f"Only {asked.requested_by} may withdraw this request.", by, now, asked.target)
        if asked.status not in (_Status.PENDING, _Status.APPROVED):
            raise _refuse(f"The request is {asked.get_status_display()} already.", by, now, asked.target)
        _move(asked, _Status.WITHDRAWN)
        _record(
            "signoff.withdrawn",
            asked,
            f"{who.name} withdraws the request {_said(asked)}.",
            by,
            now,
        )
        return asked


def consume(
    request_id: UUID,
    *,
    kind: str,
    current_base_version: Callable[[ChangeRequest], str],
    by: str,
    now: datetime,
    place: signoff_terms.Place,
) -> ChangeRequest:
    """Mark an approved request executed, once; call it in the transaction that makes the change.

    `current_base_version` reads the target's version now, under whatever lock the caller's change needs.
    Raises NotAllowed unless the request is of this kind and place, approved, in time, unchanged, its target unmoved,
    its requester and every voter still entitled, and all of them different people.
    """
    with refusals.attempt():
        asked = _locked(request_id, by, now)
        why = signoff_terms.why_not_execute(asked, kind, place, now)
        why = why or _moved_on(asked, current_base_version(asked))
        if why:
            raise _refuse(why, by, now, asked.target)
        Execution.objects.create(request=asked, payload_hash=asked.payload_hash, executed_by=by, executed_at=now)
        _move(asked, _Status.EXECUTED)
        crash_points.reach("approval.consumed")
        _record(
            "signoff.executed",
            asked,
            f"The request {_said(asked)} was carried out.",
            by,
            now,
        )
        return asked


def _moved_on(asked: ChangeRequest, current: str) -> str:
    if asked.base_version == current:
        return ""
    return f"{asked.target} has moved on since the request (from {asked.base_version} to {current}); ask again."


def _locked(request_id: UUID, by: User | str, now: datetime) -> ChangeRequest:
    asked = ChangeRequest.objects.select_for_update(of=("self",)).filter(pk=request_id).first()
    if asked is None:
        raise _refuse(f"There is no request {request_id}.", by, now, str(request_id))
    return asked


def _said(asked: ChangeRequest) -> str:
    return wording.request(asked.kind, asked.target)


def _expire_old(kind: str, target: str, now: datetime) -> None:
    waiting = ChangeRequest.objects.select_for_update().filter(
        kind=kind, target=target, status__in=(_Status.PENDING, _Status.APPROVED)
    )
    for old in waiting:
        limit = old.approval_expires_at if old.status == _Status.PENDING else old.execution_expires_at
        if now >= limit:
            _move(old, _Status.EXPIRED)
            _record("signoff.expired", old, f"The request {_said(old)} expired.", "signoff", now)


def _move(asked: ChangeRequest, status: ChangeRequest.Status) -> None:
    asked.status = status
    asked.save(update_fields=["status"])


def _person(user: User, now: datetime, act: str, target: str) -> Person:
    who = people.behind(user, now)
    if who is None:
        sentence = f"{user.get_username()} may not {act}: no active person of the desk, or the account is too new."
        raise _refuse(sentence, user, now, target)
    return who


def _refuse(sentence: str, by: User | str, now: datetime, subject: str) -> NotAllowed:
    return NotAllowed(sentence, by=by if isinstance(by, str) else by.get_username(), now=now, subject=subject)


def _record(event: str, asked: ChangeRequest, sentence: str, by: User | str, now: datetime) -> None:
    trail.record(
        event=event,
        account=asked.account,
        subject=asked.target,
        sentence=sentence,
        data={"request": str(asked.pk), "kind": asked.kind, "hash": asked.payload_hash, "status": asked.status},
        by=by if isinstance(by, str) else by.get_username(),
        now=now,
    )
