"""Controls 14, 16 and 21: is it the right kind of order, is there a market for it, would it trade with ourselves?"""

from datetime import timedelta
from decimal import Decimal

from risk import wording
from risk.exposure import Denial, DenialCode, InstrumentFacts
from risk.pre_trade.case import ONE, Case, denial, missing, positive
from risk.pre_trade.totals import GUARD

_PRICED = frozenset({"limit", "stop_limit"})
_TIMES = frozenset({"day", "gtc", "ioc", "fok"})
_COMPLEX = frozenset({"bracket", "oco", "oto"})

VOLUME_AGE = timedelta(days=7)
"""How far back the last session of the average volume may lie: the longest closing of the market, and a day more."""


def order_type(case: Case) -> Denial | None:
    """Deny an entry that names no price of its own, and one for an auction."""
    proposed = case.proposed
    limit = case.limits["market_entries"]
    if limit.value < ONE and proposed.order_type not in _PRICED:
        sentence = f"An entry must carry a limit price; a {proposed.order_type.replace('_', ' ')} order does not."
        return denial(DenialCode.ORDER_TYPE_REFUSED, sentence, proposed.order_type, limit)
    if proposed.time_in_force not in _TIMES:
        sentence = f"An entry is good for the day or until canceled, not {proposed.time_in_force or 'without a time'}."
        return denial(DenialCode.ORDER_TIME_REFUSED, sentence, proposed.time_in_force)
    return None


def liquidity(case: Case) -> Denial | None:
    """Deny a share too cheap, a stock that trades too little, and an order too large for its average day."""
    price = case.price
    limit = case.limits["price_floor_usd"]
    if price < limit.value:
        sentence = (
            f"{case.proposed.symbol} costs {wording.price(price)}; at least {wording.price(limit.value)} it must."
        )
        return denial(DenialCode.LIQUIDITY_PRICE_LOW, sentence, price, limit)
    volume = _average_volume(case)
    limit = case.limits["average_volume_usd"]
    if volume * price < limit.value:
        sentence = (
            f"{wording.usd(round(volume * price, 0))} of {case.proposed.symbol} trade on an average day;"
            f" at least {wording.usd(limit.value)} must."
        )
        return denial(DenialCode.LIQUIDITY_VOLUME_LOW, sentence, volume * price, limit)
    limit = case.limits["volume_fraction"]
    if case.value > limit.value * volume * price:
        share = case.value / price / volume
        sentence = (
            f"The order is {wording.percent(share)} of an average day's volume in {case.proposed.symbol};"
            f" at most {wording.percent(limit.value)} is allowed."
        )
        return denial(DenialCode.LIQUIDITY_SHARE_EXCEEDED, sentence, share, limit)
    return None


def self_cross(case: Case) -> Denial | None:
    """Deny an entry that could trade with an order of our own on the other side (Alpaca answers 403, wash trade).

    Stops and targets may rest there for an entry that brings its own: the broker keeps such orders apart.
    """
    proposed = case.proposed
    other = "sell" if proposed.side == "buy" else "buy"
    rests = case.totals.resting.get((proposed.symbol, other))
    if rests is None or (rests == GUARD and proposed.order_class in _COMPLEX):
        return None
    sentence = (
        f"An order of ours to {other} {proposed.symbol} ({rests}) is working; a {proposed.side} could trade with it."
    )
    return denial(DenialCode.SELF_CROSS, sentence, rests)


def _average_volume(case: Case) -> Decimal:
    facts: InstrumentFacts | None = case.exposure.instrument
    what = f"the average volume of {case.proposed.symbol}"
    if facts is None or facts.average_volume_date is None:
        raise missing(what)
    session = case.exposure.session
    today = session.session_date if session and session.session_date else case.exposure.market_now.date()
    if not timedelta(0) <= today - facts.average_volume_date <= VOLUME_AGE:
        raise missing(f"{what} of these days; the last is of {facts.average_volume_date}")
    return positive(facts.average_volume, what)
