"""Orders, executions and stream updates in Alpaca's JSON: every price and quantity a string, every instant RFC 3339."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from trading.venue import values, words

type Json = dict[str, Any]

_ORDER_CLASS_ON_WIRE = {words.OrderClass.SIMPLE: ""}
_INSTANTS = ("updated_at", "submitted_at", "filled_at", "expired_at", "canceled_at", "failed_at", "replaced_at")
_NUMBERS = ("qty", "notional", "limit_price", "stop_price", "trail_price", "trail_percent", "hwm", "filled_avg_price")


def number(value: Decimal) -> str:
    """Write a Decimal as Alpaca does: plain digits, no exponent, no trailing zeros."""
    return format(value.normalize(), "f") if value else "0"


def optional_number(value: Decimal | None) -> str | None:
    """Write a Decimal, or null."""
    return None if value is None else number(value)


def instant(value: datetime) -> str:
    """Write an aware UTC instant as RFC 3339 with a `Z`."""
    return value.isoformat().replace("+00:00", "Z")


def optional_instant(value: datetime | None) -> str | None:
    """Write an instant, or null."""
    return None if value is None else instant(value)


def order(subject: values.VenueOrder, *, nested: bool) -> Json:
    """Render an order; `nested` rolls its legs up under it, otherwise `legs` is null."""
    rendered: Json = {
        "id": subject.id,
        "client_order_id": subject.client_order_id,
        "created_at": instant(subject.created_at),
        "asset_id": subject.asset_id,
        "symbol": subject.symbol,
        "asset_class": "us_equity",
        "side": subject.side.value,
        "type": subject.type.value,
        "order_type": subject.type.value,
        "time_in_force": subject.time_in_force.value,
        "order_class": _ORDER_CLASS_ON_WIRE.get(subject.order_class, subject.order_class.value),
        "position_intent": subject.position_intent.value,
        "status": subject.status.value,
        "extended_hours": subject.extended_hours,
        "filled_qty": number(subject.filled_qty),
        "replaced_by": subject.replaced_by,
        "replaces": subject.replaces,
        "ratio_qty": None,
        "source": None,
        "subtag": None,
    }
    rendered |= {name: optional_instant(getattr(subject, name)) for name in _INSTANTS}
    rendered |= {name: optional_number(getattr(subject, name)) for name in _NUMBERS}
    # `expires_at` is the one instant Alpaca's schema does not allow to be null; it is left out where there is none.
    if subject.expires_at is not None:
        rendered["expires_at"] = instant(subject.expires_at)
    rendered["legs"] = [order(leg, nested=True) for leg in subject.legs] if nested and subject.legs else None
    return rendered


def update(event: values.VenueEvent) -> Json:
    """Render the `data` of one trade_updates message; price, qty and position_qty only for fills, and of this fill."""
    rendered: Json = {
        "event": event.event.value,
        "timestamp": instant(event.at),
        "order": order(event.order, nested=False),
    }
    if event.execution_id is not None:
        rendered["execution_id"] = event.execution_id
    if event.execution is not None:
        rendered["price"] = number(event.execution.price)
        rendered["qty"] = number(event.execution.qty)
        rendered["position_qty"] = number(event.position_qty or values.ZERO)
    return rendered


def activity(execution: values.Execution) -> Json:
    """Render an execution as a FILL activity. It carries no client_order_id: clients join on the order's id."""
    return {
        "id": execution.activity_id,
        "activity_type": "FILL",
        "transaction_time": instant(execution.at),
        "type": execution.kind,
        "price": number(execution.price),
        "qty": number(execution.qty),
        "side": execution.side.value,
        "symbol": execution.symbol,
        "leaves_qty": number(execution.leaves_qty),
        "order_id": execution.order_id,
        "cum_qty": number(execution.cum_qty),
        "order_status": execution.order_status.value,
    }
