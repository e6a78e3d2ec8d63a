"""Controls 22, 23 and 24: a stop with every entry, cash left over, and nothing sold that is not held."""

from decimal import Decimal

from risk import wording
from risk.exposure import Denial, DenialCode
from risk.pre_trade.case import ONE, Case, denial, number, positive
from risk.pre_trade.totals import NOTHING, PROTECTIVE

_CARRIES_STOP = frozenset({"bracket", "oto"})


def stop(case: Case) -> Denial | None:
    """Deny an entry whose stop is absent, on the wrong side, or not within its distance from the price."""
    proposed = case.proposed
    price_of_stop = proposed.stop_loss_price
    if price_of_stop is None or proposed.order_class not in _CARRIES_STOP:
        return denial(DenialCode.STOP_MISSING, "The entry carries no stop loss; send it as a bracket.")
    price = case.price
    away = price - price_of_stop if proposed.side == "buy" else price_of_stop - price
    if away <= NOTHING:
        sentence = f"The stop {wording.price(price_of_stop)} is on the wrong side of the price {wording.price(price)}."
        return denial(DenialCode.STOP_WRONG_SIDE, sentence, price_of_stop)
    nearest, farthest = case.limits["stop_min_fraction"], case.limits["stop_max_fraction"]
    if away < nearest.value * price:
        distance = away / price
        sentence = (
            f"The stop is {wording.percent(distance)} away; it must be at least {wording.percent(nearest.value)}."
        )
        return denial(DenialCode.STOP_TOO_NEAR, sentence, distance, nearest)
    if away > farthest.value * price:
        distance = away / price
        sentence = (
            f"The stop is {wording.percent(distance)} away; at most {wording.percent(farthest.value)} is allowed."
        )
        return denial(DenialCode.STOP_TOO_FAR, sentence, distance, farthest)
    return None


def cash(case: Case) -> Denial | None:
    """Deny when cash or buying power, less all that working entries may still take, would not carry the order.

    The broker's buying power may already be less the orders it knows of; counting them twice errs to the safe side.
    """
    exposure, taken = case.exposure, case.priced.reserved + case.value
    limit = case.limits["cash_buffer_fraction"]
    left = number(exposure.cash, "the account's cash") - taken
    if left < limit.value * case.equity:
        sentence = (
            f"{wording.usd(left)} of cash would be left, {wording.percent(left / case.equity)} of equity;"
            f" at least {wording.percent(limit.value)} must stay."
        )
        return denial(DenialCode.CASH_BUFFER_BROKEN, sentence, left / case.equity, limit)
    power = number(exposure.buying_power, "the account's buying power")
    if taken > power:
        sentence = (
            f"Working entries and this order need {wording.usd(taken)}; the buying power is {wording.usd(power)}."
        )
        return denial(DenialCode.CASH_POWER_SHORT, sentence, power)
    return None


def long_only(case: Case) -> Denial | None:
    """Deny a short sale, an entry while the broker would still allow one, and an exit of more than is held."""
    proposed, exposure = case.proposed, case.exposure
    if not proposed.is_entry:
        return _reduces(case)
    limit = case.limits["long_only"]
    if limit.value < ONE:
        return None
    if proposed.side == "sell":
        return denial(DenialCode.SHORT_REFUSED, "The robot sells only what it holds.", proposed.side, limit)
    if exposure.shorting_enabled:
        sentence = "The broker still allows short sales on this account; set no_shorting to true there."
        return denial(DenialCode.SHORT_OPEN_AT_BROKER, sentence, "shorting enabled", limit)
    return None


def _reduces(case: Case) -> Denial | None:
    proposed = case.proposed
    holding = case.exposure.holding(proposed.symbol)
    held = number(holding.quantity, "the quantity held") if holding else NOTHING
    closes = held > NOTHING if proposed.side == "sell" else held < NOTHING
    available = abs(held) - _leaving(case) if closes else NOTHING
    if _shares(case) <= available:
        return None
    sentence = (
        f"The {proposed.purpose} would {proposed.side} {wording.count(proposed.quantity)} {proposed.symbol},"
        f" but only {wording.count(available)} of the {wording.count(abs(held))} held are free to leave."
    )
    seen = f"held {wording.count(held)}, free {wording.count(available)}"
    return denial(DenialCode.EXIT_EXCEEDS_HOLDING, sentence, seen)


def _leaving(case: Case) -> Decimal:
    """Shares that other working exits already take. Stops and targets guard the same shares and do not count."""
    proposed = case.proposed
    if proposed.purpose in PROTECTIVE:
        return NOTHING
    return case.totals.leaving.get((proposed.symbol, proposed.side), NOTHING)


def _shares(case: Case) -> Decimal:
    if case.proposed.notional is None:
        return case.proposed.quantity
    return positive(case.proposed.notional, "the order's amount") / case.price
