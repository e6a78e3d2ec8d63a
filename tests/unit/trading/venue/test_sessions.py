"""Orders and the hours: queues, auctions, extended hours, expiry, and the roll of the day."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.unit.trading.venue.trading_day import ACCOUNT, OPEN, SESSIONS, TradingDay, at_market, refused
from trading.venue.words import OrderStatus, OrderType, Phase, TimeInForce

LIMIT = OrderType.LIMIT


class TestQueue:
    def test_holds_orders_from_outside_hours_until_the_open(self) -> None:
        day = at_market().close()

        order = day.buy("10")
        assert (order.status, day.told(order)) == (OrderStatus.ACCEPTED, ["accepted"])
        day.open(1)
        assert day.told(order) == ["accepted", "new"]
        day.bar("103 104 102 103")

        assert day.now(order).filled_avg_price == 103

    def test_keeps_a_day_order_for_the_session_to_come(self) -> None:
        order = at_market().close().buy("10")

        assert order.expires_at == SESSIONS[1].close


class TestReject:
    def test_meets_the_queued_orders_of_a_blocked_account_at_the_open(self) -> None:
        day = at_market().close()
        order = day.buy("10")
        day.exchange.set_flags(ACCOUNT, trading_blocked=True)

        day.open(1)

        assert day.told(order) == ["accepted", "rejected"]
        assert day.now(order).failed_at == SESSIONS[1].open

    def test_can_meet_an_order_late(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="90")

        day.exchange.reject(ACCOUNT, order.id)

        assert day.told(order)[-1] == "rejected"
        assert day.exchange.figures(ACCOUNT).reserved == 0
        assert refused(lambda: day.exchange.reject(ACCOUNT, order.id)).status == 422


class TestExpiry:
    def test_ends_day_orders_at_the_close(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="90")

        day.close()

        assert (day.status(order), day.now(order).expired_at) == (OrderStatus.EXPIRED, SESSIONS[0].close)

    def test_lets_the_last_bar_trade_first(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="90")
        day.clock.jump(SESSIONS[0].close - timedelta(minutes=1))

        day.bar("90 90 90 90").close()

        assert day.status(order) is OrderStatus.FILLED

    def test_keeps_gtc_orders_working(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="90", time_in_force=TimeInForce.GTC)

        day.close().open(1).bar("90 91 89 90")

        assert day.status(order) is OrderStatus.FILLED
        assert order.expires_at == order.created_at + timedelta(days=90)


class TestAuctions:
    def test_opg_trades_at_the_open_only(self) -> None:
        day = at_market().close()
        day.clock.advance(timedelta(hours=4))
        market = day.buy("10", time_in_force=TimeInForce.OPG)
        limit = day.buy("10", LIMIT, limit_price="99", time_in_force=TimeInForce.OPG)

        day.open(1).bar("102 103 98 100")

        assert day.now(market).filled_avg_price == 102
        assert day.status(limit) is OrderStatus.CANCELED

    def test_cls_waits_for_the_last_price(self) -> None:
        day = at_market()
        market = day.buy("10", time_in_force=TimeInForce.CLS)
        too_low = day.buy("10", LIMIT, limit_price="99", time_in_force=TimeInForce.CLS)

        day.bar("98 98 98 98").bar("101 102 100 101.50").close()

        assert day.now(market).filled_avg_price == Decimal("101.50")
        assert day.status(too_low) is OrderStatus.EXPIRED


class TestExtendedHours:
    def test_trade_orders_that_ask_for_them_and_no_others(self) -> None:
        day = at_market().close()
        late = day.buy("10", LIMIT, limit_price="100", extended_hours=True)
        regular = day.buy("10", LIMIT, limit_price="100")
        assert day.exchange.phase() is Phase.AFTER
        assert day.status(late) is OrderStatus.NEW

        day.bar("99 99 99 99")

        assert [day.status(one) for one in (late, regular)] == ["filled", "accepted"]

    def test_bring_queued_orders_to_life_before_the_open(self) -> None:
        day = TradingDay().open().bar("100 100 100 100").close()
        day.clock.jump(SESSIONS[0].close + timedelta(hours=8))
        order = day.buy("10", LIMIT, limit_price="100", extended_hours=True)
        assert order.status is OrderStatus.ACCEPTED

        day.clock.jump(SESSIONS[1].open - timedelta(hours=1))
        day.bar("99 99 99 99")

        assert day.status(order) is OrderStatus.FILLED

    def test_end_at_eight_in_the_evening(self) -> None:
        day = at_market().close()
        order = day.buy("10", LIMIT, limit_price="90", extended_hours=True)
        assert order.expires_at == SESSIONS[0].close + timedelta(hours=4)

        day.open(1)

        assert day.status(order) is OrderStatus.EXPIRED

    def test_do_not_count_for_the_daily_bar(self) -> None:
        day = at_market().close()

        day.bar("120 120 120 120")

        assert day.exchange.daily_bars("AAPL")[-1].high == Decimal("100.50")


class TestPhase:
    @pytest.mark.parametrize(
        ("minutes", "phase"),
        [(-331, Phase.CLOSED), (-330, Phase.PRE), (390, Phase.AFTER), (629, Phase.AFTER), (630, Phase.CLOSED)],
    )
    def test_follows_the_clock(self, minutes: int, phase: Phase) -> None:
        day = TradingDay()
        day.clock.jump(OPEN + timedelta(minutes=minutes))

        assert day.exchange.phase() is phase

    def test_is_regular_only_once_the_session_is_opened(self) -> None:
        day = TradingDay()
        day.clock.jump(OPEN)
        assert day.exchange.phase() is Phase.CLOSED

        day.exchange.open_session()

        assert day.exchange.is_open()
        assert day.exchange.next_close() == SESSIONS[0].close
        assert day.exchange.next_open() == SESSIONS[1].open


class TestDayRoll:
    def test_sets_down_equity_at_the_close_and_takes_it_over_at_the_open(self) -> None:
        day = at_market()
        day.buy("10")
        day.bar("104 104 104 104").close()
        assert day.exchange.figures(ACCOUNT).last_equity == 100_000

        day.open(1)

        figures = day.exchange.figures(ACCOUNT)
        assert figures.last_equity == Decimal("100039.90")
        assert figures.balance_asof == SESSIONS[0].date

    def test_measures_the_day_s_profit_from_the_last_close(self) -> None:
        day = at_market()
        day.buy("10")
        day.bar("104 104 104 104").close().open(1).bar("105 105 105 105")

        position = day.exchange.position(ACCOUNT, "AAPL")

        assert (position.lastday_price, position.unrealized_intraday_pl) == (Decimal(104), Decimal(10))
        assert position.unrealized_pl == Decimal("49.90")

    def test_refuses_to_open_twice_or_close_what_is_not_open(self) -> None:
        day = at_market()

        with pytest.raises(ValueError, match="one is open"):
            day.exchange.open_session()
        day.close()
        with pytest.raises(ValueError, match="No session is open"):
            day.exchange.close_session()
