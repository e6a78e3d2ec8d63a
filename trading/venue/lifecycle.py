"""The life of an order: every change of status, and the event that tells of it, is made here and nowhere else."""

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from trading.venue import classes, margin
from trading.venue.accounts import VenueAccount
from trading.venue.values import ZERO, Clock, Execution, VenueEvent, VenueOrder
from trading.venue.words import EventName, OrderStatus

NEW_YORK = ZoneInfo("America/New_York")
NANO = Decimal("0.000000001")
Listener = Callable[[VenueEvent], None]


class Lifecycle:
    """Moves orders of all accounts and tells listeners. ``books`` holds, by symbol, the orders live in the market."""

    def __init__(self, clock: Clock, ids: Callable[[], UUID]) -> None:
        self.clock = clock
        self.ids = ids
        self.accounts: dict[str, VenueAccount] = {}
        self.books: dict[str, dict[str, VenueOrder]] = {}
        self.listeners: list[Listener] = []
        self._sequence = 0

    def new_id(self) -> str:
        return str(self.ids())

    def forget(self, listener: Listener) -> None:
        """Tell a listener no more; one that is not there is no matter."""
        if listener in self.listeners:
            self.listeners.remove(listener)

    def accept(self, order: VenueOrder) -> None:
        """Put an order and its legs on the account's books; outside hours it is queued, legs wait ``held``."""
        account = self.accounts[order.account]
        account.register(order)
        for leg in order.legs:
            account.register(leg)
        queued = order.status is OrderStatus.ACCEPTED
        self._tell(order, EventName.ACCEPTED if queued else EventName.PENDING_NEW)

    def route(self, order: VenueOrder) -> None:
        """Make an order live in the market. It takes its place in time now."""
        order.status = OrderStatus.NEW
        self._sequence += 1
        order.sequence = self._sequence
        self.books.setdefault(order.symbol, {})[order.id] = order
        self._touch(order)
        self._tell(order, EventName.NEW, execution_id=self.new_id())
        for twin in classes.working_twins(order):
            self.route(twin)

    def elect(self, order: VenueOrder) -> None:
        """A stop has been triggered; it works on as a market or limit order."""
        order.elected = True
        self._touch(order)

    def fill(self, order: VenueOrder, qty: Decimal, price: Decimal) -> list[VenueOrder]:
        """Book a fill, and return the orders that became live by it (a bracket's exits)."""
        account = self.accounts[order.account]
        account.ledger.trade(order.symbol, qty * order.side.sign, price)
        spent = order.filled_qty * (order.filled_avg_price or ZERO) + qty * price
        order.filled_qty += qty
        order.filled_avg_price = spent / order.filled_qty
        now = self._touch(order)
        done = order.remaining == ZERO
        order.status = OrderStatus.FILLED if done else OrderStatus.PARTIALLY_FILLED
        if done:
            order.filled_at = now
            self._leave(order)
        execution = self._execution(order, qty, price, now)
        account.record(execution)
        name = EventName.FILL if done else EventName.PARTIAL_FILL
        self._tell(order, name, execution_id=execution.execution_id, execution=execution)
        return self._after_fill(order, done)

    def cancel(self, order: VenueOrder) -> None:
        """Cancel an order and everything of its class that still lives."""
        self._end_with_class(order, OrderStatus.CANCELED)

    def expire(self, order: VenueOrder) -> None:
        self._end_with_class(order, OrderStatus.EXPIRED)

    def reject(self, order: VenueOrder) -> None:
        """Refuse an order after it was taken, as a market may."""
        self._end_with_class(order, OrderStatus.REJECTED)

    def pend_cancel(self, order: VenueOrder) -> None:
        """A cancel is on its way; until it is done the order may still fill."""
        order.status = OrderStatus.PENDING_CANCEL
        self._touch(order)
        self._tell(order, EventName.PENDING_CANCEL)

    def refuse_successor(self, old: VenueOrder, new: VenueOrder) -> None:
        """Refuse a replacement after it was taken; the old order works on."""
        self.accounts[new.account].register(new)
        self._end(new, OrderStatus.REJECTED)
        self._tell(old, EventName.ORDER_REPLACE_REJECTED, execution_id=self.new_id())

    def revise(self, order: VenueOrder, name: EventName, execution: Execution) -> None:
        """Tell that a trade told before is void, or has another price."""
        self._touch(order)
        self._tell(order, name, execution_id=execution.execution_id, execution=execution)

    def succeed(self, old: VenueOrder, new: VenueOrder) -> None:
        """Let ``new`` take the place of ``old``, also in its class; it goes to the end of the line."""
        waiting = old.status is OrderStatus.HELD
        classes.hand_over(old, new)
        old.replaced_by = new.id
        self._end(old, OrderStatus.REPLACED)
        self.accounts[new.account].register(new)
        if waiting:
            new.status = OrderStatus.HELD
        else:
            self.route(new)

    def fix_shares(self, order: VenueOrder, price: Decimal) -> None:
        """Turn the dollars of a notional order into shares at the first price it can trade at."""
        if order.notional is not None and order.shares is None:
            order.shares = (order.notional / price).quantize(NANO, ROUND_FLOOR)

    def _after_fill(self, order: VenueOrder, done: bool) -> list[VenueOrder]:
        for peer in classes.exit_peers(order):
            if done:
                self._end(peer, OrderStatus.CANCELED)
            elif peer.remaining > order.remaining:
                peer.qty = peer.filled_qty + order.remaining
                self._touch(peer)
                self._tell(peer, EventName.RESTATED)
        return self._activate_exits(order) if done and classes.is_entry(order) else []

    def _activate_exits(self, entry: VenueOrder) -> list[VenueOrder]:
        account = self.accounts[entry.account]
        held, _ = margin.held_for_orders(account, entry.symbol)
        free = abs(account.ledger.qty(entry.symbol)) - held
        exits = [leg for leg in entry.legs if leg.status is OrderStatus.HELD]
        for leg in exits:
            # Shares sold by hand while the entry was filling are not there to be sold again.
            leg.qty = min(entry.filled_qty, free)
            if leg.qty > ZERO:
                self.route(leg)
            else:
                self._end(leg, OrderStatus.CANCELED)
        return [leg for leg in exits if leg.is_open]

    def _end_with_class(self, order: VenueOrder, status: OrderStatus) -> None:
        for one in (order, *classes.dependants(order)):
            if one.is_open:
                self._end(one, status)

    def _end(self, order: VenueOrder, status: OrderStatus) -> None:
        now = self._touch(order)
        order.status = status
        match status:
            case OrderStatus.CANCELED:
                order.canceled_at = now
            case OrderStatus.EXPIRED:
                order.expired_at = now
            case OrderStatus.REPLACED:
                order.replaced_at = now
            case _:
                order.failed_at = now
        self._leave(order)
        self._tell(order, EventName(status.value), execution_id=self.new_id())

    def _leave(self, order: VenueOrder) -> None:
        self.accounts[order.account].open.pop(order.id, None)
        self.books.get(order.symbol, {}).pop(order.id, None)

    def _touch(self, order: VenueOrder) -> datetime:
        order.updated_at = self.clock.now()
        return order.updated_at

    def _execution(self, order: VenueOrder, qty: Decimal, price: Decimal, now: datetime) -> Execution:
        # Alpaca's activity ids begin with New York local digits although its times are UTC.
        digits = now.astimezone(NEW_YORK).strftime("%Y%m%d%H%M%S%f")[:17]
        return Execution(
            execution_id=self.new_id(),
            activity_id=f"{digits}::{self.new_id()}",
            account=order.account,
            order_id=order.id,
            symbol=order.symbol,
            side=order.side,
            price=price,
            qty=qty,
            cum_qty=order.filled_qty,
            leaves_qty=order.remaining,
            order_status=order.status,
            at=now,
        )

    def _tell(
        self,
        order: VenueOrder,
        name: EventName,
        *,
        execution_id: str | None = None,
        execution: Execution | None = None,
    ) -> None:
        if not self.listeners:
            return
        qty = self.accounts[order.account].ledger.qty(order.symbol) if execution else None
        event = VenueEvent(
            event=name,
            account=order.account,
            order=order.snapshot(),
            at=order.updated_at,
            execution_id=execution_id,
            execution=execution,
            position_qty=qty,
        )
        for listener in tuple(self.listeners):
            listener(event)
