"""Request bodies for Alpaca: every number leaves as the exact text of its Decimal, never as a float. Pure."""

from decimal import Decimal
from typing import Any

from trading.broker.gateway import NewOrder, Replacement
from trading.choices import OrderClass

LONGEST_CLIENT_ORDER_ID = 128


class BadRequest(ValueError):
    """A request that must not be sent; the text says why."""


def exact(value: Decimal) -> str:
    """Write a number without exponent. Raises `BadRequest` for NaN, infinity and anything not above zero."""
    if not value.is_finite() or value <= 0:
        raise BadRequest(f"{value} is no finite number above zero")
    return format(value, "f")


def order_body(order: NewOrder) -> dict[str, Any]:
    """Build the body of `POST /v2/orders`. Raises `BadRequest` where a number or the client order id cannot be sent."""
    body: dict[str, Any] = {
        "client_order_id": _client_order_id(order.client_order_id),
        "symbol": order.symbol,
        "side": str(order.side),
        "type": str(order.type),
        "time_in_force": str(order.time_in_force),
        "qty": exact(order.quantity),
    }
    body |= _numbers(
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        trail_price=order.trail_price,
        trail_percent=order.trail_percent,
    )
    if order.extended_hours:
        body["extended_hours"] = True
    return body | _legs(order)


def replacement_body(change: Replacement) -> dict[str, Any]:
    """Build the body of `PATCH /v2/orders/{id}`: only what changes, and the new order's own client order id."""
    body: dict[str, Any] = {"client_order_id": _client_order_id(change.client_order_id)}
    body |= _numbers(
        qty=change.quantity, limit_price=change.limit_price, stop_price=change.stop_price, trail=change.trail
    )
    if change.time_in_force is not None:
        body["time_in_force"] = str(change.time_in_force)
    return body


def _legs(order: NewOrder) -> dict[str, Any]:
    take_profit = _numbers(limit_price=order.take_profit_price)
    stop_loss = _numbers(stop_price=order.stop_loss_price, limit_price=order.stop_loss_limit_price)
    if order.order_class == OrderClass.SIMPLE:
        # Alpaca ignores legs without a class, silently: the entry would go out naked.
        if take_profit or stop_loss:
            raise BadRequest("a simple order carries no take profit and no stop loss; name its class")
        return {}
    legs = {"take_profit": take_profit, "stop_loss": stop_loss}
    return {"order_class": str(order.order_class)} | {name: leg for name, leg in legs.items() if leg}


def _numbers(**values: Decimal | None) -> dict[str, str]:
    return {name: exact(value) for name, value in values.items() if value is not None}


def _client_order_id(value: str) -> str:
    if not 0 < len(value) <= LONGEST_CLIENT_ORDER_ID:
        raise BadRequest(f"a client order id of 1 to {LONGEST_CLIENT_ORDER_ID} characters is needed, not {len(value)}")
    return value
