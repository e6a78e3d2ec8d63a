"""Asking the broker to cancel. A cancel always passes: no gate, no halt, no budget of entries stands before it."""

from datetime import datetime

from django.db import transaction

from audit import trail
from trading.broker import gateway as port
from trading.choices import OrderStatus
from trading.models import Order
from trading.orders import moves


def request_cancel(order: Order, *, gateway: port.BrokerGateway, by: str, reason: str, now: datetime) -> str:
    """Ask for one order's cancel; returns what stands in the way, empty when the broker took the request.

    The order is canceled only when the broker's report says so. An order never sent is withdrawn here and now.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("account", "instrument").get(pk=order.pk)
        if order.status == OrderStatus.APPROVED:
            moves.withdraw(order, reason=reason, now=now)
            return ""
        trail.record(
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
    if order.broker_order_id is None:
        return "the broker's answer to the order is not in yet; it is asked for by id"
    try:
        gateway.cancel(order.broker_order_id)
    except port.BrokerError as refusal:
        return str(refusal)
    return ""
