"""Monitors 30 and 31: what was lost today, this week, and since the peak, with transfers taken out."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from risk import wording
from risk.at_trade.values import Action, Alarm, AlarmCode, Track, Watched
from risk.exposure import DenialCode
from risk.standing import LimitInForce, Limits, Unjudgeable

ONE = Decimal(1)
_DIGITS = Decimal("0.000000000001")


def day(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Warn, halt entries, or close everything, by the loss since the last close; the gravest alone.

    Day loss = (last equity + transfers - equity) / last equity: a deposit is no profit, a withdrawal no loss.
    """
    last, lost = _figures(watched)
    steps = (
        ("day_loss_flatten_fraction", AlarmCode.LOSS_DAY_FLATTENED, Action.H3, "every position is closed"),
        ("day_loss_fraction", AlarmCode.LOSS_DAY_HALTED, Action.H1, "entries stop"),
        ("day_loss_warn_fraction", AlarmCode.LOSS_DAY_WARNED, Action.WARN, "a warning is due"),
    )
    for name, code, action, consequence in steps:
        limit = limits[name]
        if lost >= limit.value * last:
            share = lost / last
            sentence = (
                f"The account has lost {wording.percent(share)} today ({wording.usd(round(lost, 2))});"
                f" from {wording.percent(limit.value)} on {consequence}."
            )
            return (_alarm(code, 30, sentence, share, limit, action, watched.session_date),)
    return ()


def longer(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Halt entries by the loss of the week, cancel them by the drawdown from the peak."""
    track = watched.track
    if track is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: how the account did before today.")
    alarms = []
    week, drawdown = ONE - track.index / track.week_index, ONE - track.index / track.peak_index
    limit = limits["week_loss_fraction"]
    if week >= limit.value:
        sentence = (
            f"The account has lost {wording.percent(week)} this week; entries stop at {wording.percent(limit.value)}."
        )
        alarms.append(_alarm(AlarmCode.LOSS_WEEK_HALTED, 31, sentence, week, limit, Action.H1, track.week))
    limit = limits["drawdown_fraction"]
    if drawdown >= limit.value:
        sentence = (
            f"The account is {wording.percent(drawdown)} below its peak of {track.peak_date};"
            f" working entries are canceled at {wording.percent(limit.value)}."
        )
        alarms.append(_alarm(AlarmCode.DRAWDOWN_HALTED, 31, sentence, drawdown, limit, Action.H2, track.peak_date))
    return tuple(alarms)


def advance(
    track: Track | None,
    *,
    session_date: date,
    equity: Decimal,
    last_equity: Decimal,
    transfers: Decimal,
    settled: Decimal | None = None,
) -> Track:
    """Carry the index on to what the broker says now; figures in USD, all finite, `last_equity` above zero.

    A session is over when the broker names another equity at the last close, and is closed at that figure. `transfers`
    came since that close; `settled` came between the close before and it: what was seen in the session if not given.
    """
    today = ONE + (equity - transfers - last_equity) / last_equity
    monday = session_date - timedelta(days=session_date.weekday())
    if track is None:
        index = _short(today)
        peak = max(ONE, index)
        return Track(session_date, last_equity, transfers, ONE, index, monday, ONE, peak, session_date)
    if session_date < track.session_date:
        return track
    closed, before = track.closed, track.index
    if last_equity != track.base_equity:
        paid = track.transfers if settled is None else settled
        closed = _short(closed * (ONE + (last_equity - paid - track.base_equity) / track.base_equity))
        before = closed
    index = _short(closed * today)
    moved = replace(
        track, session_date=session_date, base_equity=last_equity, transfers=transfers, closed=closed, index=index
    )
    if monday > track.week:
        moved = replace(moved, week=monday, week_index=before)
    peak = max(closed, index)
    return replace(moved, peak_index=peak, peak_date=session_date) if peak > track.peak_index else moved


def _figures(watched: Watched) -> tuple[Decimal, Decimal]:
    """Equity at the last close, and what was lost since then (negative is a gain). Raises Unjudgeable."""
    last, equity, moved = watched.last_equity, watched.equity, watched.transfers
    if last is None or equity is None or moved is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: the account's equity, now and at the last close.")
    if not (last.is_finite() and equity.is_finite() and moved.is_finite()) or last <= 0:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "The account's equity is no number above zero.")
    return last, last + moved - equity


def _short(index: Decimal) -> Decimal:
    # Kept in a column; never zero or below, so that it can be divided by. At such an index every limit has spoken.
    return max(index.quantize(_DIGITS), _DIGITS)


def _alarm(
    code: AlarmCode, control: int, sentence: str, seen: Decimal, limit: LimitInForce, action: Action, once: date
) -> Alarm:
    return Alarm(code, control, sentence, f"{seen:.6f}", limit, action, once_since=once)
