"""How orders of each type meet the quote and the bars."""

from decimal import Decimal

import pytest

from tests.unit.trading.venue.trading_day import ACCOUNT, TradingDay, at_market, request
from trading.venue.words import OrderStatus, OrderType, Side, TimeInForce

LIMIT, STOP, STOP_LIMIT, TRAILING = OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP


class TestMarketOrder:
    def test_fills_at_once_at_the_far_side_of_the_quote(self) -> None:
        day = at_market()

        bought, sold = day.now(day.buy("10")), day.now(day.sell("4"))

        assert bought.filled_avg_price == Decimal("100.01")
        assert sold.filled_avg_price == Decimal("100.00")
        assert day.held() == 6
        assert day.cash() == Decimal("100000") - Decimal("1000.10") + 400

    def test_is_answered_as_accepted_and_told_by_events(self) -> None:
        day = at_market()

        answer = day.buy("10")

        assert answer.status is OrderStatus.PENDING_NEW
        assert answer.filled_qty == 0
        assert day.told(answer) == ["pending_new", "new", "fill"]
        assert [event.execution_id is None for event in day.events] == [True, False, False]
        assert day.events[-1].position_qty == 10

    def test_fills_in_parts_as_volume_allows(self) -> None:
        day = at_market().bar("100 100 100 100", volume=100)

        order = day.buy("25")
        day.bar("100 101 100 101", volume=100).bar("102 102 102 102", volume=1000)

        fills = [(event.execution.qty, event.execution.price) for event in day.events if event.execution]
        assert fills == [(Decimal(10), Decimal("100.01")), (Decimal(10), Decimal("100")), (Decimal(5), Decimal("102"))]
        assert day.told(order) == ["pending_new", "new", "partial_fill", "partial_fill", "fill"]
        assert day.now(order).filled_avg_price == Decimal("2510.10") / 25

    def test_turns_dollars_into_shares_at_the_price_paid(self) -> None:
        day = at_market()

        order = day.now(day.buy(None, notional="1000"))

        assert order.qty is None
        assert order.filled_qty == Decimal("9.999000099")
        assert order.status is OrderStatus.FILLED
        assert Decimal("99000") <= day.cash() < Decimal("99000.01")


class TestLimitOrder:
    def test_rests_until_the_price_comes(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="99")

        day.bar("100 100.50 99.01 99.50")
        assert day.status(order) is OrderStatus.NEW
        day.bar("99.50 99.60 99 99.20")

        assert day.now(order).filled_avg_price == 99

    def test_fills_at_once_where_the_quote_is_as_good(self) -> None:
        day = at_market()

        assert day.now(day.buy("10", LIMIT, limit_price="101")).filled_avg_price == Decimal("100.01")

    def test_gets_the_open_after_a_gap(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="99")

        day.bar("97.50 98 97 98")

        assert day.now(order).filled_avg_price == Decimal("97.50")

    def test_better_prices_and_then_earlier_orders_go_first(self) -> None:
        day = at_market()
        late_and_poor, early, better, late = (
            day.buy("10", LIMIT, limit_price=price) for price in ("98.50", "99", "99.50", "99")
        )

        day.bar("100 100 98 98", volume=150)

        assert [day.now(one).filled_qty for one in (better, early, late, late_and_poor)] == [10, 5, 0, 0]

    def test_accounts_share_the_volume_in_order_of_time(self) -> None:
        day = at_market()
        day.exchange.open_account("PA0002")
        first = day.exchange.submit("PA0002", request(Side.BUY, "10", LIMIT, limit_price="99"))
        second = day.buy("10", LIMIT, limit_price="99")

        day.bar("100 100 99 99", volume=120)

        assert day.exchange.order("PA0002", first.id).status is OrderStatus.FILLED
        assert day.now(second).filled_qty == 2


class TestStopOrder:
    def test_sells_at_the_stop_when_the_bar_trades_through(self) -> None:
        day = at_market()
        day.buy("10")
        order = day.sell("10", STOP, stop_price="98")

        day.bar("99 99.50 97 97.50")

        assert day.now(order).filled_avg_price == 98

    def test_sells_at_the_open_after_a_gap(self) -> None:
        day = at_market()
        day.buy("10")
        order = day.sell("10", STOP, stop_price="98")

        day.bar("95 96 94 95")

        assert day.now(order).filled_avg_price == 95

    def test_buys_no_more_than_two_and_a_half_percent_above(self) -> None:
        day = at_market()
        order = day.buy("10", STOP, stop_price="102")

        day.bar("105 106 104.60 106")
        assert day.status(order) is OrderStatus.NEW
        day.bar("106 106 104 104")

        assert day.now(order).filled_avg_price == Decimal("104.55")

    def test_works_on_as_a_limit_after_its_election(self) -> None:
        day = at_market()
        day.buy("10")
        order = day.sell("10", STOP_LIMIT, stop_price="98", limit_price="97.90")

        day.bar("96 97.50 95 96")
        assert day.status(order) is OrderStatus.NEW
        day.bar("97 98 97 98")

        assert day.now(order).filled_avg_price == Decimal("97.90")

    def test_is_elected_at_once_where_the_market_is_past_it(self) -> None:
        day = at_market()
        day.buy("10")

        assert day.status(day.sell("10", STOP, stop_price="101")) is OrderStatus.FILLED


class TestTrailingStop:
    def test_follows_the_high_and_sells_below_it(self) -> None:
        day = at_market()
        day.buy("10")
        order = day.sell("10", TRAILING, trail_price="2")
        assert (day.now(order).hwm, day.now(order).stop_price) == (Decimal(100), Decimal(98))

        day.bar("100 105 100 104.50")
        assert (day.now(order).hwm, day.now(order).stop_price) == (Decimal(105), Decimal(103))
        day.bar("104 104 102 102")

        assert day.now(order).filled_avg_price == 103

    def test_never_moves_its_stop_back(self) -> None:
        day = at_market()
        day.buy("10")
        order = day.sell("10", TRAILING, trail_percent="5")

        day.bar("100 110 100 109").bar("108 109 106 106")

        assert (day.now(order).hwm, day.now(order).stop_price) == (Decimal(110), Decimal("104.50"))
        assert day.status(order) is OrderStatus.NEW

    def test_follows_the_low_when_it_buys(self) -> None:
        day = at_market()
        day.sell("10")
        order = day.buy("10", TRAILING, trail_price="2")

        day.bar("100 100 95 95.50").bar("96 97.50 96 97.50")

        assert day.now(order).filled_avg_price == 97


class TestTimeInForce:
    @pytest.mark.parametrize(
        ("kind", "filled", "status"),
        [
            (TimeInForce.IOC, 10, OrderStatus.CANCELED),
            (TimeInForce.FOK, 0, OrderStatus.CANCELED),
            (TimeInForce.DAY, 10, OrderStatus.PARTIALLY_FILLED),
        ],
    )
    def test_decides_what_becomes_of_shares_that_do_not_fill_at_once(
        self, kind: TimeInForce, filled: int, status: OrderStatus
    ) -> None:
        day = at_market().bar("100 100 100 100", volume=100)

        order = day.now(day.buy("15", time_in_force=kind))

        assert order.filled_qty == filled
        assert order.status is status

    def test_fok_fills_whole_where_it_can(self) -> None:
        day = at_market()

        assert day.status(day.buy("15", time_in_force=TimeInForce.FOK)) is OrderStatus.FILLED


class TestMarket:
    def test_has_no_volume_for_orders_before_the_first_bar_of_the_day(self) -> None:
        day = at_market().close()
        day.open(1)

        order = day.buy("10")
        assert day.status(order) is OrderStatus.NEW
        day.bar("110 111 109 110")

        assert day.now(order).filled_avg_price == 110

    def test_refuses_a_bar_that_is_not_newer(self) -> None:
        day = at_market()
        old = day.exchange.minute_bars("AAPL")[-1]

        with pytest.raises(ValueError, match="not after the last one"):
            day.exchange.take_bar([old])

    def test_quotes_one_tick_around_the_last_close(self) -> None:
        quote = TradingDay().open().bar("10 11 9 10.505").exchange.quote("AAPL")

        assert quote is not None
        assert (quote.bid, quote.ask) == (Decimal("10.50"), Decimal("10.51"))

    def test_knows_other_accounts_by_their_number_only(self) -> None:
        with pytest.raises(KeyError):
            at_market().exchange.figures("PA9999")
        assert at_market().exchange.accounts() == [ACCOUNT]
