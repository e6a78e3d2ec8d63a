"""Monitor 38: the whole market falls or is halted. What pauses one symbol alone the gate denies by itself."""

from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from risk import wording
from risk.at_trade.values import Action, Alarm, AlarmCode, Market, Move, Watched
from risk.exposure import DenialCode
from risk.standing import LimitInForce, Limits, Unjudgeable

STEPS = (
    (Decimal("0.20"), AlarmCode.MARKET_FELL_20, "trading ends for the day"),
    (Decimal("0.13"), AlarmCode.MARKET_FELL_13, "the exchanges pause again"),
    (Decimal("0.07"), AlarmCode.MARKET_FELL_7, "the exchanges pause"),
)
"""Falls of the market since its last close at which its circuit breakers act, the gravest first."""

OLDEST = timedelta(minutes=10)
"""A last price older than this (venue's clock) tells nothing of the market now."""


def market_wide(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Halt entries when the market is halted as a whole, or has fallen as far as its circuit breakers allow.

    The market is what the account's symbols are: the median of their falls since the last close. Raises Unjudgeable
    where fewer than half of them have a price that is fresh.
    """
    market = watched.market
    if market is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: how the market stands.")
    if market.halted:
        sentence = f"The market is halted as a whole ({market.halted}); entries stop."
        seen = LimitInForce("market_halted", Decimal(0), 0, "the program")
        code = AlarmCode.MARKET_HALTED
        return (Alarm(code, 38, sentence, market.halted, seen, Action.H1, once_since=watched.session_date),)
    fall = _fall(market)
    for step, code, consequence in STEPS:
        if fall >= step:
            sentence = (
                f"The market has fallen {wording.percent(fall)} since the last close; at {wording.percent(step)}"
                f" {consequence}, and entries stop."
            )
            limit = LimitInForce("market_fall_fraction", step, 0, "the program")
            return (Alarm(code, 38, sentence, f"{fall:.6f}", limit, Action.H1, once_since=watched.session_date),)
    return ()


def _fall(market: Market) -> Decimal:
    falls = [(each.before - each.last) / each.before for each in market.moves if _is_fresh(each, market.now)]  # type: ignore[operator]
    if not falls and market.now - market.opened_at <= OLDEST:
        return Decimal(0)  # the session has just begun and told no price yet
    if not falls or len(falls) * 2 < len(market.moves):
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: how far the market has fallen; its prices are old.")
    return median(falls)


def _is_fresh(move: Move, now: datetime) -> bool:
    figures = (move.before, move.last)
    known = all(each is not None and each.is_finite() and each > 0 for each in figures)
    return known and move.at is not None and timedelta(0) <= now - move.at <= OLDEST
