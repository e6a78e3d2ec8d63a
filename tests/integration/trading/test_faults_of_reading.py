"""The broker answers reads wrongly: a missing report is never taken for nothing held, and old news undoes nothing."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.integration.trading import faulty_desk
from tests.integration.trading.faulty_desk import assert_settled, converge, planned, shares, wish
from tests.integration.trading.hands import compare, open_cases
from tests.robot import Robot
from trading import healing
from trading.choices import OrderStatus
from trading.models import Fill, Order, Position
from trading.venue.faults.plan import When

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[Robot]:
    """A desk that holds AAPL under a stop and a target."""
    with faulty_desk.faulty_desk() as made:
        wish(made, "long")
        made.minutes(3)
        assert Position.objects.get().quantity > 0
        yield made


class TestAnEmptyAnswer:
    @pytest.mark.parametrize("on", ["positions", "orders"])
    def test_opens_no_case_and_forgets_nothing(self, desk: Robot, on: str) -> None:
        planned(desk, "empty_body", on=[on])

        run = compare(desk)

        assert run.outcome == "unreadable"
        assert open_cases() == []
        converge(desk)
        assert_settled(desk)


class TestAnOldSnapshot:
    def test_undoes_no_fill(self, desk: Robot) -> None:
        before = Position.objects.get().quantity
        planned(desk, "old_snapshot", when=When(count=4))
        wish(desk, "flat")

        converge(desk, minutes=5)

        assert faulty_desk.hits(desk, "old_snapshot") > 0
        assert Order.objects.get(purpose="entry").filled_quantity == before
        assert_settled(desk)


class TestSomebodyElse:
    def test_that_buys_becomes_a_case_and_no_order_of_ours(self, desk: Robot) -> None:
        ours = Order.objects.count()
        planned(desk, "manual_order", symbols=["MSFT"], qty=Decimal(3))

        desk.minutes(2)
        compare(desk)

        assert {(kind, symbol) for kind, symbol, *_ in open_cases()} == {
            ("position", "MSFT"), ("fill", "MSFT"), ("cash", ""),
        }  # fmt: skip
        assert (Order.objects.count(), "MSFT" in shares(desk)[0]) == (ours, False)

    def test_that_closes_our_position_becomes_a_case(self, desk: Robot) -> None:
        planned(desk, "manual_cancel", when=When(count=2))
        desk.minute()
        planned(desk, "position_closed")

        desk.minutes(2)
        compare(desk)

        assert ("position", "AAPL") in {(kind, symbol) for kind, symbol, *_ in open_cases()}

    def test_that_cancels_our_protection_is_noticed_and_it_is_armed_again(self, desk: Robot) -> None:
        planned(desk, "manual_cancel")

        desk.minutes(4)

        live = Order.objects.filter(purpose="stop", status__in=[OrderStatus.ACCEPTED, OrderStatus.HELD])
        assert live.count() == 1
        assert_settled(desk)


class TestAVoidedTrade:
    def test_becomes_a_case(self, desk: Robot) -> None:
        planned(desk, "trade_busted")

        desk.minutes(2)
        healing.heal(desk.account, desk.gateway, now=desk.now, market_now=desk.gateway.clock().at)
        compare(desk)

        assert ("position", "AAPL") in {(kind, symbol) for kind, symbol, *_ in open_cases()}
        assert Fill.objects.count() == 1

    def test_that_is_only_corrected_becomes_a_case_of_cash(self, desk: Robot) -> None:
        planned(desk, "trade_corrected")

        desk.minutes(2)
        compare(desk)

        assert "cash" in {kind for kind, *_ in open_cases()}
