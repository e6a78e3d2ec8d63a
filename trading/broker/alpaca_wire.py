"""Alpaca's orders and `trade_updates` messages as the port's values, read tolerantly. Pure.

An order survives whatever its fields hold: a null, a new word or a broken number costs that field, never the order.
Only a message that is no object, or has no order in it, is a `WireError`.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from trading.broker import wire_scalars as wire
from trading.broker.gateway import CancelOutcome, ExecutionReport, FillReport, OrderReport
from trading.broker.wire_scalars import WireError
from trading.choices import OrderClass, OrderStatus, OrderType, Side, TimeInForce

STATUSES: dict[str, OrderStatus] = {
    "accepted": OrderStatus.ACCEPTED,
    "pending_new": OrderStatus.ACCEPTED,
    "new": OrderStatus.ACCEPTED,
    "accepted_for_bidding": OrderStatus.ACCEPTED,
    "pending_review": OrderStatus.ACCEPTED,
    "stopped": OrderStatus.ACCEPTED,
    "suspended": OrderStatus.ACCEPTED,
    "calculated": OrderStatus.ACCEPTED,
    # Done for today, working again next session: not terminal.
    "done_for_day": OrderStatus.ACCEPTED,
    "held": OrderStatus.HELD,
    "partially_filled": OrderStatus.PARTIALLY_FILLED,
    "pending_cancel": OrderStatus.PENDING_CANCEL,
    "pending_replace": OrderStatus.PENDING_REPLACE,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
    "replaced": OrderStatus.REPLACED,
}
"""Alpaca's words for the status of an order and ours. A word not here is kept as `raw_status` with no status."""

SIDES = {"buy": Side.BUY, "sell": Side.SELL, "sell_short": Side.SELL}
TYPES = {each.value: each for each in OrderType}
TIMES_IN_FORCE = {each.value: each for each in TimeInForce}
CLASSES = {each.value: each for each in OrderClass}
FILL_EVENTS = frozenset({"fill", "partial_fill"})


def order_report(body: Any, *, event: str = "", execution: ExecutionReport | None = None) -> OrderReport:
    """Read one order. Raises `WireError` only where the body is no object."""
    return _order(wire.member(body, "order"), event, execution, depth=0)


def order_reports(body: Any) -> tuple[OrderReport, ...]:
    """Read a list of orders, null as none. Raises `WireError` where the body is no list, or an element no object."""
    return tuple(order_report(each) for each in wire.members(body, "orders"))


def update_report(data: Any) -> OrderReport:
    """Read the `data` of one `trade_updates` message, with its event word and its execution if it tells one.

    Raises `WireError` where there is no order with an id in it: such a message can be kept, not applied.
    """
    message = wire.member(data, "trade update")
    event = wire.text(message.get("event"))
    report = order_report(message.get("order"), event=event, execution=_execution(message, event))
    if not report.broker_order_id:
        raise WireError("trade update: its order has no id")
    return replace(report, raw=dict(message))


def fill_report(body: Any) -> FillReport:
    """Read one FILL activity. Raises `WireError` where a part that makes the fill is missing: half a fill is none."""
    source = wire.member(body, "activity")
    activity_id, order_id = wire.text(source.get("id")), wire.text(source.get("order_id"))
    if not activity_id or not order_id:
        raise WireError(f"activity {activity_id or '(no id)'}: it names no order")
    return FillReport(
        activity_id=activity_id,
        broker_order_id=order_id,
        symbol=wire.text(source.get("symbol")),
        side=SIDES.get(wire.text(source.get("side"))),
        quantity=wire.required(source, "qty"),
        price=wire.required(source, "price"),
        cumulative_quantity=wire.required(source, "cum_qty"),
        at=wire.required_instant(source, "transaction_time"),
    )


def cancel_outcomes(body: Any) -> tuple[CancelOutcome, ...]:
    """Read a cancel-all answer: each line has its own status, and 207 around them says nothing of theirs.

    Raises `WireError` for an empty body, too: it is not the empty list that says that nothing was open.
    """
    if body is None:
        raise WireError("cancel-all answer: an empty body tells of no order")
    return tuple(_cancel_outcome(each) for each in wire.members(body, "cancel-all answer"))


def _cancel_outcome(line: Any) -> CancelOutcome:
    source = line if isinstance(line, dict) else {}
    status = source.get("status")
    if isinstance(status, int) and 200 <= status < 300:
        return CancelOutcome(wire.text(source.get("id")), accepted=True)
    reason = refusal(source.get("body")) or f"status {status}"
    return CancelOutcome(wire.text(source.get("id")), accepted=False, reason=reason)


def refusal(body: Any) -> str:
    """Return the sentence of an error body; empty where it has none."""
    return wire.text(body.get("message")) if isinstance(body, dict) else wire.text(body)


def _order(source: dict[str, Any], event: str, execution: ExecutionReport | None, depth: int) -> OrderReport:
    filled = _filled(source.get("filled_qty"))
    return OrderReport(
        broker_order_id=wire.text(source.get("id")),
        client_order_id=wire.text(source.get("client_order_id")),
        symbol=wire.text(source.get("symbol")),
        side=SIDES.get(wire.text(source.get("side"))),
        quantity=wire.price(source.get("qty")),
        type=TYPES.get(wire.text(source.get("type")) or wire.text(source.get("order_type"))),
        status=None if filled is None else _status(source.get("status"), filled),
        raw_status=wire.text(source.get("status")),
        filled_quantity=filled or Decimal(0),
        filled_average_price=wire.price(source.get("filled_avg_price")),
        limit_price=wire.price(source.get("limit_price")),
        stop_price=wire.price(source.get("stop_price")),
        order_class=CLASSES.get(wire.text(source.get("order_class")), OrderClass.SIMPLE),
        submitted_at=wire.instant(source.get("submitted_at")),
        updated_at=wire.instant(source.get("updated_at")),
        time_in_force=TIMES_IN_FORCE.get(wire.text(source.get("time_in_force"))),
        replaces=wire.text(source.get("replaces")),
        replaced_by=wire.text(source.get("replaced_by")),
        legs=_legs(source.get("legs"), depth),
        event=event,
        execution=execution,
        raw=source,
    )


def _legs(legs: Any, depth: int) -> tuple[OrderReport, ...]:
    # An order's legs have no legs of their own; deeper nesting is damage.
    if depth or not isinstance(legs, list):
        return ()
    return tuple(_order(each, "", None, depth + 1) for each in legs if isinstance(each, dict))


def _filled(value: Any) -> Decimal | None:
    """Null is nothing filled; None is a figure that cannot be believed, and then neither can the status beside it."""
    filled = Decimal(0) if value is None else wire.number(value)
    return filled if filled is not None and filled >= 0 else None


def _status(word: Any, filled: Decimal) -> OrderStatus | None:
    status = STATUSES.get(wire.text(word))
    if status is OrderStatus.ACCEPTED and filled > 0:
        return OrderStatus.PARTIALLY_FILLED
    return status


def _execution(message: dict[str, Any], event: str) -> ExecutionReport | None:
    """Return this fill's own part; None leaves the order's cumulative figures to tell it."""
    quantity, price = wire.price(message.get("qty")), wire.price(message.get("price"))
    at = wire.instant(message.get("timestamp"))
    if event not in FILL_EVENTS or quantity is None or price is None or at is None:
        return None
    return ExecutionReport(wire.text(message.get("execution_id")), quantity, price, at)
