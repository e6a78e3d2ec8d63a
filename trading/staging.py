"""A live account on the ramp: what is known of it at its stage, asking for the next one, and going down at once.

Up takes two people and voids the day's arming, which was approved for less; down takes one, or a broken limit.
"""

from bisect import bisect_right
from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Min

from audit.models import AuditEvent
from audit.severity import Severity
from risk import pre_trade, ramp, refusals, signoff_terms
from risk.models import Breach, ChangeRequest, StageMove
from risk.post_trade import ramping
from risk.post_trade.ramping import Ramped, StageSession
from risk.stages import Stage
from risk.standing import Limits
from trading import golive
from trading.choices import Mode
from trading.models import Account, DailyReport, EnginePass, ReconciliationBreak

KIND = ramp.KIND
BY = "ramp"
LATEST = 3 * ramping.SESSIONS
"""Sessions looked at, newest first."""

_TRIPS = ("LOSS_DAY_HALTED", "LOSS_DAY_FLATTENED")


def ramped(account: Account) -> Ramped:
    """What is known of the account at its stage; seven statements, whatever the history."""
    held, last = ramp.held(account.number), ramp.last_move(account.number)
    since = last.at if last else account.created_at
    cases = ReconciliationBreak.objects.filter(account=account, status=ReconciliationBreak.Status.OPEN).count()
    return Ramped(
        account=account.number,
        stage=held.name,
        version=held.version,
        sessions=_sessions(account, since),
        open_cases=cases,
        breaches=_broken(account, since),
    )


def why_not(account: Account) -> str:
    """Why the account may not rise now, in one text; empty when two people may let it."""
    return " ".join(found.sentence for found in ramping.rise(ramped(account), Limits()))


def request(account: Account, *, reason: str, by_user: User, now: datetime) -> ChangeRequest:
    """Ask another person to let the account rise by one stage.

    Raises ramp.StageRefused for a paper account and while something is not earned, signoff.NotAllowed as that does.
    """
    with refusals.attempt():
        _only_live(account, by_user, now)
        return ramp.request_rise(
            account.number,
            why_not=why_not(account),
            evidence=evidence(account),
            reason=reason,
            by=by_user,
            now=now,
            place=signoff_terms.here(account.number),
        )


def carry_out(asked: ChangeRequest, *, by_user: User, now: datetime) -> StageMove:
    """Let the account rise by an approved request, once, where it has still earned it."""
    account = Account.objects.get(number=asked.account)
    with refusals.attempt():
        moved = ramp.rise(
            asked,
            account=account.number,
            still_earned=lambda: why_not(account),
            by=by_user.get_username(),
            now=now,
            place=signoff_terms.here(asked.account),
        )
        golive.void(account, because=f"it rose to stage {moved.to_stage}: request go-live for it", now=now)
        return moved


def follow(account: Account, *, now: datetime) -> StageMove | None:
    """Put a live account lower where it broke a limit since its last move; None where nothing is to be done."""
    if account.mode != Mode.LIVE:
        return None
    last = ramp.last_move(account.number)
    if last is None or last.to_stage == Stage.PAPER:
        return None
    breaches = _broken(account, last.at)
    if not breaches:
        return None
    known = Ramped(account.number, last.to_stage, last.number, sessions=None, open_cases=None, breaches=breaches)
    found = ramping.fall(known, Limits())
    if not found:
        return None
    return _lower(account, Stage(found[0].seen), found[0].sentence, BY, now, {"breaches": list(breaches)})


def lower(account: Account, to: Stage, *, reason: str, by_user: User, now: datetime) -> StageMove:
    """Put a live account lower by one person's word, at once. Raises ramp.StageRefused where it would not be lower."""
    with refusals.attempt():
        _only_live(account, by_user, now)
        moved = _lower(account, to, reason, by_user.get_username(), now, {})
        if moved is None:
            raise _refuse(account, f"It stands at {ramp.held(account.number).name}; {to} is no lower.", by_user, now)
        return moved


def evidence(account: Account) -> dict[str, Any]:
    """What a request to rise rests on, in words: each term, and the sessions that count."""
    known = ramped(account)
    sessions = known.sessions or ()
    clean = sessions[: ramping.clean_run(sessions)]
    return {
        **{term.name: term.sentence for term in ramping.terms(known)},
        "sessions": ", ".join(f"{each.session_date}" for each in clean),
    }


def _lower(account: Account, to: Stage, reason: str, by: str, now: datetime, seen: dict[str, Any]) -> StageMove | None:
    with transaction.atomic():
        moved = ramp.fall(account.number, to=to, reason=reason, by=by, now=now, evidence=seen)
        if moved is not None and to == Stage.PAPER:
            golive.void(account, because=f"it went down to {to}, paper", now=now)
        return moved


def _broken(account: Account, since: datetime) -> tuple[str, ...]:
    """What monitors and controls saw broken since then; what the gate says of it is the same thing once more."""
    found = Breach.objects.broken().filter(account=account.number, mode=Mode.LIVE, opened_at__gt=since)
    return tuple(found.exclude(code__in=pre_trade.BROKEN_CODES).order_by("pk").values_list("code", flat=True))


def _sessions(account: Account, since: datetime) -> tuple[StageSession, ...]:
    """The closed sessions that were traded wholly since then, newest first."""
    began = EnginePass.objects.filter(account=account).values_list("session_date").annotate(first=Min("started_at"))
    starts = dict(began.filter(first__gte=since).order_by("-session_date")[:LATEST])
    if not starts:
        return ()
    equal = dict(
        DailyReport.objects.filter(account=account, session_date__in=starts).values_list(
            "session_date", "books_equal_broker"
        )
    )
    newest = max(starts)
    closed = {day: first for day, first in starts.items() if day in equal or day != newest}
    criticals = _criticals(account, starts)
    trips = Counter(
        Breach.objects.filter(account=account.number, code__in=_TRIPS, session_date__in=starts).values_list(
            "session_date", flat=True
        )
    )
    return tuple(StageSession(day, criticals[day], trips[day], equal.get(day)) for day in sorted(closed, reverse=True))


def _criticals(account: Account, starts: dict[Any, datetime]) -> Counter[Any]:
    """Critical events by the session they fell into or followed; what a person did is no fault of the account."""
    days = sorted(starts)
    firsts = [starts[day] for day in days]
    told = AuditEvent.objects.filter(account=account.number, severity=Severity.CRITICAL, at__gte=firsts[0])
    told = told.exclude(event__startswith="golive.").exclude(actor__in=User.objects.values("username"))
    return Counter(days[bisect_right(firsts, at) - 1] for at in told.values_list("at", flat=True))


def _only_live(account: Account, by_user: User, now: datetime) -> None:
    if account.mode != Mode.LIVE:
        raise _refuse(account, f"{account} is a paper account; only live accounts stand on the ramp.", by_user, now)


def _refuse(account: Account, sentence: str, by_user: User, now: datetime) -> ramp.StageRefused:
    user, number = by_user.get_username(), account.number
    return ramp.StageRefused(sentence, by=user, now=now, subject=f"stage:{number}", account=number)
