"""Account, positions, activities and the market's own pages through Alpaca's unmodified trading client."""

from datetime import date
from typing import Any

import pytest
from alpaca.common.exceptions import APIError
from alpaca.trading import enums, requests

from tests.contract.venue import clients
from tests.venue import RunningVenue, account, running_venue

BUY, DAY = enums.OrderSide.BUY, enums.TimeInForce.DAY


def _buy(trading: Any, venue: RunningVenue, symbol: str = "AAPL", qty: float = 10) -> None:
    trading.submit_order(requests.MarketOrderRequest(symbol=symbol, qty=qty, side=BUY, time_in_force=DAY))
    venue.step()


class TestAccount:
    def test_tells_number_status_and_cash(self, trading: Any) -> None:
        told = trading.get_account()

        assert (told.account_number, told.status, told.currency) == ("PA0000001", enums.AccountStatus.ACTIVE, "USD")
        assert (told.cash, told.equity, told.trading_blocked) == ("100000", "100000", False)

    def test_keeps_several_accounts_apart(self) -> None:
        both = [account(), account("AKLIVE", "other", cash="5000.50", number="123456789", kind="live")]
        with running_venue(accounts=both) as venue:
            venue.step()
            first = clients.trading(venue)
            second = clients.trading(venue, "AKLIVE", "other")

            _buy(first, venue)

            assert [each.symbol for each in first.get_all_positions()] == ["AAPL"]
            assert second.get_all_positions() == []
            assert (second.get_account().account_number, second.get_account().cash) == ("123456789", "5000.5")

    def test_refuses_keys_it_does_not_know(self, venue: RunningVenue) -> None:
        for key, secret in (("PKTEST", "wrong"), ("PKOTHER", "secret")):
            with pytest.raises(APIError) as refused:
                clients.trading(venue, key, secret).get_account()
            assert refused.value.status_code == 401
            assert refused.value.message == "unauthorized."

    def test_suspends_trading_by_its_configuration(self, trading: Any) -> None:
        settings = trading.get_account_configurations()
        settings.suspend_trade = True
        changed = trading.set_account_configurations(settings)

        assert changed.suspend_trade is True
        assert trading.get_account().trade_suspended_by_user is True
        with pytest.raises(APIError) as refused:
            trading.submit_order(requests.MarketOrderRequest(symbol="AAPL", qty=1, side=BUY, time_in_force=DAY))
        assert refused.value.status_code == 403


class TestPositions:
    def test_lists_and_reads_a_holding_by_symbol_and_asset(self, trading: Any, venue: RunningVenue) -> None:
        _buy(trading, venue)

        held = trading.get_all_positions()
        assert [(each.symbol, each.qty, each.avg_entry_price) for each in held] == [("AAPL", "10", "100.01")]
        assert trading.get_open_position("AAPL") == held[0]
        assert trading.get_open_position(held[0].asset_id) == held[0]

    def test_answers_404_for_what_is_not_held(self, trading: Any) -> None:
        with pytest.raises(APIError) as refused:
            trading.get_open_position("MSFT")

        assert (refused.value.status_code, refused.value.code) == (404, 40410000)

    def test_closes_a_part_by_quantity_or_percentage(self, trading: Any, venue: RunningVenue) -> None:
        _buy(trading, venue)
        trading.close_position("AAPL", requests.ClosePositionRequest(qty="4"))
        venue.step()
        trading.close_position("AAPL", requests.ClosePositionRequest(percentage="50"))
        venue.step()

        assert trading.get_open_position("AAPL").qty == "3"

    def test_closes_everything_with_a_status_for_each(self, trading: Any, venue: RunningVenue) -> None:
        _buy(trading, venue)
        _buy(trading, venue, "MSFT")
        resting = requests.LimitOrderRequest(symbol="AAPL", qty=1, side=BUY, time_in_force=DAY, limit_price=50)
        trading.submit_order(resting)

        answers = trading.close_all_positions(cancel_orders=True)
        venue.step()

        assert {(each.symbol, each.status) for each in answers} == {("AAPL", 200), ("MSFT", 200)}
        assert trading.get_all_positions() == []
        assert trading.get_orders() == []


class TestActivities:
    def test_tells_a_fill_and_pages_by_its_id(self, trading: Any, venue: RunningVenue) -> None:
        _buy(trading, venue)
        _buy(trading, venue, "MSFT", 2)

        newest = trading.get("/account/activities/FILL", {"page_size": 1})
        older = trading.get("/account/activities/FILL", {"page_size": 1, "page_token": newest[0]["id"]})

        assert [(each["symbol"], each["qty"], each["price"]) for each in newest] == [("MSFT", "2", "100.01")]
        assert [(each["symbol"], each["cum_qty"], each["leaves_qty"]) for each in older] == [("AAPL", "10", "0")]
        assert trading.get("/account/activities", {"activity_types": "DIV"}) == []
        assert trading.get("/account/activities", {"category": "non_trade_activity"}) == []


class TestPortfolioHistory:
    def test_draws_the_equity_curve(self, trading: Any, venue: RunningVenue) -> None:
        _buy(trading, venue)

        record = trading.get_portfolio_history(requests.GetPortfolioHistoryRequest(period="1D", timeframe="1Min"))

        assert record.equity[-1] == pytest.approx(99_999.9)
        assert len(record.timestamp) == len(record.equity) == len(record.profit_loss)


class TestMarket:
    def test_tells_the_clock_in_new_yorks_offset(self, trading: Any) -> None:
        told = trading.get_clock()

        assert told.timestamp.isoformat() == "2026-01-05T09:31:00-05:00"
        assert (told.is_open, told.next_close.hour) == (True, 16)

    def test_lists_the_calendar_between_two_dates(self, trading: Any) -> None:
        asked = requests.GetCalendarRequest(start=date(2026, 1, 9), end=date(2026, 1, 12))

        days = trading.get_calendar(asked)

        assert [each.date for each in days] == [date(2026, 1, 9), date(2026, 1, 12)]
        assert (days[0].open.hour, days[0].open.minute, days[0].close.hour) == (9, 30, 16)

    def test_lists_assets_and_reads_one(self, trading: Any) -> None:
        listed = trading.get_all_assets(requests.GetAssetsRequest(status=enums.AssetStatus.ACTIVE))

        assert [each.symbol for each in listed] == ["AAPL", "MSFT"]
        assert trading.get_asset("MSFT") == trading.get_asset(listed[1].id)
        with pytest.raises(APIError) as refused:
            trading.get_asset("NOPE")
        assert refused.value.status_code == 404
