"""What tests do behind the desk's back: orders by hand, cash that moves, answers of the broker that are put wrong."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from tests.robot import WISHES, Robot, robot, script
from trading.broker import gateway as port
from trading.choices import OrderType, Side, TimeInForce
from trading.models import Order, ReconciliationBreak, ReconciliationRun
from trading.reconciling import reconciliation

CONTINUOUS = ReconciliationRun.Kind.CONTINUOUS


@contextmanager
def open_desk(minutes: int = 1) -> Iterator[Robot]:
    """A desk whose books are open and whose market has played so many minutes."""
    with robot(script(lambda symbol, minute: "100", minutes=40)) as desk:
        desk.minutes(minutes)
        yield desk


def compare(desk: Robot, gateway: port.BrokerGateway | None = None) -> ReconciliationRun:
    at = desk.venue.venue.clock.now()
    return reconciliation.compare(desk.account, gateway or desk.gateway, kind=CONTINUOUS, now=desk.now, market_now=at)


def by_hand(desk: Robot, side: str = "buy", price: str = "105", quantity: str = "5", client_id: str = "") -> str:
    """Somebody else's order at the venue; returns its id there."""
    return desk.gateway.submit(
        port.NewOrder(
            client_order_id=client_id or f"by-hand-{uuid.uuid4()}",
            symbol="AAPL",
            side=Side(side),
            quantity=Decimal(quantity),
            type=OrderType.LIMIT,
            time_in_force=TimeInForce.DAY,
            limit_price=Decimal(price),
        )
    ).broker_order_id


def move_cash(desk: Robot, amount: str) -> None:
    ledger = desk.venue.venue.exchange._account(desk.account.number).ledger

    def move() -> None:
        ledger.cash += Decimal(amount)

    desk.venue.call(move)


def open_cases() -> list[tuple[str, str, str, str]]:
    cases = ReconciliationBreak.objects.filter(status="open").order_by("pk")
    return list(cases.values_list("kind", "symbol", "expected", "seen"))


class Altered:
    """The real gateway with one answer put wrong: `answers` holds what replaces a call, in turn."""

    def __init__(self, real: port.BrokerGateway, **answers: Any) -> None:
        self._real, self._answers = real, answers

    def __getattr__(self, name: str) -> Any:
        return self._answers.get(name, getattr(self._real, name))


def enter(desk: Robot, *, fills_told: bool = True) -> Order:
    """Let the rule buy AAPL; without `fills_told` the broker shows the order as filled and no fill of it."""
    real = desk.gateway
    minute = desk.account.passes.count() + 1
    WISHES.by_minute["AAPL", minute] = "long"
    if not fills_told:
        desk.gateway = Altered(real, fills_since=lambda _: ())
    desk.minutes(4)
    desk.gateway = real
    return Order.objects.get(purpose="entry")


def lose_the_answer(real: port.BrokerGateway, order: port.NewOrder) -> port.OrderReport:
    real.submit(order)
    raise port.OutcomeUnknown("the answer did not come")
