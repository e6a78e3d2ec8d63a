"""Controls 13, 15, 17, 18, 19, 38 and 43: is the price right, the quote fresh, the symbol allowed, the session open?"""

from datetime import timedelta
from decimal import Decimal

from risk import wording
from risk.exposure import Denial, DenialCode, Quote
from risk.pre_trade.case import ONE, Case, denial, in_seconds, missing, positive

LARGE_DOLLAR_VOLUME = Decimal(500_000_000)
"""USD traded per day from which a stock counts as large, and always when nobody knows: the stricter collar."""

EVERY_SYMBOL = "*"
"""Key of Exposure.blocked_symbols that blocks them all."""

_CLOCK_SLACK = timedelta(seconds=1)


def collar(case: Case) -> Denial | None:
    """Deny a price far from the quote's middle, and any price while the middle has moved far within five minutes."""
    middle = case.middle
    proposed, instrument = case.proposed, case.exposure.instrument
    price = proposed.limit_price or proposed.stop_price or proposed.reference_price
    volume = instrument.average_volume if instrument else None
    large = volume is None or not volume.is_finite() or volume * middle >= LARGE_DOLLAR_VOLUME
    limit = case.limits["collar_large_fraction" if large else "collar_fraction"]
    price = positive(price, "the order's price")
    if abs(price - middle) > limit.value * middle:
        away = abs(price - middle) / middle
        sentence = (
            f"The price {wording.price(price)} is {wording.percent(away)} from the quote's middle"
            f" {wording.price(middle)}; at most {wording.percent(limit.value)} is allowed."
        )
        return denial(DenialCode.PRICE_OFF_COLLAR, sentence, away, limit)
    before = positive(case.exposure.mid_before, f"the price of {proposed.symbol} five minutes ago")
    limit = case.limits["drift_fraction"]
    if abs(middle - before) > limit.value * before:
        drift = abs(middle - before) / before
        sentence = (
            f"{proposed.symbol} moved {wording.percent(drift)} within five minutes;"
            f" at most {wording.percent(limit.value)} is allowed."
        )
        return denial(DenialCode.PRICE_DRIFTED, sentence, drift, limit)
    return None


def quote(case: Case) -> Denial | None:
    """Deny a stale, crossed, foreign or future quote, and a wide spread."""
    seen = _quote(case)
    if seen.symbol != case.proposed.symbol:
        return denial(DenialCode.QUOTE_INVALID, f"The quote is of {seen.symbol}.", seen.symbol)
    middle, age = case.middle, case.exposure.market_now - seen.at
    if seen.bid > seen.ask:
        sentence = f"The quote is crossed: bid {wording.price(seen.bid)} above ask {wording.price(seen.ask)}."
        return denial(DenialCode.QUOTE_INVALID, sentence, f"{seen.bid} / {seen.ask}")
    if age < -_CLOCK_SLACK:
        when = wording.moment(seen.at)
        return denial(DenialCode.QUOTE_INVALID, f"The quote is of a time to come, {when}.", when)
    limit = case.limits["quote_age_seconds"]
    if in_seconds(age) > limit.value:
        old = wording.span(age.total_seconds())
        sentence = f"The quote is {old} old; at most {wording.span(limit.value)} is allowed."
        return denial(DenialCode.QUOTE_STALE, sentence, old, limit)
    limit = case.limits["spread_fraction"]
    if seen.ask - seen.bid > limit.value * middle:
        spread = (seen.ask - seen.bid) / middle
        sentence = f"The spread is {wording.percent(spread)}; at most {wording.percent(limit.value)} is allowed."
        return denial(DenialCode.QUOTE_WIDE, sentence, spread, limit)
    return None


def allow_list(case: Case) -> Denial | None:
    """Deny a symbol that two people have not put on the list, or that is no plain, tradable, listed stock."""
    symbol, instrument = case.proposed.symbol, case.exposure.instrument
    allowed = case.limits.by_name.get("allowed")
    if allowed is None or allowed.value < ONE:
        sentence = f"{symbol} is not on the allow-list; two people may add it."
        return denial(DenialCode.SYMBOL_NOT_ALLOWED, sentence, symbol, allowed)
    if instrument is None or instrument.tradable is None or instrument.leveraged is None or not instrument.exchange:
        raise missing(f"what {symbol} is: tradable, leveraged, exchange")
    if instrument.symbol != symbol:
        return denial(DenialCode.ORDER_MALFORMED, f"The facts are of {instrument.symbol}.", instrument.symbol)
    if not instrument.tradable:
        return denial(DenialCode.SYMBOL_NOT_TRADABLE, f"{symbol} is not tradable at the broker now.", symbol)
    if instrument.leveraged:
        return denial(DenialCode.SYMBOL_LEVERAGED, f"{symbol} is a leveraged or inverse fund.", symbol)
    if instrument.exchange.upper() == "OTC":
        return denial(DenialCode.SYMBOL_OTC, f"{symbol} trades over the counter.", instrument.exchange)
    return None


def restricted(case: Case) -> Denial | None:
    """Deny a symbol on the restriction list, or near a corporate action or earnings."""
    instrument = case.exposure.instrument
    if instrument is None:
        raise missing(f"whether {case.proposed.symbol} is restricted")
    if instrument.restricted:
        return denial(
            DenialCode.SYMBOL_RESTRICTED, f"{case.proposed.symbol} is restricted today.", case.proposed.symbol
        )
    return None


def session(case: Case) -> Denial | None:
    """Deny outside the regular session, too soon after its open and too near to its close."""
    window, now = case.exposure.session, case.exposure.market_now
    if case.proposed.extended_hours:
        return denial(DenialCode.SESSION_EXTENDED, "Entries are for the regular session only.", "extended hours")
    if window is None:
        raise missing("the session of the moment")
    if not window.is_open:
        return denial(DenialCode.SESSION_CLOSED, "The market is closed.", wording.moment(now))
    if window.open_at is None or window.close_at is None:
        raise missing("when the session opens and closes")
    limit = case.limits["session_open_delay_seconds"]
    if in_seconds(now - window.open_at) < limit.value:
        sentence = f"Entries begin {wording.span(limit.value)} after the open at {wording.clock(window.open_at)}."
        return denial(DenialCode.SESSION_TOO_EARLY, sentence, wording.clock(now), limit)
    limit = case.limits["session_close_buffer_seconds"]
    if in_seconds(window.close_at - now) < limit.value:
        sentence = f"Entries end {wording.span(limit.value)} before the close at {wording.clock(window.close_at)}."
        return denial(DenialCode.SESSION_TOO_LATE, sentence, wording.clock(now), limit)
    return None


def blocked_symbol(case: Case) -> Denial | None:
    """Deny a symbol that waits for an unknown order or a reconciliation break to be settled."""
    blocked = case.exposure.blocked_symbols
    why = blocked.get(case.proposed.symbol, blocked.get(EVERY_SYMBOL))
    if why is None:
        return None
    return denial(DenialCode.SYMBOL_BLOCKED, f"{case.proposed.symbol} is blocked: {why}", why)


def paused(case: Case) -> Denial | None:
    """Deny an entry while the exchange pauses or halts the symbol; what reduces a holding may wait there."""
    if case.exposure.instrument is None:
        raise missing(f"whether {case.proposed.symbol} is paused")
    why = case.exposure.instrument.paused
    if not why:
        return None
    return denial(DenialCode.SYMBOL_PAUSED, f"The exchange pauses {case.proposed.symbol}: {why}.", why)


def _quote(case: Case) -> Quote:
    if case.exposure.quote is None:
        raise missing(f"a quote of {case.proposed.symbol}")
    return case.exposure.quote
