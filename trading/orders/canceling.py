"""Asking the broker to cancel. A cancel always passes: no gate, no halt, no budget of entries stands before it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from audit import crash_points, trail
from trading.broker import gateway as port
from trading.models import Order

NO_ID = "the broker's answer to the order is not in yet; it is asked for by id"

type Send = Callable[[Sequence[Order]], Mapping[int, str]]
"""Asks the broker about orders it knows; returns by row what stands in the way of those it refused."""


def request_cancel(order: Order, *, gateway: port.BrokerGateway, by: str, reason: str, now: datetime) -> str:
    """Ask for one order's cancel; returns what stands in the way, empty when the broker took the request.

    The order is canceled only when the broker's report says so.
    """
    return request_cancels([order], send=one_by_one(gateway), by=by, reason=reason, now=now)[order.pk]


def request_cancels(rows: Sequence[Order], *, send: Send, by: str, reason: str, now: datetime) -> dict[int, str]:
    """Ask for the cancel of several orders, each on the record first; what stands in the way by row, else empty."""
    with transaction.atomic():
        locked = list(
            Order.objects.select_for_update(of=("self",))
            .select_related("account", "instrument")
            .filter(pk__in=[order.pk for order in rows])
            .order_by("pk")  # as everybody locks them, so that nobody waits in a circle
        )
        trail.record_many(_entry(order, by=by, reason=reason, now=now) for order in locked)
    obstacles = {order.pk: "" if order.broker_order_id else NO_ID for order in locked}
    rank = {order.pk: place for place, order in enumerate(rows)}
    known = sorted((order for order in locked if order.broker_order_id), key=lambda order: rank[order.pk])
    crash_points.reach("cancel.recorded")
    obstacles |= send(known)
    crash_points.reach("cancel.sent")
    return obstacles


def one_by_one(gateway: port.BrokerGateway) -> Send:
    """Ask for each order by itself, one after the other."""

    def send(orders: Sequence[Order]) -> Mapping[int, str]:
        return {order.pk: cancel(gateway, order.broker_order_id or "") for order in orders}

    return send


def cancel(gateway: port.BrokerGateway, broker_order_id: str) -> str:
    """Ask for one cancel on the wire; returns what stands in the way. Touches no row, so any thread may."""
    try:
        gateway.cancel(broker_order_id)
    except port.BrokerError as refusal:
        return str(refusal)
    return ""


def _entry(order: Order, *, by: str, reason: str, now: datetime) -> trail.Entry:
    return trail.Entry(
        event="order.cancel_requested",
        account=order.account.number,
        mode=order.mode,
        subject=order.instrument.symbol,
        sentence=f"{order.instrument.symbol} {order.side} {order.quantity.normalize():f} asked to cancel: {reason}",
        by=by,
        now=now,
        intent=str(order.intent_id),
        order=order.client_order_id,
    )
