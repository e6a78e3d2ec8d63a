"""Orders whose outcome is not known: asking the broker by id, with growing patience. Never re-sent."""

from datetime import datetime, timedelta

from django.db.models import F

from trading import error_rules
from trading.broker import gateway as port
from trading.choices import UNRESOLVED, OrderStatus
from trading.models import Account, Order
from trading.orders import bulk, moves, reading_back, reports

PATIENCE = timedelta(seconds=error_rules.NO_PROOF_WITHIN)
ASKED_BEFORE = error_rules.ASKED_BEFORE
"""A 404 is no proof before both: that long after the send, and after so many earlier 404s, which with the growing
delays lie as far apart. The broker may show a new order late, and a sender may have been slower than its clock."""

LONGEST_CHAIN = 10
"""How many replacements of one order are followed in one go."""

FIRST_ASK = timedelta(seconds=error_rules.FIRST_ASK)


def resolve(account: Account, *, gateway: port.BrokerGateway, now: datetime) -> int:
    """Ask about every order whose outcome is not known and whose time has come; returns how many.

    Many are read as a list. What took an order's place at the broker is asked about in turn. Raises what the gateway
    raises for a read.
    """
    asked = 0
    for _ in range(LONGEST_CHAIN):
        due = unresolved(account, now=now)
        if not due:
            break
        asked += len(due)
        if len(due) >= reading_back.MANY:
            due = _without_the_listed(account, due, gateway=gateway, now=now)
        for order in due:
            ask_about(order, gateway=gateway, now=now)
    return asked


def unresolved(account: Account, *, now: datetime) -> list[Order]:
    """Sent orders without an answer whose next time to ask has come: after 2, 4, 8, … seconds, and 60 after the send.

    What took the place of one of ours at the broker is asked for at once: nothing of it is on its way to us.
    """
    rows = Order.objects.filter(account=account, status__in=UNRESOLVED).select_related(
        "account", "instrument", "intent"
    )
    return [order for order in rows.defer(*reports.HEAVY) if _due(order, now)]


def _without_the_listed(
    account: Account, due: list[Order], *, gateway: port.BrokerGateway, now: datetime
) -> list[Order]:
    """Take over what a list of orders tells of them; returns those it does not show, which is no proof of anything."""
    told = reading_back.listed(due, gateway)
    shown = {report.client_order_id for report in told} | {report.broker_order_id for report in told}
    found = [order for order in due if order.client_order_id in shown or order.broker_order_id in shown]
    Order.objects.filter(pk__in=[order.pk for order in found]).update(asked_at=now, times_asked=F("times_asked") + 1)
    bulk.apply_reports(account, told, now=now, heard=reports.Heard.POLL, rows=found)
    return [order for order in due if order.client_order_id not in shown and order.broker_order_id not in shown]


def _due(order: Order, now: datetime) -> bool:
    if order.replaces_id is not None and not order.times_asked:
        return True
    wait: timedelta = FIRST_ASK * 2 ** min(order.times_asked, error_rules.ASKS_DOUBLED)
    since = order.asked_at or order.submitted_at or order.created_at
    # Also as soon as an answer can be proof, whatever the delay has grown to: its symbol is blocked until then.
    ripe = order.submitted_at is not None and since < order.submitted_at + PATIENCE <= now
    return ripe or now - since >= wait


def _is_proof(order: Order, now: datetime) -> bool:
    long_ago = order.submitted_at is not None and now - order.submitted_at >= PATIENCE
    return long_ago and order.times_asked >= ASKED_BEFORE


def ask_about(order: Order, *, gateway: port.BrokerGateway, now: datetime) -> Order:
    """Ask once what became of the order and apply the evidence. Raises what the gateway raises for a read."""
    if order.broker_order_id is None:
        report = gateway.order_by_client_id(order.client_order_id)
    else:
        report = gateway.order(order.broker_order_id)
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
