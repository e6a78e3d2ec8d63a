"""What every broker behind the port promises of fills, positions, the account and the market."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.contract.broker.rigs import NUMBER, Rig, market_order, order
from trading.broker.gateway import BrokerRejected
from trading.choices import OrderStatus, Side, Timeframe


class TestFills:
    def test_move_the_order_the_position_and_the_cash_alike(self, moving: Rig, long_ago: datetime) -> None:
        cash = moving.gateway.account().cash
        placed = moving.gateway.submit(market_order("10"))
        moving.step()

        report = moving.gateway.order(placed.broker_order_id)
        fills = moving.gateway.fills_since(long_ago)
        position = moving.gateway.positions()[0]

        assert report is not None
        assert (report.status, report.filled_quantity) == (OrderStatus.FILLED, Decimal(10))
        assert [(fill.broker_order_id, fill.side) for fill in fills] == [(placed.broker_order_id, Side.BUY)] * len(
            fills
        )
        assert fills[-1].cumulative_quantity == sum(fill.quantity for fill in fills) == 10
        paid = sum(fill.quantity * fill.price for fill in fills)
        assert report.filled_average_price == paid / 10 == position.average_price
        assert (position.symbol, position.quantity, position.available) == ("AAPL", Decimal(10), Decimal(10))
        assert moving.gateway.account().cash == cash - paid

    def test_are_listed_each_once_beyond_one_page(self, moving: Rig, long_ago: datetime) -> None:
        placed = [moving.gateway.submit(market_order("1")).broker_order_id for _ in range(205)]
        moving.step()

        fills = moving.gateway.fills_since(long_ago)

        assert sorted(fill.broker_order_id for fill in fills) == sorted(placed)
        assert len({fill.activity_id for fill in fills}) == 205

    def test_after_an_instant_leave_out_those_before(self, moving: Rig, long_ago: datetime) -> None:
        moving.gateway.submit(market_order("1"))
        moving.step()
        first = moving.gateway.fills_since(long_ago)[-1]
        moving.step()
        moving.gateway.submit(market_order("2"))
        moving.step()

        later = moving.gateway.fills_since(first.at)

        assert sum(fill.quantity for fill in later) == 2


class TestPositions:
    def test_are_negative_when_short(self, moving: Rig) -> None:
        moving.gateway.submit(market_order("3", Side.SELL))
        moving.step()

        assert [each.quantity for each in moving.gateway.positions()] == [-3]

    def test_are_closed_in_part_and_in_whole(self, moving: Rig) -> None:
        moving.gateway.submit(market_order("4"))
        moving.step()

        part = moving.gateway.close_position("AAPL", Decimal(1))
        moving.step()
        after = moving.gateway.positions()
        moving.gateway.close_position("AAPL")
        moving.step()

        assert (part.side, part.quantity) == (Side.SELL, Decimal(1))
        assert [each.quantity for each in after] == [3]
        assert moving.gateway.positions() == ()

    def test_cannot_be_closed_where_there_are_none(self, moving: Rig) -> None:
        with pytest.raises(BrokerRejected) as caught:
            moving.gateway.close_position("MSFT")

        assert caught.value.status == 404


class TestAccount:
    def test_tells_figures_and_flags(self, rig: Rig) -> None:
        account = rig.gateway.account()

        assert account.equity > 0
        assert account.buying_power >= 0
        assert (account.trading_blocked, account.account_blocked) == (False, False)
        assert not rig.moves or account.number == NUMBER

    def test_takes_no_order_while_suspended(self, moving: Rig) -> None:
        moving.gateway.suspend(suspended=True)

        with pytest.raises(BrokerRejected):
            moving.gateway.submit(order())

        assert moving.gateway.account().trade_suspended_by_user
        moving.gateway.suspend(suspended=False)
        assert moving.gateway.submit(order()).status is OrderStatus.ACCEPTED


class TestMarket:
    def test_has_a_clock_that_fits_its_calendar(self, rig: Rig) -> None:
        clock = rig.gateway.clock()

        days = rig.gateway.calendar(clock.at.date() - timedelta(days=1), clock.next_close.date())

        assert clock.at < clock.next_close
        assert clock.next_close in {day.close_at for day in days}
        assert all(day.open_at < day.close_at and day.open_at.date() == day.date for day in days)

    def test_knows_its_assets_and_no_others(self, rig: Rig) -> None:
        asset = rig.gateway.asset("AAPL")

        assert asset is not None
        assert (asset.symbol, asset.status, asset.tradable) == ("AAPL", "active", True)
        assert rig.gateway.asset("NOSUCHTHING") is None

    @pytest.mark.parametrize(("timeframe", "days"), [(Timeframe.DAY, 20), (Timeframe.MINUTE, 5)])
    def test_tells_bars_within_the_time_asked_for(self, rig: Rig, timeframe: Timeframe, days: int) -> None:
        # Paper data of the last quarter of an hour is not for every subscription.
        end = rig.gateway.clock().at - (timedelta() if rig.moves else timedelta(minutes=20))

        bars = rig.gateway.bars(["AAPL"], timeframe, end - timedelta(days=days), end)

        assert bars
        assert {bar.symbol for bar in bars} == {"AAPL"}
        assert all(end - timedelta(days=days) <= bar.start_at <= end for bar in bars)
        assert all(bar.low <= bar.open <= bar.high and bar.low <= bar.close <= bar.high for bar in bars)
        assert [bar.start_at for bar in bars] == sorted(bar.start_at for bar in bars)

    def test_tells_quotes(self, rig: Rig) -> None:
        quotes = rig.gateway.quotes(["AAPL"])

        assert [quote.symbol for quote in quotes] == ["AAPL"]
        assert not rig.moves or Decimal(99) < quotes[0].bid <= quotes[0].ask < Decimal(101)

    def test_asks_nothing_for_no_symbols(self, rig: Rig, long_ago: datetime) -> None:
        assert rig.gateway.bars([], Timeframe.DAY, long_ago, long_ago) == ()
        assert rig.gateway.quotes([]) == ()
