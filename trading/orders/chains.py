"""Replacement chains: what took an order's place at the broker goes on as a row of the same intent.

The desk replaces nothing; a person at the broker's own page may, and the broker itself after a corporate action. The
old order's report names its successor, and the successor's names the old one: either is evidence that it is ours.
"""

from datetime import datetime
from decimal import Decimal

from audit import trail
from trading.broker.gateway import OrderReport
from trading.choices import OrderStatus
from trading.models import Account, Order


def follow(old: Order, report: OrderReport, *, now: datetime) -> Order | None:
    """The row of an order's successor, opened where only its id is known yet; None where there is none.

    It holds the old one's exposure as UNKNOWN until the broker tells what it is. The caller holds the row locks.
    """
    if old.status != OrderStatus.REPLACED or not report.replaced_by:
        return None
    known = Order.objects.filter(account_id=old.account_id, broker_order_id=report.replaced_by).first()
    return known or open_successor(old, report.replaced_by, now=now)


def find_old(account: Account, report: OrderReport) -> Order | None:
    """Our order that the reported one replaces; None where it replaces none of ours."""
    if not report.replaces:
        return None
    return (
        Order.objects.select_for_update(of=("self",))
        .filter(account=account, broker_order_id=report.replaces)
        .select_related("account", "instrument", "intent")
        .first()
    )


def open_successor(old: Order, broker_order_id: str, *, now: datetime) -> Order:
    """A row for what took the place of `old`, in its shape until a report tells another."""
    new = Order.objects.create(
        intent=old.intent,
        parent_id=old.parent_id,
        replaces=old,
        account=old.account,
        mode=old.mode,
        instrument=old.instrument,
        purpose=old.purpose,
        side=old.side,
        quantity=old.quantity,
        type=old.type,
        time_in_force=old.time_in_force,
        order_class=old.order_class,
        limit_price=old.limit_price,
        stop_price=old.stop_price,
        # The broker chose its client id, which no report may have told yet.
        client_order_id=broker_order_id,
        broker_order_id=broker_order_id,
        status=OrderStatus.UNKNOWN,
        session_date=old.session_date,
        created_at=now,
        submitted_at=now,
        filled_quantity=Decimal(0),
        booked_quantity=Decimal(0),
    )
    trail.record(
        event="order.followed",
        account=new.account.number,
        mode=new.mode,
        subject=new.instrument.symbol,
        sentence=f"{new.instrument.symbol} {new.get_purpose_display()} {new.side} was replaced at the broker, which the"
        f" desk did not ask for: the order {broker_order_id} goes on in its place",
        by="broker",
        now=now,
        severity="warning",
        pass_id=new.intent.pass_id,
        intent=str(new.intent_id),
        order=new.client_order_id,
        data={"replaces": old.broker_order_id},
    )
    return new


def takes_shape(order: Order) -> bool:
    """Whether the next report tells for the first time what the successor is: it may be larger than the old one."""
    return order.replaces_id is not None and order.answered_at is None
