"""Orders meet the market: one minute bar, the quote of this moment, or a closing auction.

Orders of different accounts compete for the same volume in price-time order; they trade with the tape, not with each
other. What may fill here per bar and symbol is bounded by the tape's liquidity.
"""

import heapq
from dataclasses import dataclass
from decimal import Decimal

from trading.venue import matching
from trading.venue.lifecycle import Lifecycle
from trading.venue.market import Bar
from trading.venue.matching import BarPath, Touch
from trading.venue.tape import SymbolTape, Tape
from trading.venue.values import ZERO, VenueOrder
from trading.venue.words import OrderStatus, OrderType, TimeInForce

_AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK, TimeInForce.OPG})
_Entry = tuple[Decimal, Decimal, int, VenueOrder, Touch]


@dataclass(frozen=True, slots=True)
class Minute:
    """One bar to be matched, in the regular session or around it."""

    bar: Bar
    is_regular: bool

    def admits(self, order: VenueOrder) -> bool:
        if order.time_in_force is TimeInForce.CLS:
            return False
        return self.is_regular or order.extended_hours


class Crossing:
    """Matches working orders and books what fills."""

    def __init__(self, lifecycle: Lifecycle, tape: Tape) -> None:
        self.lifecycle = lifecycle
        self.tape = tape

    def minute(self, minute: Minute) -> None:
        """Walk the bar's path and fill, elect and activate in the order in which prices are met."""
        book = self.lifecycle.books.get(minute.bar.symbol)
        if not book:
            return
        tape, path = self.tape.of(minute.bar.symbol), BarPath(minute.bar)
        waiting: list[_Entry] = []
        admitted = [order for order in book.values() if minute.admits(order)]
        for order in admitted:
            self._line_up(waiting, order, path, ZERO)
        while waiting:
            _, _, _, order, touch = heapq.heappop(waiting)
            if not order.is_open or (order.time_in_force is TimeInForce.OPG and touch.at > ZERO):
                continue
            if matching.awaits_trigger(order):
                self.lifecycle.elect(order)
                self._line_up(waiting, order, path, touch.at)
                continue
            for live in self._trade(order, touch.price, tape):
                self._line_up(waiting, live, path, touch.at)
        self._end_hasty(admitted)

    def at_quote(self, order: VenueOrder) -> None:
        """Match an order that has just become live against the current quote and what is left of the last bar."""
        tape, quote = self.tape.of(order.symbol), self.tape.quote(order.symbol)
        before_first_bar = tape.today is None and tape.liquidity == ZERO
        if quote is None or tape.last is None or before_first_bar:
            return
        if order.type is OrderType.TRAILING_STOP and order.hwm is None:
            self._set_mark(order, tape.last)
        if matching.awaits_trigger(order):
            if not matching.is_triggered_by(order, tape.last):
                return
            self.lifecycle.elect(order)
        price = matching.against_quote(order, quote)
        if price is not None and order.is_open and order.time_in_force not in (TimeInForce.OPG, TimeInForce.CLS):
            for live in self._trade(order, price, tape):
                self.at_quote(live)
        self._end_hasty([order], opening=False)

    def closing(self, symbol: str) -> None:
        """The closing auction: cls orders trade at the last price, then what is left of them expires."""
        tape = self.tape.of(symbol)
        orders = [
            order for order in self.lifecycle.books.get(symbol, {}).values() if order.time_in_force is TimeInForce.CLS
        ]
        for order in orders:
            limit, last = matching.working_limit(order), tape.today.close if tape.today else None
            if last is not None and (limit is None or (limit - last) * order.side.sign >= ZERO):
                self._trade(order, last, tape)
            if order.is_open:
                self.lifecycle.expire(order)

    def _line_up(self, waiting: list[_Entry], order: VenueOrder, path: BarPath, after: Decimal) -> None:
        touch = self._next_touch(order, path, after)
        if touch is not None:
            heapq.heappush(waiting, (touch.at, matching.rank(order, touch), order.sequence, order, touch))

    def _next_touch(self, order: VenueOrder, path: BarPath, after: Decimal) -> Touch | None:
        if not matching.awaits_trigger(order):
            return matching.execution(order, path, after)
        if order.type is not OrderType.TRAILING_STOP:
            return matching.trigger(order, path, after)
        mark, touch = matching.trail(order, path, after)
        self._set_mark(order, mark)
        return touch

    def _set_mark(self, order: VenueOrder, mark: Decimal) -> None:
        order.hwm, order.stop_price = mark, matching.trailing_stop_price(order, mark)

    def _trade(self, order: VenueOrder, price: Decimal, tape: SymbolTape) -> list[VenueOrder]:
        if tape.liquidity == ZERO or tape.paused:
            return []
        paid = matching.on_tick(price, order.side)
        self.lifecycle.fix_shares(order, paid)
        qty = matching.fillable(order, tape.liquidity)
        if qty <= ZERO or (order.time_in_force is TimeInForce.FOK and qty < order.remaining):
            return []
        tape.liquidity -= qty
        return self.lifecycle.fill(order, qty, paid)

    def _end_hasty(self, orders: list[VenueOrder], *, opening: bool = True) -> None:
        """What could not trade at once is over for ioc and fok, and after the opening bar for opg."""
        for order in orders:
            hasty = order.time_in_force in _AT_ONCE and (opening or order.time_in_force is not TimeInForce.OPG)
            if hasty and order.is_open and order.status is not OrderStatus.HELD:
                self.lifecycle.cancel(order)
