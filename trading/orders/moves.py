"""Moving one order along the table of legal moves, with its event. Used by the other modules of this room only."""

from datetime import datetime

from django.db import transaction

from audit import trail
from trading.choices import LEGAL_MOVES, TERMINAL, UNRESOLVED, OrderStatus
from trading.models import Order

_SERIOUS = {OrderStatus.UNKNOWN: "critical", OrderStatus.REJECTED: "warning"}


def may_move(order: Order, to: OrderStatus) -> bool:
    return to in LEGAL_MOVES[OrderStatus(order.status)]


def finish(order_id: int, to: OrderStatus, *, reason: str, event: str, now: datetime) -> Order:
    """Record how sending ended. A report that came faster than the answer has moved the order on already; it wins."""
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("account", "instrument").get(pk=order_id)
        if order.status not in UNRESOLVED or not may_move(order, to):
            return order
        _move(order, to, reason=reason, now=now)
        _tell(order, event=event, reason=reason, now=now)
    return order


def _move(order: Order, to: OrderStatus, *, reason: str, now: datetime) -> None:
    order.status, order.reason, order.answered_at = to, reason, now
    if to in TERMINAL:
        order.finished_at = now
    order.save(update_fields=["status", "reason", "answered_at", "finished_at"])


def _tell(order: Order, *, event: str, reason: str, now: datetime) -> None:
    word = OrderStatus(order.status).label
    trail.record(
        event=event,
        account=order.account.number,
        mode=order.mode,
        subject=order.instrument.symbol,
        sentence=f"{order.instrument.symbol} {order.side} {order.quantity.normalize():f} {word}: {reason}",
        by="broker" if event == "order.rejected" else "engine",
        now=now,
        severity=_SERIOUS.get(OrderStatus(order.status), "info"),
        intent=str(order.intent_id),
        order=order.client_order_id,
    )
