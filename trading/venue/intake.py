"""From a request to an order: building it with its legs, and building the successor of a replaced one."""

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading.venue import classes, matching, rules
from trading.venue.calendar import AFTER_MARKET, SessionCalendar
from trading.venue.lifecycle import Lifecycle
from trading.venue.refusals import invalid
from trading.venue.values import ZERO, Asset, OrderChanges, OrderRequest, VenueOrder
from trading.venue.words import OrderClass, OrderStatus, OrderType, PositionIntent, TimeInForce

GTC_LIFE = timedelta(days=90)
_REPLACEABLE = frozenset({OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.HELD})
_CLOSING_INTENT = {
    PositionIntent.BUY_TO_OPEN: PositionIntent.SELL_TO_CLOSE,
    PositionIntent.SELL_TO_OPEN: PositionIntent.BUY_TO_CLOSE,
}


def expiry(kind: TimeInForce, at: datetime, calendar: SessionCalendar, *, extended: bool = False) -> datetime:
    """When an order taken ``at`` ends by itself: 90 days for gtc, else with the session it belongs to."""
    if kind is TimeInForce.GTC:
        return at + GTC_LIFE
    earlier = at - AFTER_MARKET if extended else at
    session = calendar.ending_after(earlier)
    if session is None:
        return at + timedelta(days=1)
    return session.close + AFTER_MARKET if extended else session.close


class Intake:
    """Builds orders; judges nothing but a replace's own rules."""

    def __init__(self, lifecycle: Lifecycle, calendar: SessionCalendar) -> None:
        self.lifecycle = lifecycle
        self.calendar = calendar

    def order(self, account: str, request: OrderRequest, asset: Asset, intent: PositionIntent) -> VenueOrder:
        """The order that ``request`` asks for, with its legs, not yet on any book."""
        now = self.lifecycle.clock.now()
        order_id = self.lifecycle.new_id()
        order = VenueOrder(
            id=order_id,
            account=account,
            client_order_id=request.client_order_id or self.lifecycle.new_id(),
            asset_id=asset.id,
            symbol=asset.symbol,
            side=request.side,
            type=request.type,
            time_in_force=request.time_in_force,
            qty=request.qty,
            notional=request.notional,
            created_at=now,
            updated_at=now,
            submitted_at=now,
            expires_at=expiry(request.time_in_force, now, self.calendar, extended=request.extended_hours),
            position_intent=intent,
            order_class=request.order_class,
            limit_price=request.limit_price,
            stop_price=request.stop_price,
            trail_price=request.trail_price,
            trail_percent=request.trail_percent,
            extended_hours=request.extended_hours,
        )
        if request.order_class is OrderClass.OCO and request.take_profit is not None:
            order.limit_price = request.take_profit.limit_price
        order.legs = self._legs(order, request)
        return order

    def _legs(self, parent: VenueOrder, request: OrderRequest) -> list[VenueOrder]:
        legs = []
        if request.take_profit is not None and request.order_class is not OrderClass.OCO:
            legs.append(self._leg(parent, OrderType.LIMIT, limit=request.take_profit.limit_price))
        if request.stop_loss is not None:
            loss = request.stop_loss
            kind = OrderType.STOP if loss.limit_price is None else OrderType.STOP_LIMIT
            legs.append(self._leg(parent, kind, limit=loss.limit_price, stop=loss.stop_price))
        return legs

    def _leg(
        self, parent: VenueOrder, kind: OrderType, *, limit: Decimal | None = None, stop: Decimal | None = None
    ) -> VenueOrder:
        leg = copy.copy(parent)
        leg.id, leg.client_order_id = self.lifecycle.new_id(), self.lifecycle.new_id()
        leg.parent, leg.legs, leg.status = parent, [], OrderStatus.HELD
        leg.type, leg.limit_price, leg.stop_price = kind, limit, stop
        if classes.is_entry(parent):
            leg.side = parent.side.opposite
            leg.position_intent = _CLOSING_INTENT[parent.position_intent]
        return leg

    def successor(self, old: VenueOrder, changes: OrderChanges) -> VenueOrder:
        """The order that replaces ``old``. It carries the full quantity, not the remainder, as Alpaca's does.

        Raises ``Refusal`` 422 where the order cannot be replaced or the changes break a rule.
        """
        check_replaceable(old, changes)
        now = self.lifecycle.clock.now()
        kind = changes.time_in_force or old.time_in_force
        new = replace(
            old,
            id=self.lifecycle.new_id(),
            client_order_id=changes.client_order_id or self.lifecycle.new_id(),
            qty=changes.qty or old.qty,
            time_in_force=kind,
            limit_price=changes.limit_price or old.limit_price,
            stop_price=changes.stop_price or old.stop_price,
            created_at=now,
            updated_at=now,
            submitted_at=now,
            expires_at=expiry(kind, now, self.calendar, extended=old.extended_hours),
            status=OrderStatus.PENDING_NEW,
            filled_qty=ZERO,
            filled_avg_price=None,
            elected=False,
            replaces=old.id,
            legs=[],
        )
        if changes.trail is not None:
            new.trail_price = None if old.trail_price is None else changes.trail
            new.trail_percent = None if old.trail_percent is None else changes.trail
            new.stop_price = None if new.hwm is None else matching.trailing_stop_price(new, new.hwm)
        return new


def check_replaceable(old: VenueOrder, changes: OrderChanges) -> None:
    """Raise ``Refusal`` 422 where ``old`` is in no state to be replaced, or the changes do not fit it."""
    rules.check_client_id(changes.client_order_id)
    if old.status is OrderStatus.REPLACED:
        raise invalid("order in replaced status cannot be changed")
    if old.status.is_final:
        raise invalid(f'order is already in "{old.status}" state')
    if old.status not in _REPLACEABLE:
        raise invalid("unable to replace order, order isn't sent to exchange yet")
    if old.order_class is OrderClass.OTO:
        raise invalid("oto orders cannot be replaced")
    if old.notional is not None or old.wanted != old.wanted.to_integral_value():
        raise invalid("fractional and notional orders cannot be replaced")
    _check_amounts(old, changes)
    _check_times(old, changes)


def _check_amounts(old: VenueOrder, changes: OrderChanges) -> None:
    for name, price, now in (
        ("limit_price", changes.limit_price, old.limit_price),
        ("stop_price", changes.stop_price, None if old.type is OrderType.TRAILING_STOP else old.stop_price),
    ):
        if price is not None and now is None:
            raise invalid(f"{old.type} orders must not have {name}")
        rules.check_price(name, price)
    if changes.trail is not None:
        _check_trail(old, changes.trail)
    if changes.qty is not None:
        _check_qty(old, changes.qty)


def _check_trail(old: VenueOrder, trail: Decimal) -> None:
    if old.type is not OrderType.TRAILING_STOP:
        raise invalid("trail can only be changed on trailing_stop orders")
    if not trail.is_finite() or trail <= ZERO or (old.trail_percent is not None and trail >= 100):
        raise invalid("trail must be > 0, and < 100 where it is a percentage")


def _check_qty(old: VenueOrder, qty: Decimal) -> None:
    if old.type is OrderType.TRAILING_STOP:
        raise invalid("only trail can be changed on trailing_stop orders")
    if not qty.is_finite() or qty <= ZERO or qty != qty.to_integral_value():
        raise invalid("qty must be a whole number of shares above 0")
    if old.order_class is not OrderClass.SIMPLE and not classes.is_entry(old):
        raise invalid(f"qty of the exits of {old.order_class} orders cannot be changed")


def _check_times(old: VenueOrder, changes: OrderChanges) -> None:
    lasting = (TimeInForce.DAY, TimeInForce.GTC)
    if changes.time_in_force in (None, old.time_in_force):
        return
    if old.time_in_force not in lasting or changes.time_in_force not in lasting:
        raise invalid("time_in_force can only be changed between day and gtc")
    if old.order_class is not OrderClass.SIMPLE:
        raise invalid(f"time_in_force of {old.order_class} orders cannot be changed")
