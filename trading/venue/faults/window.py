"""The exchange as its clients meet it: orders and look-ups pass through here, and some of them meet a fault."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import Any

from trading.venue.changing import Changing
from trading.venue.exchange import Exchange
from trading.venue.faults.menu import Place
from trading.venue.faults.plan import Fault, Plan
from trading.venue.incidents import LIVE, Incident
from trading.venue.queries import MOST_ORDERS
from trading.venue.refusals import invalid, missing
from trading.venue.results import ItemResult
from trading.venue.values import ZERO, Clock, OrderChanges, OrderRequest, Refusal, VenueOrder
from trading.venue.words import OrderStatus

NOT_SENT = "unable to replace order, order isn't sent to exchange yet"
_FAILED = {"code": 50010000, "message": "internal server error occurred"}


@dataclass(slots=True)
class _Hidden:
    """Until when an order is not seen: so many reads more, or an instant of the venue's clock."""

    reads: int
    until: datetime | None


class Window:
    """Orders, cancels and look-ups of one exchange. `changing` is the exchange, or the journal before it."""

    def __init__(self, exchange: Exchange, changing: Changing, plan: Plan, clock: Clock) -> None:
        self._exchange = exchange
        self._changing = changing
        self._plan = plan
        self._clock = clock
        self._hidden: dict[str, _Hidden] = {}
        self._lingering: dict[str, str] = {}
        self._later: list[tuple[int, Callable[[], Any]]] = []
        self._minutes = 0

    def submit(self, account: str, request: OrderRequest) -> VenueOrder:
        """Take an order."""
        taken = self._changing.submit(account, request)
        fault = self._strike("submit", account, taken.id)
        if fault is not None and fault.name == "late_reject":
            self._changing.happen(Incident("reject", account, taken.id))
        elif fault is not None:
            patience = fault.set("seconds")
            until = None if patience is None else self._clock.now() + patience
            self._hidden[taken.id] = _Hidden(fault.set("lookups"), until)
        return taken

    def replace(self, account: str, order_id: str, changes: OrderChanges) -> VenueOrder:
        """Swap an order for a new one."""
        fault = self._strike("replace", account, order_id)
        name = "" if fault is None else fault.name
        if name == "replace_refused_later":
            answer = self._changing.happen(Incident("refuse_replacement", account, order_id, changes=changes))
            assert answer is not None  # noqa: S101 - of all incidents this one brings an order about
            return answer
        if name == "fill_before_replace":
            self._changing.happen(Incident("fill", account, order_id))
        taken = self._changing.replace(account, order_id, changes)
        if name == "replace_refused_yet_done":
            raise invalid(NOT_SENT)
        return taken

    def cancel(self, account: str, order_id: str) -> None:
        """Cancel an order."""
        if order_id in self._lingering:
            return
        fault = self._strike("cancel", account, order_id)
        match "" if fault is None else fault.name:
            case "cancel_refused":
                raise invalid('order is in "pending_replace" state and cannot be canceled')
            case "fill_before_cancel":
                self._changing.happen(Incident("fill", account, order_id))
            case "part_fill_before_cancel" if fault is not None:
                self._changing.happen(Incident("fill", account, order_id, fault.set("share")))
            case "fill_after_cancel":
                self._in_minutes(1, lambda: self._changing.happen(Incident("fill", account, order_id)))
            case "cancel_lingers" if fault is not None:
                self._linger(account, order_id, fault.set("lasts"))
                return
        self._changing.cancel(account, order_id)

    def cancel_all(self, account: str) -> list[ItemResult]:
        """Cancel every open order; with faults planned one by one (the first 500), so that each may meet its own."""
        if not self._plan.has(Place.ORDER):
            return self._changing.cancel_all(account)
        orders = self._exchange.orders(account, limit=MOST_ORDERS, nested=True)
        failing = self._failing("cancel_all", account, len(orders))
        return [_line(order.id, index < failing, self._cancel_one, account) for index, order in enumerate(orders)]

    def close_all(self, account: str, *, cancel_orders: bool) -> list[ItemResult]:
        """Close every holding."""
        if not self._plan.has(Place.ORDER):
            return self._changing.close_all(account, cancel_orders=cancel_orders)
        if cancel_orders:
            self.cancel_all(account)
        held = [each.symbol for each in self._exchange.positions(account)]
        failing = self._failing("close_all", account, len(held))
        return [_line(symbol, index < failing, self._close_one, account) for index, symbol in enumerate(held)]

    def close_position(
        self, account: str, symbol: str, /, *, qty: Decimal | None, percentage: Decimal | None
    ) -> VenueOrder:
        """Submit a market order against a holding."""
        return self._changing.close_position(account, symbol, qty=qty, percentage=percentage)

    # Look-ups

    def order(self, account: str, order_id: str) -> VenueOrder:
        """The order by its id. Raises `Refusal` 404."""
        return self._seen("order", account, self._exchange.order(account, order_id), order_id)

    def order_by_client_id(self, account: str, client_order_id: str) -> VenueOrder:
        """The order by the client's id. Raises `Refusal` 404."""
        return self._seen(
            "look_up", account, self._exchange.order_by_client_id(account, client_order_id), client_order_id
        )

    def orders(self, account: str, **wanted: Any) -> list[VenueOrder]:
        """Orders as `Exchange.orders` lists them, without those that are not seen yet."""
        found = self._exchange.orders(account, **wanted)
        if not self._hidden and not self._plan.has(Place.ORDER):
            return found
        return [self._as_shown("orders", account, each) for each in found if self._shows(each)]

    def symbol_of(self, account: str, order: str) -> str | None:
        """The symbol of an order by its id or its client's; None where there is none."""
        for read in (self._exchange.order, self._exchange.order_by_client_id):
            try:
                return read(account, order).symbol
            except Refusal:
                continue
        return None

    # Time

    def minute_told(self) -> None:
        """Let happen what was put off to this minute."""
        self._minutes += 1
        due = [do for at, do in self._later if at <= self._minutes]
        self._later = [(at, do) for at, do in self._later if at > self._minutes]
        for do in due:
            _unless_refused(do)

    def lift(self) -> None:
        """Let every order be seen again, and every lingering cancel be done; late fills still come."""
        self._hidden.clear()
        for order_id, account in tuple(self._lingering.items()):
            _unless_refused(partial(self._end_lingering, account, order_id))

    # What stands behind

    def _strike(self, kind: str, account: str, order_id: str) -> Fault | None:
        if not self._plan.has(Place.ORDER):
            return None
        try:
            order = self._exchange.order(account, order_id)
        except Refusal:
            return None
        return self._plan.strike(Place.ORDER, kind, account, (order.symbol,), lambda fault: self._able(fault, order))

    def _able(self, fault: Fault, order: VenueOrder) -> bool:
        """Whether a fault could do anything to this order now."""
        if fault.name == "late_visibility":
            return True
        if fault.name in {"late_reject", "cancel_refused"}:
            return order.is_open
        can_fill = order.limit_price is not None or self._exchange.latest_trade(order.symbol) is not None
        whole = fault.name != "part_fill_before_cancel" or order.remaining * fault.set("share") >= 1
        return order.status in LIVE and can_fill and whole

    def _failing(self, kind: str, account: str, lines: int) -> int:
        fault = self._plan.strike(Place.ORDER, kind, account, (), lambda fault: lines > 0)
        if fault is None:
            return 0
        return max(int((lines * fault.set("share")).to_integral_value(ROUND_CEILING)), 1)

    def _cancel_one(self, account: str, order_id: str) -> None:
        if self._exchange.order(account, order_id).is_open or order_id in self._lingering:
            self.cancel(account, order_id)
            return
        # A filled entry is listed for its exits' sake.
        for leg in self._exchange.order(account, order_id).legs:
            if self._exchange.order(account, leg.id).is_open:
                self.cancel(account, leg.id)

    def _close_one(self, account: str, symbol: str) -> VenueOrder:
        return self._changing.close_position(account, symbol, qty=None, percentage=None)

    def _linger(self, account: str, order_id: str, minutes: int) -> None:
        self._changing.happen(Incident("cancel_lingers", account, order_id))
        self._lingering[order_id] = account
        if minutes:
            self._in_minutes(minutes, lambda: self._end_lingering(account, order_id))

    def _end_lingering(self, account: str, order_id: str) -> None:
        if self._lingering.pop(order_id, None) is not None:
            self._changing.cancel(account, order_id)

    def _in_minutes(self, minutes: int, do: Callable[[], Any]) -> None:
        self._later.append((self._minutes + minutes, do))

    def _seen(self, kind: str, account: str, order: VenueOrder, asked: str) -> VenueOrder:
        if self._hidden and not self._shows(order):
            raise missing(f"order not found for {asked}")
        return self._as_shown(kind, account, order) if self._plan.has(Place.ORDER) else order

    def _as_shown(self, kind: str, account: str, order: VenueOrder) -> VenueOrder:
        """The order's snapshot, or an older one that knows of no fill and no end."""
        changed = order.updated_at > order.submitted_at or order.status is not OrderStatus.NEW
        fault = self._plan.strike(Place.ORDER, kind, account, (order.symbol,), lambda fault: changed)
        if fault is not None:
            order.status, order.updated_at = OrderStatus.NEW, order.submitted_at
            order.filled_qty, order.filled_avg_price, order.replaced_by = ZERO, None, None
            order.filled_at = order.canceled_at = order.expired_at = order.failed_at = order.replaced_at = None
        return order

    def _shows(self, order: VenueOrder) -> bool:
        hidden = self._hidden.get(order.id)
        if hidden is None:
            return True
        if hidden.until is not None:
            over = self._clock.now() >= hidden.until
        else:
            over = hidden.reads <= 0
            hidden.reads -= 1
        if over:
            del self._hidden[order.id]
        return over


def _line(key: str, fails: bool, do: Callable[[str, str], VenueOrder | None], account: str) -> ItemResult:
    """One line of a 207 answer."""
    if fails:
        return ItemResult(key, 500, body=_FAILED)
    try:
        return ItemResult(key, 200, order=do(account, key))
    except Refusal as refusal:
        return ItemResult(key, refusal.status, body=refusal.body)


def _unless_refused(do: Callable[[], Any]) -> None:
    """What was put off may not be possible any more: the order has ended in another way."""
    try:
        do()
    except Refusal:
        return
