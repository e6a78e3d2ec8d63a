"""An account over time: its equity, its settings, and who hears of it."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.trading.venue.trading_day import ACCOUNT, OPEN, SESSIONS, at_market, refused
from trading.venue.values import VenueEvent


class TestPortfolioHistory:
    def test_gives_one_value_per_session_close(self) -> None:
        day = at_market()
        day.buy("10")
        day.bar("104 104 104 104").close().open(1).bar("105 105 105 105").close()

        history = day.exchange.portfolio_history(ACCOUNT)

        assert history.timestamps == [SESSIONS[0].close, SESSIONS[1].close]
        assert history.equity == [Decimal("100039.90"), Decimal("100049.90")]
        assert history.profit_loss == [Decimal("39.90"), Decimal("49.90")]

    def test_gives_minutes_at_their_left_edge(self) -> None:
        history = at_market().exchange.portfolio_history(ACCOUNT, timeframe="1Min")

        assert history.timestamps == [OPEN]

    def test_refuses_an_unknown_frame(self) -> None:
        assert refused(lambda: at_market().exchange.portfolio_history(ACCOUNT, timeframe="2Min")).status == 422


class TestSubscribe:
    def test_tells_no_more_once_it_is_ended(self) -> None:
        day = at_market()
        heard: list[VenueEvent] = []
        end = day.exchange.subscribe(heard.append)
        day.buy("1")
        end()
        end()

        day.buy("1")

        assert [event.event.value for event in heard] == ["pending_new", "new", "fill"]


class TestConfigure:
    def test_changes_what_is_given_and_ignores_nulls(self) -> None:
        exchange = at_market().exchange

        after = exchange.configure(ACCOUNT, {"no_shorting": True, "pdt_check": None, "suspend_trade": None})

        assert after["no_shorting"] is True
        assert after["suspend_trade"] is False
        assert "pdt_check" not in after

    @pytest.mark.parametrize(
        "changes", [{"suspend_trade": "yes"}, {"max_margin_multiplier": "3"}, {"max_options_trading_level": True}]
    )
    def test_refuses_a_value_that_cannot_be(self, changes: dict[str, Any]) -> None:
        exchange = at_market().exchange

        assert refused(lambda: exchange.configure(ACCOUNT, changes)).status == 422

    def test_opens_no_account_twice(self) -> None:
        with pytest.raises(ValueError, match="open already"):
            at_market().exchange.open_account(ACCOUNT)
