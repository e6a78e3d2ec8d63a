"""What a pass and a decision ask of the database does not grow with orders, positions or fills."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.orderpath import going, sent
from tests.robot import WISHES, Robot, robot
from trading import healing, leases, orders, portfolio
from trading.broker.gateway import QuoteReport
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Fill, Instrument, Order, Position
from trading.proposing import decisions, protection
from trading.reading import books

pytestmark = pytest.mark.django_db

PASS = 30
"""Statements of a pass in which nothing is wanted."""

DECISION = 20
"""Statements of one decision, savepoints included."""


@pytest.fixture
def desk() -> Iterator[Robot]:
    with robot() as made:
        made.minutes(6)
        yield made


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as captured:
        yield captured


def _submit(desk: Robot, **wanted: Any) -> None:
    order = going(desk.account, at=desk.gateway.clock().at, now=desk.now, **wanted)
    with leases.held(desk.account.pk, holder="test", now=desk.now) as lease:
        assert lease is not None
        orders.send(order, gateway=desk.gateway, lease=lease, now=desk.now)


def place_many(desk: Robot, count: int) -> None:
    """Working orders at the venue that our books know, in both symbols, far from the market."""
    for number in range(count):
        _submit(desk, symbol=("AAPL", "MSFT")[number % 2], quantity=1, limit="50")
    # No entries any more: a stale entry is canceled, which is work and no growth.
    Order.objects.filter(limit_price=50).update(purpose=Purpose.TARGET)


def hold_many(desk: Robot, count: int) -> None:
    """Positions in many instruments, each under a stop."""
    begin = Instrument.objects.count()
    for number in range(begin, begin + count):
        Instrument.objects.create(symbol=f"S{number:03d}", tradable=True, checked_at=desk.now)
        stop = sent(desk.account, symbol=f"S{number:03d}", quantity=5, side=Side.SELL, now=desk.now)
        Order.objects.filter(pk=stop.pk).update(status=OrderStatus.ACCEPTED, purpose=Purpose.STOP)
        Position.objects.create(
            account=desk.account,
            mode="paper",
            instrument=stop.instrument,
            quantity=5,
            average_price=100,
            updated_at=desk.now,
        )


class TestAPass:
    def test_asks_no_more_with_many_orders_and_positions(self, desk: Robot) -> None:
        with counted() as few:
            desk.minute()
        place_many(desk, 30)
        hold_many(desk, 30)
        desk.minute()

        with counted() as many:
            desk.minute()

        assert len(many) <= len(few) + 2
        assert len(few) <= PASS

    def test_asks_no_more_with_many_fills_behind_it(self, desk: Robot) -> None:
        with counted() as few:
            desk.minute()
        for side, limit in ((Side.BUY, "101"), (Side.SELL, "99")):
            for _ in range(15):
                _submit(desk, side=side, quantity=1, limit=limit)
            desk.venue.step()
            healing.heal(desk.account, desk.gateway, now=desk.now, market_now=desk.gateway.clock().at)

        with counted() as many:
            desk.minute()

        assert Fill.objects.count() == 30
        assert len(many) <= len(few) + 2


class TestADecision:
    def test_asks_no_more_with_many_orders_and_positions(self, desk: Robot) -> None:
        hold_many(desk, 12)
        first = self._decide(desk)
        hold_many(desk, 40)

        second = self._decide(desk)

        assert second == first
        assert first <= DECISION

    def _decide(self, desk: Robot) -> int:
        at = desk.gateway.clock().at
        quote = QuoteReport("AAPL", Decimal("99.99"), Decimal("100.01"), at)
        with leases.held(desk.account.pk, holder="test", now=desk.now) as lease:
            assert lease is not None
            moment = decisions.Moment(
                desk.now, at, portfolio.Prices({"AAPL": Decimal(100)}, {"AAPL": quote}), lease, pass_id=""
            )
            proposal = orders.Proposal(
                account=desk.account,
                instrument=Instrument.objects.get(symbol="AAPL"),
                purpose=Purpose.ENTRY,
                side=Side.BUY,
                quantity=Decimal(1),
                type=OrderType.LIMIT,
                time_in_force=TimeInForce.GTC,
                order_class=OrderClass.BRACKET,
                by="test",
                limit_price=Decimal("100.01"),
                take_profit_price=Decimal(104),
                stop_loss_price=Decimal(98),
                reference_price=Decimal(100),
            )
            with counted() as asked:
                decisions.decide(proposal, moment)
        return len(asked)


class TestNaked:
    def test_asks_once_however_much_is_held(self, desk: Robot) -> None:
        hold_many(desk, 20)

        with counted() as asked:
            protection.naked(books.read(desk.account.pk))

        assert len(asked) == 1


class TestTheVenue:
    def test_is_asked_no_more_with_many_orders(self, desk: Robot) -> None:
        """Requests cost more than statements: legs of a filled bracket must not be asked for one by one."""
        WISHES.by_minute["AAPL", 6] = "long"
        desk.minutes(3)
        before = _requests(desk)
        place_many(desk, 20)
        desk.minute()

        after = _requests(desk)

        assert after == before


def _requests(desk: Robot) -> int:
    """Requests of one pass."""
    from trading.broker import alpaca_calls

    asked = 0
    read = alpaca_calls.Caller.read

    def counting(self: object, *arguments: object, **named: object) -> object:
        nonlocal asked
        asked += 1
        return read(self, *arguments, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alpaca_calls.Caller, "read", counting)
        desk.minute()
    return asked
