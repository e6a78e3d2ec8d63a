"""Rows and reports of the order path for tests: an order saved as sent without a pass, and what a broker may say."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from risk.exposure import Verdict
from trading import leases, orders
from trading.broker.gateway import BrokerGateway, ExecutionReport, FillReport, NewOrder, OrderReport
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, AccountState, Instrument, Order

WALL = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
"""The wall clock of these tests."""

MARKET = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
"""The venue's clock: half an hour into a session."""

CASH = Decimal(100_000)


def open_account(number: str = "PA0000001", mode: str = "paper") -> Account:
    """An account whose books are open, with two instruments to trade."""
    account = Account.objects.create(number=number, name=number, mode=mode, created_at=WALL)
    AccountState.objects.create(account=account, ledger_cash=CASH, ledger_opened_at=MARKET - timedelta(minutes=30))
    for symbol in ("AAPL", "MSFT"):
        Instrument.objects.get_or_create(symbol=symbol, defaults={"tradable": True, "checked_at": WALL})
    return account


def going(
    account: Account,
    *,
    symbol: str = "AAPL",
    quantity: int | Decimal = 100,
    side: Side = Side.BUY,
    purpose: Purpose = Purpose.ENTRY,
    limit: str = "101",
    bracket: bool = False,
    at: datetime = MARKET,
    now: datetime = WALL,
) -> orders.Going:
    """An intent that was approved, and its order that is saved as sent: only the wire is missing."""
    proposal = orders.Proposal(
        account=account,
        instrument=Instrument.objects.get(symbol=symbol),
        purpose=purpose,
        side=side,
        quantity=Decimal(quantity),
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC if bracket else TimeInForce.DAY,
        order_class=OrderClass.BRACKET if bracket else OrderClass.SIMPLE,
        by="test",
        limit_price=Decimal(limit),
        take_profit_price=Decimal("110") if bracket else None,
        stop_loss_price=Decimal("95") if bracket else None,
    )
    with transaction.atomic():
        decided = orders.record_decision(
            proposal,
            Verdict(True, (), {}, {}),
            intent_id=uuid.uuid4(),
            session_date=at.date(),
            pass_id="",
            build="test",
            market_now=at,
            looked_at=now,
            now=now,
        )
    assert decided.going is not None
    return decided.going


def sent(account: Account, *, status: OrderStatus = OrderStatus.SUBMITTED, **wanted: Any) -> Order:
    """An order that was saved as sent, and moved on to `status` where one is given."""
    order = going(account, **wanted).order
    if status != OrderStatus.SUBMITTED:
        Order.objects.filter(pk=order.pk).update(status=status)
    order.refresh_from_db()
    return order


def lease(account: Account, holder: str = "test", now: datetime = WALL) -> leases.Lease:
    taken = leases.acquire(account.pk, holder=holder, now=now)
    assert taken is not None, "the lease is held"
    return taken


def report(
    order: Order, status: OrderStatus | None, filled: int | Decimal = 0, average: str | None = None, **other: Any
) -> OrderReport:
    """What the broker says of an order; its id there is made from ours unless one is given."""
    said = OrderReport(
        broker_order_id=order.broker_order_id or f"b-{order.client_order_id}",
        client_order_id=order.client_order_id,
        symbol=order.instrument.symbol,
        side=Side(order.side),
        quantity=order.quantity,
        type=OrderType(order.type),
        status=status,
        raw_status=str(status or "from the future"),
        filled_quantity=Decimal(filled),
        filled_average_price=Decimal(average) if average else None,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        order_class=OrderClass(order.order_class),
        submitted_at=MARKET,
        updated_at=MARKET,
    )
    return replace(said, **other)


def execution(order: Order, quantity: int, price: str, cumulative: int, *, at: datetime = MARKET) -> OrderReport:
    """A fill as the stream tells it."""
    status = OrderStatus.FILLED if cumulative == order.quantity else OrderStatus.PARTIALLY_FILLED
    told = ExecutionReport(f"x-{order.pk}-{cumulative}", Decimal(quantity), Decimal(price), at)
    return report(order, status, cumulative, price, event="fill", execution=told)


def activity(order: Order, quantity: int, price: str, cumulative: int, *, at: datetime = MARKET) -> FillReport:
    """The same fill as the account's activities tell it."""
    return FillReport(
        activity_id=f"a-{order.pk}-{cumulative}",
        broker_order_id=order.broker_order_id or f"b-{order.client_order_id}",
        symbol=order.instrument.symbol,
        side=Side(order.side),
        quantity=Decimal(quantity),
        price=Decimal(price),
        cumulative_quantity=Decimal(cumulative),
        at=at,
    )


def leg(parent: Order, name: str, status: OrderStatus, *, quantity: int | None = None, filled: int = 0) -> OrderReport:
    """A leg of a bracket: "stop" or "target"."""
    stop = name == "stop"
    return report(
        parent,
        status,
        filled,
        broker_order_id=f"b-{name}-{parent.pk}",
        client_order_id=f"c-{name}-{parent.pk}",
        side=Side.SELL,
        quantity=Decimal(quantity if quantity is not None else int(parent.quantity)),
        type=OrderType.STOP if stop else OrderType.LIMIT,
        limit_price=None if stop else Decimal(110),
        stop_price=Decimal(95) if stop else None,
        order_class=OrderClass.BRACKET,
    )


@dataclass
class Wrapped:
    """A gateway whose sending is disturbed: `before` runs before the wire, `after` once the broker has the order."""

    gateway: BrokerGateway
    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None
    sends: int = 0

    def submit(self, order: NewOrder) -> OrderReport:
        self.before()
        self.sends += 1
        answer = self.gateway.submit(order)
        self.after()
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gateway, name)


class Blind(Wrapped):
    """A broker that does not show some things yet."""

    hidden_orders = False
    hidden_fills = False

    def open_orders(self) -> tuple[OrderReport, ...]:
        return () if self.hidden_orders else self.gateway.open_orders()

    def order_by_client_id(self, client_order_id: str) -> OrderReport | None:
        return None if self.hidden_orders else self.gateway.order_by_client_id(client_order_id)

    def fills_since(self, after: object) -> tuple[FillReport, ...]:
        return () if self.hidden_fills else self.gateway.fills_since(after)  # type: ignore[arg-type]


class Killed(BaseException):
    """The process ended here: nothing after it runs."""


def raising(failure: BaseException) -> Callable[..., None]:
    """A disturbance that raises."""

    def fail(*_: object) -> None:
        raise failure

    return fail
