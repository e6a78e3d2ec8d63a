"""From a target to an order's figures: shares by risk and by caps, and prices on the venue's ticks.

Every rounding is to the safe side: shares down, a stop toward the entry, a limit toward us.
"""

from dataclasses import dataclass, fields
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from trading.targets import Target

_ONE = Decimal(1)
_TICK_ABOVE = Decimal("0.01")
_TICK_BELOW = Decimal("0.0001")


class UnableToSize(ValueError):
    """Figures no order can be sized by; the sentence names the figure and its range."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What an entry in one symbol must stay within.

    `held` is shares already there or on their way (filled + open + in flight), `buying_power` USD after reserves.
    Raises `UnableToSize` for a figure that is not finite.
    """

    max_position_fraction: Decimal
    buying_power: Decimal
    held: Decimal = Decimal(0)
    max_order_value: Decimal | None = None
    max_shares: Decimal | None = None

    def __post_init__(self) -> None:
        for cap in fields(self):
            value = getattr(self, cap.name)
            if value is not None and not value.is_finite():
                raise UnableToSize(f"The cap {cap.name} is {value}; it must be a finite number.")


@dataclass(frozen=True, slots=True)
class Size:
    """An order worth proposing: unsigned whole lots and prices on ticks. An exit carries no protective prices.

    `risk` is the USD lost should the stop fill at its price; `bound_by` is the cap that set the quantity, in words.
    """

    symbol: str
    side: Literal["buy", "sell"]
    quantity: Decimal
    limit_price: Decimal
    stop_price: Decimal | None
    take_profit_price: Decimal | None
    risk: Decimal
    bound_by: str


@dataclass(frozen=True, slots=True)
class NoSize:
    """No order, and why, in a sentence for a person."""

    symbol: str
    reason: str


def tick(price: Decimal) -> Decimal:
    """Smallest price step in USD: 0.01 from $1, 0.0001 below (Reg NMS rule 612, and Alpaca's order rules)."""
    return _TICK_ABOVE if price >= _ONE else _TICK_BELOW


def floor_to_tick(price: Decimal) -> Decimal:
    """The highest price on a tick that is not above `price`."""
    return price.quantize(tick(price), ROUND_FLOOR)


def ceil_to_tick(price: Decimal) -> Decimal:
    """The lowest price on a tick that is not below `price`."""
    return price.quantize(tick(price), ROUND_CEILING)


def marketable_limit(side: Literal["buy", "sell"], price: Decimal, offset: Decimal) -> Decimal:
    """A limit that fills now at `price` and gives way by no more than `offset`, a fraction, except to reach a tick."""
    _positive("price", price)
    if side == "buy":
        return max(floor_to_tick(price * (_ONE + offset)), ceil_to_tick(price))
    return max(min(ceil_to_tick(price * (_ONE - offset)), floor_to_tick(price)), _TICK_BELOW)


def stop_below(entry: Decimal, fraction: Decimal) -> Decimal:
    """Stop price for a long entry, rounded toward the entry so that it never risks more than `fraction`."""
    return ceil_to_tick(entry * (_ONE - fraction))


def target_above(entry: Decimal, fraction: Decimal) -> Decimal:
    """Take-profit price for a long entry, rounded toward the entry so that it is reached no later than asked."""
    return floor_to_tick(entry * (_ONE + fraction))


def size(
    target: Target,
    *,
    equity: Decimal,
    price: Decimal,
    risk_fraction: Decimal,
    caps: Caps,
    offset: Decimal = Decimal("0.001"),
    lot: Decimal = _ONE,
) -> Size | NoSize:
    """The order that brings `caps.held` to `target`, or why there is none.

    An entry risks at most `equity × risk_fraction × strength` between its limit and its stop; `price` is what one share
    costs now, `offset` how far the limit gives way, `lot` the step of the quantity. An exit sells all that is held.
    Raises `UnableToSize`.
    """
    for name, value in (("equity", equity), ("price", price), ("lot", lot)):
        _positive(name, value)
    if not risk_fraction.is_finite() or not 0 < risk_fraction < 1:
        raise UnableToSize(f"risk_fraction is {risk_fraction}; it must be above 0 and below 1.")
    if target.direction == "flat":
        return _exit(target, price, caps, offset, lot)
    return _entry(target, equity, price, risk_fraction, caps, offset, lot)


def _exit(target: Target, price: Decimal, caps: Caps, offset: Decimal, lot: Decimal) -> Size | NoSize:
    quantity = _floor(caps.held, lot)
    if quantity <= 0:
        return NoSize(target.symbol, f"Nothing to sell: {caps.held:f} shares of {target.symbol} are held.")
    limit = marketable_limit("sell", price, offset)
    return Size(target.symbol, "sell", quantity, limit, None, None, Decimal(0), "all that is held")


def _entry(
    target: Target,
    equity: Decimal,
    price: Decimal,
    risk_fraction: Decimal,
    caps: Caps,
    offset: Decimal,
    lot: Decimal,
) -> Size | NoSize:
    if target.stop_loss is None or target.take_profit is None:
        return NoSize(target.symbol, "The target has no stop loss or take profit; no entry goes without both.")
    limit = marketable_limit("buy", price, offset)
    stop, profit = stop_below(limit, target.stop_loss), target_above(limit, target.take_profit)
    # A bracket's legs must lie at least a tick either side of the limit, or the broker refuses the whole order.
    if stop >= limit or profit <= limit:
        return NoSize(target.symbol, f"At {limit} the stop {stop} and target {profit} leave no tick either side.")
    per_share = limit - stop
    rooms = _rooms(target, equity, limit, caps)
    budget = equity * risk_fraction * target.strength
    rooms.append((budget / per_share, f"risk of {budget:.2f} USD at {per_share} USD a share"))
    room, bound_by = min(rooms, key=lambda entry: entry[0])
    quantity = _floor(room, lot)
    if quantity <= 0:
        return NoSize(target.symbol, f"Less than one lot of {lot:f} at {limit} USD: bound by {bound_by}.")
    return Size(target.symbol, "buy", quantity, limit, stop, profit, quantity * per_share, bound_by)


def _rooms(target: Target, equity: Decimal, limit: Decimal, caps: Caps) -> list[tuple[Decimal, str]]:
    """Shares each cap leaves room for, with the cap in words."""
    value = equity * caps.max_position_fraction
    rooms = [
        (value / limit - caps.held, f"position cap of {value:.2f} USD with {caps.held:f} shares held"),
        (caps.buying_power / limit, f"buying power of {caps.buying_power:.2f} USD"),
    ]
    if caps.max_order_value is not None:
        rooms.append((caps.max_order_value / limit, f"order cap of {caps.max_order_value:.2f} USD"))
    if caps.max_shares is not None:
        rooms.append((caps.max_shares, f"cap of {caps.max_shares:f} shares in {target.symbol}"))
    return rooms


def _floor(quantity: Decimal, lot: Decimal) -> Decimal:
    return (quantity / lot).to_integral_value(ROUND_FLOOR) * lot


def _positive(name: str, value: Decimal) -> None:
    if not value.is_finite() or value <= 0:
        raise UnableToSize(f"{name} is {value}; it must be a finite number above 0.")
