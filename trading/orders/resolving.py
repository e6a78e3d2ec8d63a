"""Orders whose outcome is not known: asking the broker by client id, with growing patience. Never re-sent."""

from datetime import datetime, timedelta

from trading import error_rules
from trading.broker import gateway as port
from trading.choices import UNRESOLVED, OrderStatus
from trading.models import Account, Order
from trading.orders import moves, reports

PATIENCE = timedelta(seconds=error_rules.NO_PROOF_WITHIN)
ASKED_BEFORE = error_rules.ASKED_BEFORE
"""A 404 is no proof before both: that long after the send, and after so many earlier 404s, which with the growing
delays lie as far apart. The broker may show a new order late, and a sender may have been slower than its clock."""

FIRST_ASK = timedelta(seconds=error_rules.FIRST_ASK)


def unresolved(account: Account, *, now: datetime) -> list[Order]:
    """Sent orders without an answer whose next time to ask has come: after 2, 4, 8, … 64 seconds."""
    rows = Order.objects.filter(account=account, status__in=UNRESOLVED).select_related("account", "instrument")
    return [order for order in rows if _due(order, now)]


def _due(order: Order, now: datetime) -> bool:
    wait: timedelta = FIRST_ASK * 2 ** min(order.times_asked, error_rules.ASKS_DOUBLED)
    since = order.asked_at or order.submitted_at or order.created_at
    return now - since >= wait


def _is_proof(order: Order, now: datetime) -> bool:
    long_ago = order.submitted_at is not None and now - order.submitted_at >= PATIENCE
    return long_ago and order.times_asked >= ASKED_BEFORE


def ask_about(order: Order, *, gateway: port.BrokerGateway, now: datetime) -> Order:
    """Ask once what became of the order and apply the evidence. Raises what the gateway raises for a read."""
    report = gateway.order_by_client_id(order.client_order_id)
    Order.objects.filter(pk=order.pk).update(asked_at=now, times_asked=order.times_asked + 1)
    if report is not None:
        reports.apply_report(order.account, report, now=now, heard=reports.Heard.POLL)
    elif _is_proof(order, now):
        reason = f"the broker does not know it {int(PATIENCE.total_seconds())} s after the send"
        moves.finish(order.pk, OrderStatus.WITHDRAWN, reason=reason, event="order.withdrawn", now=now)
    elif order.status == OrderStatus.SUBMITTED:
        reason = "no answer yet, and the broker does not show it"
        moves.finish(order.pk, OrderStatus.UNKNOWN, reason=reason, event="order.unknown", now=now)
    order.refresh_from_db()
    return order
