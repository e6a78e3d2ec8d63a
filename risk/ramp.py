"""The one writer of stages: down at once by one person or the program, up by one stage through two people."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from audit import trail
from audit.severity import Severity
from risk import refusals, signoff, stages, wording
from risk.limit_terms import Wanted
from risk.models import ChangeRequest, StageMove
from risk.models.scope import ScopeKind
from risk.signoff_terms import Place
from risk.stages import Stage
from risk.standing import StageInForce

KIND = "stage.rise"


class StageRefused(refusals.Refused):
    """A stage cannot change so; nothing was changed."""

    event = "stage.refused"


def held(account: str) -> StageInForce:
    """Where a live account stands now: S0 before its first move."""
    last = last_move(account)
    return StageInForce(last.to_stage, last.number) if last else StageInForce(Stage.PAPER, 0)


def moves(account: str) -> list[StageMove]:
    """Every step of an account, newest first."""
    return list(StageMove.objects.filter(account=account).order_by("-number"))


def enter(change: ChangeRequest, *, account: str, evidence: Mapping[str, Any], by: str, now: datetime) -> None:
    """Let an account that stands on paper into the first stage, by the go-live request that was just executed."""
    with refusals.attempt():
        now_at = _locked(account)
        if now_at.name == Stage.PAPER:
            reason = f"first live orders: {change.reason}"
            _move(account, now_at, Stage.FIRST, reason=reason, evidence=evidence, by=by, now=now, change=change)


def request_rise(
    account: str, *, why_not: str, evidence: Mapping[str, Any], reason: str, by: User, now: datetime, place: Place
) -> ChangeRequest:
    """Ask a second person to let an account rise by one stage. `why_not` says what it has not earned yet.

    Raises StageRefused while that is not empty and at the last stage, signoff.NotAllowed as that does.
    """
    with refusals.attempt():
        now_at = held(account)
        to = stages.above(now_at.name)
        if to is None or now_at.name == Stage.PAPER or why_not:
            raise _refuse(account, why_not or _no_further(now_at), by.get_username(), now)
        return signoff.request(
            kind=KIND,
            target=f"stage:{account}",
            base_version=_version(now_at),
            payload={
                "old": now_at.name,
                "new": to.value,
                "allows": allows(to),
                "evidence": dict(evidence),
            },
            reason=reason,
            by=by,
            now=now,
            place=place,
        )


def rise(
    request: ChangeRequest, *, account: str, still_earned: Callable[[], str], by: str, now: datetime, place: Place
) -> StageMove:
    """Carry out an approved rise, once. `still_earned` says why it may not be any more, or nothing.

    Raises StageRefused then, signoff.NotAllowed unless the approval may be used here and now.
    """
    with refusals.attempt():
        now_at = _locked(account)
        asked = signoff.consume(
            request.pk, kind=KIND, current_base_version=lambda _: _version(now_at), by=by, now=now, place=place
        )
        if why := still_earned():
            raise _refuse(account, why, by, now)
        to, evidence = Stage(asked.payload["new"]), asked.payload["evidence"]
        return _move(account, now_at, to, reason=asked.reason, evidence=evidence, by=by, now=now, change=asked)


def fall(
    account: str, *, to: Stage, reason: str, by: str, now: datetime, evidence: Mapping[str, Any] | None = None
) -> StageMove | None:
    """Put an account lower, at once; None where it stands there or lower already.

    Raises StageRefused without a reason.
    """
    with refusals.attempt():
        if not reason.strip():
            raise _refuse(account, "Say why: a lower stage needs a reason.", by, now)
        now_at = _locked(account)
        if to >= Stage(now_at.name):
            return None
        return _move(account, now_at, to, reason=reason.strip(), evidence=evidence or {}, by=by, now=now)


def allows(stage: Stage) -> dict[str, str]:
    """Limit -> the most it counts for at a stage, as text for a request."""
    return {name: f"{stages.cap(stage, name)}" for name in stages.CAPS}


def why_not_raise(wanted: Wanted) -> str:
    """Why an account's limit may not be raised so far: its stage allows less (control 49); empty when it may."""
    stage = held(wanted.scope_key) if wanted.scope_kind == ScopeKind.ACCOUNT else None
    most = stages.cap(stage.name, wanted.bound.name) if stage and stage.version else None
    if stage is None or most is None or not wanted.bound.is_stricter(most, wanted.value):
        return ""
    allowed = wording.figure(wanted.bound.unit, most)
    return f"{wanted.named} is more than stage {stage.name} allows ({allowed}); let the account rise first."


def last_move(account: str) -> StageMove | None:
    """An account's newest step; None before the first."""
    return StageMove.objects.filter(account=account).order_by("-number").first()


def _locked(account: str) -> StageInForce:
    # Of two at once the second waits here and sees where the first one left the account.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"stage {account}"])
    return held(account)


def _move(
    account: str,
    now_at: StageInForce,
    to: Stage,
    *,
    reason: str,
    evidence: Mapping[str, Any],
    by: str,
    now: datetime,
    change: ChangeRequest | None = None,
) -> StageMove:
    made = StageMove.objects.create(
        account=account,
        number=now_at.version + 1,
        from_stage=now_at.name,
        to_stage=to,
        reason=reason,
        evidence=dict(evidence),
        by=by,
        at=now,
        change=change,
    )
    up = to > now_at.name
    trail.record(
        event="stage.raised" if up else "stage.lowered",
        account=account,
        mode="live",
        subject=to.value,
        sentence=f"account {account} goes from stage {now_at.name} to {to.value}: {reason}",
        data={"from": now_at.name, "to": to.value, "request": str(change.pk) if change else None, **evidence},
        by=by,
        now=now,
        severity=Severity.SERIOUS,
    )
    return made


def _no_further(now_at: StageInForce) -> str:
    if now_at.name == Stage.PAPER:
        return "It stands on paper: going live, which two people decide, is what lets it into S1."
    return f"It stands at {now_at.name}, the last stage."


def _version(now_at: StageInForce) -> str:
    return f"{now_at.name} move {now_at.version}"


def _refuse(account: str, sentence: str, by: str, now: datetime) -> StageRefused:
    return StageRefused(sentence, by=by, now=now, subject=f"stage:{account}", account=account)
