"""Control 26: are the order's words known and its numbers numbers? Everything after it may rely on that."""

from decimal import Decimal

from risk.exposure import Denial, DenialCode, ProposedOrder
from risk.pre_trade.case import ONE, Case, denial
from risk.pre_trade.totals import NOTHING
from risk.standing import ENTRY, REDUCING

_ORDER_TYPES = frozenset({"market", "limit", "stop", "stop_limit", "trailing_stop"})
_SIDES = frozenset({"buy", "sell"})
_PURPOSES = REDUCING | {ENTRY}
_CENT, _HUNDREDTH_CENT = Decimal("0.01"), Decimal("0.0001")


def sanity(case: Case) -> Denial | None:
    """Deny unknown words, NaN, infinity, zero, negatives, both or neither of quantity and amount, off tick, off lot."""
    return _words(case.proposed) or _size(case.proposed) or _prices(case.proposed)


def _words(proposed: ProposedOrder) -> Denial | None:
    known = (
        ("side", proposed.side, _SIDES),
        ("purpose", proposed.purpose, _PURPOSES),
        ("order type", proposed.order_type, _ORDER_TYPES),
    )
    for what, word, allowed in known:
        if word not in allowed:
            sentence = f"The {what} {word!r} is not one of {', '.join(sorted(allowed))}."
            return denial(DenialCode.ORDER_MALFORMED, sentence, word)
    if not proposed.symbol:
        return denial(DenialCode.ORDER_MALFORMED, "The order names no symbol.")
    if proposed.order_type in {"limit", "stop_limit"} and proposed.limit_price is None:
        return denial(DenialCode.ORDER_MALFORMED, f"A {proposed.order_type} order needs a limit price.")
    return None


def _size(proposed: ProposedOrder) -> Denial | None:
    quantity, notional = proposed.quantity, proposed.notional
    for what, figure in (("quantity", quantity), ("amount", notional)):
        if figure is not None and not (isinstance(figure, Decimal) and figure.is_finite() and figure >= NOTHING):
            return denial(DenialCode.NUMBER_INVALID, f"The {what} {figure} is not a positive number.", figure)
    if notional is not None and quantity > NOTHING:
        sentence = f"Both a quantity ({quantity}) and an amount ({notional}) are given; give one."
        return denial(DenialCode.NUMBER_AMBIGUOUS, sentence, f"{quantity}, {notional}")
    if not (notional or quantity):
        return denial(DenialCode.NUMBER_INVALID, "The order asks for nothing: give a quantity above zero.", quantity)
    # Stops attach to whole shares only, and no entry goes without one. A split may leave a fraction to sell.
    if proposed.is_entry and (notional is not None or quantity != quantity.to_integral_value()):
        sentence = "An entry is for whole shares, because a stop cannot protect a fraction."
        return denial(DenialCode.NUMBER_OFF_LOT, sentence, notional if notional is not None else quantity)
    return None


def _prices(proposed: ProposedOrder) -> Denial | None:
    prices = (
        ("limit price", proposed.limit_price),
        ("stop price", proposed.stop_price),
        ("take-profit price", proposed.take_profit_price),
        ("stop-loss price", proposed.stop_loss_price),
    )
    for what, price in prices:
        if price is None:
            continue
        if not (isinstance(price, Decimal) and price.is_finite() and price > NOTHING):
            return denial(DenialCode.NUMBER_INVALID, f"The {what} {price} is not a positive number.", price)
        tick = _CENT if price >= ONE else _HUNDREDTH_CENT
        if price % tick:
            return denial(DenialCode.NUMBER_OFF_TICK, f"The {what} {price} is not a multiple of {tick}.", price)
    reference = proposed.reference_price
    if reference is not None and not (isinstance(reference, Decimal) and reference.is_finite() and reference > NOTHING):
        return denial(
            DenialCode.NUMBER_INVALID, f"The reference price {reference} is not a positive number.", reference
        )
    return None
