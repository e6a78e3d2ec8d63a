"""Controls 42, 47 and 50: yesterday is signed for, the preflight is fresh, the emergency stop was exercised lately."""

from datetime import datetime, timedelta

from risk import wording
from risk.at_trade.values import Action
from risk.exposure import DenialCode
from risk.post_trade.values import Finding, FindingCode, Governed, in_code
from risk.standing import Limits, Unjudgeable

LIVE = "live"
PREFLIGHT_LASTS = timedelta(minutes=15)
DRILL_LASTS = {"paper": timedelta(days=7), LIVE: timedelta(days=31)}


def signature(governed: Governed, limits: Limits) -> tuple[Finding, ...]:
    """Stop a live start, and warn of a paper one, when the last session is not reported or not signed for in time.

    Raises Unjudgeable where the venue's clock is not known.
    """
    last = governed.last_session
    if last is None:
        return ()
    if governed.market_now is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: the venue's clock.")
    if last.signed or governed.market_now < last.due_at:
        return ()
    if last.reported:
        code, what = FindingCode.REPORT_UNSIGNED, "was signed by nobody; a person signs it on its page under Reports"
    else:
        code, what = FindingCode.REPORT_MISSING, "was never written; find out why the session was not closed"
    sentence = f"The report of {last.session_date} {what} (due {wording.moment(last.due_at)})."
    limit = in_code("report_due_hour", 17)
    return (Finding(code, 42, sentence, last.session_date.isoformat(), limit, _action(governed)),)


def preflight(governed: Governed, limits: Limits) -> tuple[Finding, ...]:
    """Stop a live start without a preflight that passed, made at most 15 minutes before it or since.

    Raises Unjudgeable where it is not known when trading begins.
    """
    if governed.mode != LIVE:
        return ()
    if governed.start_at is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: when trading begins.")
    made, limit = governed.preflight_at, in_code("preflight_seconds", int(PREFLIGHT_LASTS.total_seconds()))
    if made is None or made < governed.start_at - PREFLIGHT_LASTS:
        sentence = f"no preflight ran within {wording.span(limit.value)} before the start of trading: run it"
        return (Finding(FindingCode.PREFLIGHT_OLD, 47, sentence, _when(made), limit, Action.H1),)
    if not governed.preflight_passed:
        sentence = f"the latest preflight ({made:%Y-%m-%d %H:%M} UTC) is red: run it again"
        return (Finding(FindingCode.PREFLIGHT_RED, 47, sentence, _when(made), limit, Action.H1),)
    return ()


def drill(governed: Governed, limits: Limits) -> tuple[Finding, ...]:
    """Stop a live start, and warn of a paper one, when the emergency stop was not proved at a broker lately."""
    lasts, made = DRILL_LASTS[governed.mode], governed.drilled_at
    limit = in_code("drill_days", lasts.days)
    if made is not None and governed.now - made <= lasts:
        return ()
    told = f"was last exercised at {wording.moment(made)}" if made else "was never exercised"
    sentence = f"The emergency stop {told}; it is due every {lasts.days} days. Run manage.py drill on a paper account."
    return (Finding(FindingCode.DRILL_OLD, 50, sentence, _when(made), limit, _action(governed)),)


def _action(governed: Governed) -> Action:
    return Action.H1 if governed.mode == LIVE else Action.WARN


def _when(at: datetime | None) -> str:
    return at.isoformat() if at else "never"
