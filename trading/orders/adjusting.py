"""Orders that stand in the books and are never sent: a stranger's order taken over, a correction of shares.

Both come of an approved request alone; the caller holds the account's row lock in the transaction that consumed it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from audit import trail
from trading import positions, sessions
from trading.broker.gateway import FillReport
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, FillSighting, Instrument, Order, OrderIntent


@dataclass(frozen=True, slots=True)
class Entry:
    """Signed shares to book at a price (USD), dated `at` (the venue's clock), and who accepted what."""

    symbol: str
    quantity: Decimal
    price: Decimal
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """A stranger's order that has ended at the broker: its ids, its state, and every fill of it."""

    broker_order_id: str
    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    status: OrderStatus
    fills: tuple[FillReport, ...]


def book_entry(account: Account, entry: Entry, *, now: datetime) -> Order:
    """Book shares that changed hands without an order of ours, as one fill of an order that no broker has."""
    size = abs(entry.quantity)
    side = Side.BUY if entry.quantity > 0 else Side.SELL
    intent = _intent(account, entry.symbol, side, size, at=entry.at, by=entry.by, reason=entry.reason, now=now)
    order = _order(intent, OrderStatus.FILLED, filled=size, price=entry.price, client_order_id=str(intent.pk), now=now)
    told = FillSighting.Source.ACTIVITY
    positions.apply_fill(order, positions.Execution(size, entry.price, size, entry.at, told, ""), now=now)
    return order


def adopt(account: Account, found: Adopted, *, by: str, reason: str, now: datetime) -> Order:
    """Take a stranger's order and all its fills into the books, under the ids it has at the broker."""
    filled = sum((fill.quantity for fill in found.fills), Decimal(0))
    spent = sum((fill.quantity * fill.price for fill in found.fills), Decimal(0))
    last = max(fill.at for fill in found.fills)
    intent = _intent(account, found.symbol, found.side, found.quantity, at=last, by=by, reason=reason, now=now)
    order = _order(
        intent,
        found.status,
        filled=filled,
        price=spent / filled,
        client_order_id=found.client_order_id or str(intent.pk),
        broker_order_id=found.broker_order_id,
        now=now,
    )
    for fill in sorted(found.fills, key=lambda each: each.cumulative_quantity):
        told = FillSighting.Source.ACTIVITY
        execution = positions.Execution(
            fill.quantity, fill.price, fill.cumulative_quantity, fill.at, told, fill.activity_id
        )
        positions.apply_fill(order, execution, now=now)
    return order


def _intent(
    account: Account, symbol: str, side: Side, quantity: Decimal, *, at: datetime, by: str, reason: str, now: datetime
) -> OrderIntent:
    intent = OrderIntent.objects.create(
        id=uuid.uuid4(),
        account=account,
        mode=account.mode,
        instrument=Instrument.objects.get(symbol=symbol),
        purpose=Purpose.ADJUST,
        side=side,
        quantity=quantity,
        type=OrderType.MARKET,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.SIMPLE,
        approved=True,
        verdict={"adjusting": reason},
        by=by,
        session_date=sessions.date_of(at),
        decided_at=at,
        created_at=now,
    )
    trail.record(
        event="books.adjusting",
        account=account.number,
        mode=account.mode,
        subject=symbol,
        sentence=f"{symbol}: an adjusting entry of {side} {quantity.normalize():f} begins: {reason}",
        by=by,
        now=now,
        severity="warning",
        intent=str(intent.pk),
    )
    return intent


def _order(
    intent: OrderIntent,
    status: OrderStatus,
    *,
    filled: Decimal,
    price: Decimal,
    client_order_id: str,
    now: datetime,
    broker_order_id: str | None = None,
) -> Order:
    return Order.objects.create(
        intent=intent,
        account_id=intent.account_id,
        mode=intent.mode,
        instrument_id=intent.instrument_id,
        purpose=intent.purpose,
        side=intent.side,
        quantity=intent.quantity,
        type=intent.type,
        time_in_force=intent.time_in_force,
        order_class=intent.order_class,
        client_order_id=client_order_id,
        broker_order_id=broker_order_id,
        status=status,
        reason="never sent: an adjusting entry of the books",
        filled_quantity=filled,
        filled_average_price=price.quantize(Decimal("0.000001")),
        session_date=intent.session_date,
        created_at=now,
        finished_at=now,
    )
