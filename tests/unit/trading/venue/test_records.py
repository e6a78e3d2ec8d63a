"""Reading an account: order lists, positions, closes, activities, equity and settings."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.trading.venue.trading_day import ACCOUNT, OPEN, TradingDay, at_market, refused
from trading.venue.identity import asset_id
from trading.venue.values import StopLoss, TakeProfit
from trading.venue.words import OrderClass, OrderType, Side

LIMIT = OrderType.LIMIT
EXITS: dict[str, Any] = {"take_profit": TakeProfit(Decimal(105)), "stop_loss": StopLoss(Decimal(95))}


class TestOrders:
    def day(self) -> TradingDay:
        """One filled buy, then three resting ones, a minute apart."""
        day = at_market()
        day.buy("1", client_order_id="filled")
        for number in range(3):
            day.clock.advance(timedelta(minutes=1))
            symbol = "IBM" if number == 2 else "AAPL"
            if number == 2:
                day.bar("200 200 200 200", symbol="IBM")
            day.buy("1", LIMIT, limit_price="90", symbol=symbol, client_order_id=f"resting{number}")
        return day

    def names(self, day: TradingDay, **wanted: Any) -> list[str]:
        return [order.client_order_id for order in day.exchange.orders(ACCOUNT, **wanted)]

    def test_lists_open_orders_newest_first(self) -> None:
        assert self.names(self.day()) == ["resting2", "resting1", "resting0"]

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ({"status": "closed"}, ["filled"]),
            ({"status": "all", "direction": "asc", "limit": 2}, ["filled", "resting0"]),
            ({"direction": "asc"}, ["resting0", "resting1", "resting2"]),
            ({"status": "all", "direction": "asc"}, ["filled", "resting0", "resting1", "resting2"]),
            ({"symbols": ["IBM"]}, ["resting2"]),
            ({"side": Side.SELL}, []),
            ({"status": "all", "limit": 1}, ["resting2"]),
        ],
    )
    def test_filters(self, wanted: dict[str, Any], expected: list[str]) -> None:
        assert self.names(self.day(), **wanted) == expected

    def test_leaves_out_both_ends_of_the_time_asked_for(self) -> None:
        day = self.day()
        first, last = (day.exchange.order_by_client_id(ACCOUNT, name).submitted_at for name in ("filled", "resting1"))

        for status in ("all", "open"):
            assert self.names(day, status=status, after=first, until=last) == ["resting0"]

    def test_nests_legs_in_their_parent_or_lists_them_flat(self) -> None:
        day = at_market()
        entry = day.buy("1", order_class=OrderClass.BRACKET, **EXITS)

        nested = day.exchange.orders(ACCOUNT, nested=True)
        flat = day.exchange.orders(ACCOUNT)

        assert [order.id for order in nested] == [entry.id]
        assert len(nested[0].legs) == 2
        assert {order.id for order in flat} == {leg.id for leg in entry.legs}
        assert all(order.legs == [] for order in flat)

    @pytest.mark.parametrize("wanted", [{"limit": 501}, {"limit": 0}, {"status": "odd"}, {"direction": "up"}])
    def test_refuses_what_cannot_be_listed(self, wanted: dict[str, Any]) -> None:
        assert refused(lambda: at_market().exchange.orders(ACCOUNT, **wanted)).status == 422

    def test_hands_out_orders_that_do_not_change(self) -> None:
        day = at_market()
        day.buy("1", LIMIT, limit_price="99")
        before = day.exchange.orders(ACCOUNT)[0]

        day.bar("99 99 99 99")

        assert before.filled_qty == 0


class TestPosition:
    def test_values_a_holding_at_the_last_price(self) -> None:
        day = at_market()
        day.buy("10")
        day.bar("110 110 110 110")

        position = day.exchange.position(ACCOUNT, asset_id("AAPL"))

        assert (position.qty, position.avg_entry_price, position.market_value) == (
            Decimal(10),
            Decimal("100.01"),
            Decimal(1100),
        )
        assert position.unrealized_pl == Decimal("99.90")
        assert position.unrealized_plpc == Decimal("99.90") / Decimal("1000.10")

    def test_is_negative_for_a_short(self) -> None:
        day = at_market()
        day.sell("10")
        day.bar("90 90 90 90")

        position = day.exchange.position(ACCOUNT, "AAPL")

        assert (position.side, position.qty, position.market_value, position.cost_basis) == (
            "short",
            Decimal(-10),
            Decimal(-900),
            Decimal(-1000),
        )
        assert position.unrealized_pl == 100

    def test_is_missing_where_nothing_is_held(self) -> None:
        refusal = refused(lambda: at_market().exchange.position(ACCOUNT, "AAPL"))

        assert refusal.body == {"code": 40410000, "message": "position does not exist"}


class TestClosePosition:
    @pytest.mark.parametrize(
        ("part", "left"), [({}, 0), ({"qty": Decimal(4)}, 6), ({"percentage": Decimal(25)}, Decimal("7.5"))]
    )
    def test_sells_all_or_the_part_asked_for(self, part: dict[str, Decimal], left: Decimal) -> None:
        day = at_market()
        day.buy("10")

        day.exchange.close_position(ACCOUNT, "AAPL", **part)

        assert day.held() == left

    def test_buys_back_a_short(self) -> None:
        day = at_market()
        day.sell("10")

        assert day.exchange.close_position(ACCOUNT, "AAPL").side is Side.BUY
        assert day.held() == 0

    @pytest.mark.parametrize(
        ("part", "status"),
        [
            ({"qty": Decimal(11)}, 403),
            ({"percentage": Decimal(101)}, 422),
            ({"percentage": Decimal(0)}, 422),
            ({"qty": Decimal(1), "percentage": Decimal(1)}, 422),
        ],
    )
    def test_refuses_a_part_that_makes_no_sense(self, part: dict[str, Decimal], status: int) -> None:
        day = at_market()
        day.buy("10")

        assert refused(lambda: day.exchange.close_position(ACCOUNT, "AAPL", **part)).status == status

    def test_closes_all_and_reports_each(self) -> None:
        day = at_market().bar("200 200 200 200", symbol="IBM")
        day.buy("10")
        day.buy("5", symbol="IBM")
        day.sell("4", LIMIT, limit_price="120")

        kept = day.exchange.close_all(ACCOUNT)
        assert [(one.key, one.status) for one in kept] == [("AAPL", 403), ("IBM", 200)]
        assert kept[0].body is not None
        assert kept[0].body["held_for_orders"] == "4"
        day.exchange.close_all(ACCOUNT, cancel_orders=True)

        assert day.exchange.positions(ACCOUNT) == []


class TestActivities:
    def test_are_paged_by_the_last_item_seen(self) -> None:
        day = at_market()
        for _ in range(5):
            day.buy("1")

        first = day.exchange.activities(ACCOUNT, page_size=2)
        second = day.exchange.activities(ACCOUNT, page_size=2, page_token=first[-1].activity_id)
        third = day.exchange.activities(ACCOUNT, page_size=2, page_token=second[-1].activity_id)

        seen = [*first, *second, *third]
        assert len(seen) == len({one.activity_id for one in seen}) == 5
        assert seen == day.exchange.activities(ACCOUNT)
        assert day.exchange.activities(ACCOUNT, direction="asc") == seen[::-1]

    def test_begin_with_new_york_digits_and_carry_utc(self) -> None:
        day = at_market()
        day.buy("1")

        fill = day.exchange.activities(ACCOUNT)[0]

        assert fill.activity_id.startswith("20130102093100000::")
        assert (fill.at, fill.kind, fill.cum_qty, fill.leaves_qty) == (
            OPEN + timedelta(minutes=1),
            "fill",
            Decimal(1),
            Decimal(0),
        )

    def test_are_none_of_other_types(self) -> None:
        day = at_market()
        order = day.buy("1")

        assert day.exchange.activities(ACCOUNT, types=["DIV"]) == []
        assert len(day.exchange.activities(ACCOUNT, types=["FILL"], order_id=order.id)) == 1

    def test_refuse_an_unknown_token(self) -> None:
        assert refused(lambda: at_market().exchange.activities(ACCOUNT, page_token="x")).status == 422
