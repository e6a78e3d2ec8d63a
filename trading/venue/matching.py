"""When and at what price an order meets the market: pure functions over one bar or one quote.

A bar is read as a path: from the open to the nearer extreme, on to the farther one, and back to the close.
The place of a price on that path (USD travelled since the open) orders everything that happens within a minute.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from trading.venue.market import Bar, Quote
from trading.venue.values import ZERO, VenueOrder
from trading.venue.words import OrderType, Side

CENT = Decimal("0.01")
SUB_CENT = Decimal("0.0001")
FIRST = Decimal("-Infinity")
_STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})


def tick(price: Decimal) -> Decimal:
    """The price increment: a cent from one dollar up, a hundredth of a cent below."""
    return CENT if price >= 1 else SUB_CENT


def on_tick(price: Decimal, side: Side) -> Decimal:
    """The price rounded to a tick against the one who trades: up for a buyer, down for a seller."""
    return price.quantize(tick(price), ROUND_CEILING if side is Side.BUY else ROUND_FLOOR)


@dataclass(frozen=True, slots=True)
class Touch:
    """Where on the path a price is first met, and the price traded there (better than asked after a gap)."""

    at: Decimal
    price: Decimal


class BarPath:
    """The path of prices through one bar."""

    __slots__ = ("_legs", "opening")

    def __init__(self, bar: Bar) -> None:
        up_first = bar.high - bar.open <= bar.open - bar.low
        turns = (bar.high, bar.low) if up_first else (bar.low, bar.high)
        self.opening = bar.open
        legs, at, here = [], ZERO, bar.open
        for to in (*turns, bar.close):
            end = at + abs(to - here)
            legs.append((at, end, here, to))
            at, here = end, to
        self._legs = tuple(legs)

    def price_at(self, at: Decimal) -> Decimal:
        for begin, end, here, to in self._legs:
            if at <= end:
                return here + (at - begin if to > here else begin - at)
        return self._legs[-1][3]

    def falls_to(self, price: Decimal, after: Decimal = ZERO) -> Touch | None:
        """The first place at or after ``after`` where the price is at or below ``price``."""
        for begin, end, here, to in self._legs:
            if end < after:
                continue
            start = max(begin, after)
            now = here + (start - begin if to > here else begin - start)
            if now <= price:
                return Touch(start, now)
            if to <= price:
                return Touch(start + (now - price), price)
        return None

    def rises_to(self, price: Decimal, after: Decimal = ZERO) -> Touch | None:
        """The first place at or after ``after`` where the price is at or above ``price``."""
        for begin, end, here, to in self._legs:
            if end < after:
                continue
            start = max(begin, after)
            now = here + (start - begin if to > here else begin - start)
            if now >= price:
                return Touch(start, now)
            if to >= price:
                return Touch(start + (price - now), price)
        return None

    def turns_after(self, after: Decimal) -> list[tuple[Decimal, Decimal, Decimal]]:
        """The rest of the path as (place, price from, price to)."""
        rest = []
        for begin, end, here, to in self._legs:
            if end >= after:
                start = max(begin, after)
                rest.append((start, here + (start - begin if to > here else begin - start), to))
        return rest


def awaits_trigger(order: VenueOrder) -> bool:
    """Whether the order is a stop that has not been elected yet."""
    return order.type in _STOPS and not order.elected


def working_limit(order: VenueOrder) -> Decimal | None:
    """The worst price the order accepts; None for a market order.

    Alpaca turns a buy stop into a stop-limit 4 % above the stop (2.5 % from 50 USD up).
    """
    if order.type is OrderType.STOP and order.side is Side.BUY and order.stop_price is not None:
        collar = Decimal("1.04") if order.stop_price < 50 else Decimal("1.025")
        capped = order.stop_price * collar
        return capped.quantize(tick(capped), ROUND_FLOOR)
    return order.limit_price


def trailing_stop_price(order: VenueOrder, hwm: Decimal) -> Decimal:
    """The stop that follows from a high (sell) or low (buy) water mark, on a tick."""
    distance = order.trail_price if order.trail_price is not None else hwm * (order.trail_percent or ZERO) / 100
    stop = hwm - distance * order.side.opposite.sign
    return stop.quantize(tick(stop), ROUND_HALF_UP)


def trail(order: VenueOrder, path: BarPath, after: Decimal = ZERO) -> tuple[Decimal, Touch | None]:
    """Move a trailing stop along the path: its new water mark, and where it was elected if it was."""
    turns = path.turns_after(after)
    hwm = order.hwm if order.hwm is not None else turns[0][1]
    selling = order.side is Side.SELL
    better = max if selling else min
    for place, here, to in turns:
        hwm = better(hwm, here)
        stop = trailing_stop_price(order, hwm)
        if (here <= stop) if selling else (here >= stop):
            return hwm, Touch(place, here)
        if (to <= stop) if selling else (to >= stop):
            return hwm, Touch(place + abs(here - stop), stop)
        hwm = better(hwm, to)
    return hwm, None


def trigger(order: VenueOrder, path: BarPath, after: Decimal = ZERO) -> Touch | None:
    """Where a waiting stop or stop-limit is elected."""
    if order.stop_price is None:
        return None
    reach = path.rises_to if order.side is Side.BUY else path.falls_to
    return reach(order.stop_price, after)


def execution(order: VenueOrder, path: BarPath, after: Decimal = ZERO) -> Touch | None:
    """Where an order that is not waiting for a trigger can trade."""
    limit = working_limit(order)
    if limit is None:
        return Touch(after, path.price_at(after))
    reach = path.falls_to if order.side is Side.BUY else path.rises_to
    return reach(limit, after)


def rank(order: VenueOrder, touch: Touch) -> Decimal:
    """Price priority at one place of the path, smaller first: market orders, then the better limit."""
    limit = working_limit(order)
    if limit is None or awaits_trigger(order):
        return FIRST
    return (touch.price - limit) * order.side.sign


def against_quote(order: VenueOrder, quote: Quote) -> Decimal | None:
    """The price at which the order trades against the quote now; None where it has to wait."""
    far = quote.ask if order.side is Side.BUY else quote.bid
    limit = working_limit(order)
    if limit is None or (far <= limit if order.side is Side.BUY else far >= limit):
        return far
    return None


def is_triggered_by(order: VenueOrder, last: Decimal) -> bool:
    """Whether the last trade elects a waiting stop."""
    if order.stop_price is None:
        return False
    return last >= order.stop_price if order.side is Side.BUY else last <= order.stop_price


def fillable(order: VenueOrder, liquidity: Decimal) -> Decimal:
    """Shares that may fill out of ``liquidity``; an order for whole shares fills in whole shares."""
    remaining = order.remaining
    if remaining == remaining.to_integral_value():
        liquidity = liquidity.to_integral_value(ROUND_FLOOR)
    return min(remaining, liquidity)
