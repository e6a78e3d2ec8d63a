"""One fill is one fill, however, in whatever order and however often it is heard."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from tests.orderpath import CASH, MARKET, WALL, activity, execution, leg, open_account, report, sent
from trading import orders
from trading.broker.gateway import FillReport
from trading.choices import OrderStatus, Purpose, Side
from trading.models import Account, AccountState, Fill, FillSighting, Lot, LotClosing, Order, Position
from trading.orders import Heard, Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return open_account()


def stream(order: Order, quantity: int, price: str, cumulative: int) -> Outcome:
    said = execution(order, quantity, price, cumulative)
    return orders.apply_report(order.account, said, now=WALL, heard=Heard.STREAM)


def known(account: Account, quantity: int = 100) -> Order:
    """A working order the broker has answered."""
    order = sent(account, quantity=quantity)
    orders.apply_report(account, report(order, OrderStatus.ACCEPTED), now=WALL, heard=Heard.ANSWER)
    order.refresh_from_db()
    return order


class TestAFill:
    def test_heard_by_stream_and_activity_is_one_fill_with_two_sightings(self, account: Account) -> None:
        order = known(account)

        stream(order, 100, "100", 100)
        orders.apply_fills(account, [activity(order, 100, "100", 100)], now=WALL)

        assert Fill.objects.get().quantity == 100
        assert set(FillSighting.objects.values_list("source", flat=True)) == {"stream", "activity"}
        assert AccountState.objects.get().ledger_cash == CASH - 10_000

    def test_heard_by_activity_first_is_no_news_on_the_stream(self, account: Account) -> None:
        order = known(account)
        orders.apply_fills(account, [activity(order, 100, "100", 100)], now=WALL)

        stream(order, 100, "100", 100)
        stream(order, 100, "100", 100)

        order.refresh_from_db()
        assert Fill.objects.count() == 1
        assert (order.status, order.booked_quantity) == (OrderStatus.FILLED, 100)
        assert order.filled_average_price == 100
        assert AuditEvent.objects.filter(event="fill.booked").count() == 1

    @pytest.mark.parametrize("sequence", list(permutations(range(3))))
    def test_may_come_in_any_order(self, account: Account, sequence: tuple[int, ...]) -> None:
        order = known(account)
        parts = [(40, "100", 40), (35, "100.02", 75), (25, "100.05", 100)]

        for index in sequence:
            stream(order, *parts[index])

        order.refresh_from_db()
        assert (order.status, order.booked_quantity, Fill.objects.count()) == (OrderStatus.FILLED, 100, 3)
        assert Position.objects.get().quantity == 100
        assert AccountState.objects.get().ledger_cash == CASH - Decimal("4000") - Decimal("3500.70") - Decimal(
            "2501.25"
        )

    def test_that_was_not_heard_is_booked_from_the_activities(self, account: Account) -> None:
        order = known(account)
        hole = stream(order, 60, "100", 100)

        orders.apply_fills(account, [activity(order, 40, "99", 40), activity(order, 60, "100", 100)], now=WALL)

        order.refresh_from_db()
        assert hole == Outcome.FILL_MISSING
        assert (order.booked_quantity, Fill.objects.count()) == (100, 2)
        assert not Order.objects.fill_missing().exists()

    @pytest.mark.parametrize(
        ("quantity", "cumulative"),
        [(100, 100), (50, 60), (30, 20), (10, 110)],
        ids=["a total over a part", "overlapping", "more than its cumulative", "more than ordered"],
    )
    def test_that_contradicts_the_ones_before_is_told_once_and_not_booked(
        self, account: Account, quantity: int, cumulative: int
    ) -> None:
        order = known(account)
        stream(order, 40, "100", 40)
        told = activity(order, quantity, "100", cumulative)

        for _ in range(2):
            orders.apply_fills(account, [told], now=WALL)

        order.refresh_from_db()
        assert (order.booked_quantity, Position.objects.get().quantity) == (40, 40)
        assert AuditEvent.objects.get(event="fill.contradicts").severity == "critical"

    def test_of_an_order_that_is_not_ours_is_handed_back(self, account: Account) -> None:
        other = sent(open_account("PA0000002"))
        stranger = activity(other, 5, "100", 5)

        assert orders.apply_fills(account, [stranger], now=WALL) == [stranger]
        assert not Fill.objects.exists()

    def test_of_a_leg_sells_what_the_entry_bought(self, account: Account) -> None:
        entry = sent(account, bracket=True)
        stop = leg(entry, "stop", OrderStatus.ACCEPTED)
        orders.apply_report(account, report(entry, OrderStatus.ACCEPTED, legs=(stop,)), now=WALL, heard=Heard.ANSWER)
        stream(entry, 100, "100", 100)

        stream(entry.legs.get(), 100, "95", 100)

        assert Position.objects.get().quantity == 0
        assert LotClosing.objects.get().realised_pnl == -500
        assert Lot.objects.get().remaining == 0


class TestApplyFills:
    def test_asks_the_database_once_about_fills_it_has_heard(
        self, account: Account, django_assert_num_queries: object
    ) -> None:
        order = known(account)
        told = [activity(order, 1, "100", n, at=MARKET + timedelta(seconds=n)) for n in range(1, 31)]
        orders.apply_fills(account, told, now=WALL)

        with django_assert_num_queries(1):  # type: ignore[operator]
            orders.apply_fills(account, told, now=WALL)

    def test_leaves_nothing_of_a_fill_that_could_not_be_booked_whole(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from trading.positions import ledger

        order = known(account)

        def crash(*_: object, **__: object) -> None:
            raise RuntimeError("killed between the fill and the position")

        with monkeypatch.context() as patch:
            patch.setattr(ledger, "_write_positions", crash)
            with pytest.raises(RuntimeError):
                orders.apply_fills(account, [activity(order, 100, "100", 100)], now=WALL)
        left = (Fill.objects.count(), Lot.objects.count(), AccountState.objects.get().ledger_cash)
        orders.apply_fills(account, [activity(order, 100, "100", 100)], now=WALL)

        assert left == (0, 0, CASH)
        assert Position.objects.get().quantity == 100


class TestALateFill:
    """What an order is called after it ended: every share filled is FILLED, a part stays what the broker called it."""

    @pytest.mark.parametrize("ended", [OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED])
    def test_of_the_whole_makes_it_filled_however_it_is_heard(self, account: Account, ended: OrderStatus) -> None:
        by_stream, by_activity = known(account), known(account)
        for order in (by_stream, by_activity):
            orders.apply_report(account, report(order, ended), now=WALL, heard=Heard.STREAM)

        stream(by_stream, 100, "100", 100)
        orders.apply_fills(account, [activity(by_activity, 100, "100", 100)], now=WALL)

        for order in (by_stream, by_activity):
            order.refresh_from_db()
            assert (order.status, order.filled_quantity, order.booked_quantity) == (OrderStatus.FILLED, 100, 100)
            assert AuditEvent.objects.filter(event="order.filled", order=order.client_order_id).count() == 1

    def test_of_a_part_leaves_it_canceled_with_its_part(self, account: Account) -> None:
        order = known(account)
        orders.apply_report(account, report(order, OrderStatus.CANCELED), now=WALL, heard=Heard.STREAM)

        orders.apply_fills(account, [activity(order, 40, "100", 40)], now=WALL)
        orders.apply_report(account, report(order, OrderStatus.CANCELED), now=WALL, heard=Heard.POLL)

        order.refresh_from_db()
        assert (order.status, order.filled_quantity, order.booked_quantity) == (OrderStatus.CANCELED, 40, 40)
        assert order not in Order.objects.fill_missing()

    def test_shows_in_the_state_of_a_working_order_before_any_report(self, account: Account) -> None:
        order = known(account)

        orders.apply_fills(account, [activity(order, 40, "100", 40)], now=WALL)

        order.refresh_from_db()
        assert order.status == OrderStatus.PARTIALLY_FILLED


class TestManyFills:
    def test_take_no_more_statements_than_few(self, account: Account) -> None:
        rows = [known(account, 10) for _ in range(12)]
        few = self._book(account, [activity(rows[0], 1, "100", 1), activity(rows[1], 1, "100", 1)])

        many = self._book(account, [activity(row, 1, "100", n) for n in range(2, 11) for row in rows[2:]])

        assert Fill.objects.count() == 92
        assert many <= few

    def test_are_booked_one_by_one_where_one_of_them_cannot_be(self, account: Account) -> None:
        good, bad = known(account), known(account)
        told = [activity(good, 40, "100", 40), replace(activity(bad, 1, "100", 90), activity_id="a" * 200)]

        with pytest.raises(DataError):
            orders.apply_fills(account, told, now=WALL)

        assert [fill.order for fill in Fill.objects.all()] == [good]

    def _book(self, account: Account, told: list[FillReport]) -> int:
        with CaptureQueriesContext(connection) as asked:
            orders.apply_fills(account, told, now=WALL)
        return len(asked)


class TestSellingMoreThanHeld:
    def test_is_booked_as_the_broker_says_it(self, account: Account) -> None:
        bought, sold = known(account, 10), sent(account, quantity=25, side=Side.SELL, purpose=Purpose.EXIT)
        stream(bought, 10, "100", 10)

        stream(sold, 25, "101", 25)

        assert Position.objects.get().quantity == -15
        assert LotClosing.objects.get().realised_pnl == 10
        assert AccountState.objects.get().ledger_cash == CASH - 1000 + 2525
