"""Historical and latest market data through Alpaca's unmodified data client."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alpaca.common.exceptions import APIError
from alpaca.data import enums, requests
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

from tests.contract.venue import clients
from tests.venue import DAYS, RunningVenue, Script, bar, flat, running_venue

OPEN = DAYS[1].open
MINUTE = timedelta(minutes=1)


def _moving() -> Script:
    """A day of the past and five minutes that rise by a dollar each."""
    past = DAYS[0]
    minutes = [
        [bar("AAPL", OPEN + each * MINUTE, f"{100 + each}"), bar("MSFT", OPEN + each * MINUTE)] for each in range(5)
    ]
    yesterday = [
        bar("AAPL", past.open.replace(hour=5, minute=0), ("90", "99", "89", "98")),
        bar("MSFT", past.open.replace(hour=5, minute=0)),
    ]
    told = [
        bar("AAPL", past.close - 2 * MINUTE, "97"),
        bar("AAPL", past.close - MINUTE, "98"),
        bar("MSFT", past.close - MINUTE),
    ]
    return replace(flat(), script=[[], minutes], past=told, past_days=yesterday)


@pytest.fixture
def venue() -> Iterator[RunningVenue]:
    """A venue with a past, in the fifth minute of its session."""
    with running_venue(_moving()) as running:
        for _ in range(5):
            running.step()
        yield running


@pytest.fixture
def history(venue: RunningVenue) -> Any:
    return clients.history(venue)


class TestStockBars:
    def test_answers_minutes_of_both_symbols(self, history: Any) -> None:
        asked = requests.StockBarsRequest(
            symbol_or_symbols=["AAPL", "MSFT"], timeframe=TimeFrame.Minute, start=OPEN, feed=enums.DataFeed.IEX
        )

        bars = history.get_stock_bars(asked)

        assert [each.close for each in bars["AAPL"]] == [100, 101, 102, 103, 104]
        assert [each.timestamp for each in bars["MSFT"]] == [OPEN + each * MINUTE for each in range(5)]

    def test_reaches_back_before_the_replay(self, history: Any) -> None:
        asked = requests.StockBarsRequest(symbol_or_symbols="AAPL", timeframe=TimeFrame.Minute, start=DAYS[0].open)

        assert [each.close for each in history.get_stock_bars(asked)["AAPL"]][:2] == [97, 98]

    def test_answers_days_with_the_present_one_growing(self, history: Any) -> None:
        asked = requests.StockBarsRequest(
            symbol_or_symbols="AAPL", timeframe=TimeFrame.Day, start=DAYS[0].open - MINUTE * 600
        )

        days = history.get_stock_bars(asked)["AAPL"]

        assert [(each.open, each.high, each.low, each.close) for each in days] == [
            (90, 99, 89, 98),
            (100, 104, 100, 104),
        ]

    def test_rolls_minutes_up_to_larger_frames(self, history: Any) -> None:
        asked = requests.StockBarsRequest(
            symbol_or_symbols="AAPL", timeframe=TimeFrame(2, TimeFrameUnit.Minute), start=OPEN
        )

        bars = history.get_stock_bars(asked)["AAPL"]

        assert [(each.timestamp, each.open, each.close) for each in bars] == [
            (OPEN, 100, 101), (OPEN + 2 * MINUTE, 102, 103), (OPEN + 4 * MINUTE, 104, 104),
        ]  # fmt: skip

    @pytest.mark.parametrize(("sort", "closes"), [("asc", [100, 101, 102]), ("desc", [104, 103, 102])])
    def test_limits_and_sorts(self, history: Any, sort: Any, closes: list[int]) -> None:
        asked = requests.StockBarsRequest(
            symbol_or_symbols="AAPL", timeframe=TimeFrame.Minute, start=OPEN, limit=3, sort=sort
        )

        assert [each.close for each in history.get_stock_bars(asked)["AAPL"]] == closes

    @pytest.mark.parametrize("sort", ["asc", "desc"])
    def test_pages_over_symbols_without_loss_or_repetition(self, history: Any, sort: str) -> None:
        params = {"symbols": "MSFT,AAPL", "timeframe": "1Min", "start": OPEN.isoformat(), "limit": 3, "sort": sort}
        found: list[tuple[str, str]] = []
        pages = 0
        while True:
            page = history.get("/stocks/bars", params)
            found += [(symbol, each["t"]) for symbol, bars in page["bars"].items() for each in bars]
            pages += 1
            if page["next_page_token"] is None:
                break
            params["page_token"] = page["next_page_token"]

        assert pages == 4
        assert len(found) == len(set(found)) == 10

    @pytest.mark.parametrize(
        "params",
        [
            {"symbols": "AAPL"},
            {"symbols": "AAPL", "timeframe": "61Min"},
            {"timeframe": "1Min"},
            {"symbols": "AAPL", "timeframe": "1Min", "feed": "moon"},
            {"symbols": "AAPL", "timeframe": "1Min", "start": "yesterday"},
            {"symbols": "AAPL", "timeframe": "1Min", "limit": "10001"},
            {"symbols": "AAPL", "timeframe": "1Min", "page_token": "%%%"},
        ],
    )
    def test_refuses_what_it_cannot_read(self, history: Any, params: dict[str, str]) -> None:
        with pytest.raises(APIError) as refused:
            history.get("/stocks/bars", params)

        assert refused.value.status_code in {400, 422}

    def test_leaves_out_a_symbol_nobody_lists(self, history: Any) -> None:
        asked = requests.StockBarsRequest(symbol_or_symbols=["AAPL", "NOPE"], timeframe=TimeFrame.Minute, start=OPEN)

        assert set(history.get_stock_bars(asked).data) == {"AAPL"}


class TestTicks:
    def test_answers_one_trade_and_one_quote_a_minute(self, history: Any) -> None:
        trades = history.get_stock_trades(requests.StockTradesRequest(symbol_or_symbols="AAPL", start=OPEN))["AAPL"]
        quotes = history.get_stock_quotes(requests.StockQuotesRequest(symbol_or_symbols="AAPL", start=OPEN))["AAPL"]

        inside = [(each.timestamp, each.price) for each in trades if each.timestamp > OPEN]
        assert inside == [(OPEN + (each + 1) * MINUTE, 100 + each) for each in range(5)]
        assert [each.bid_price for each in quotes] == [each.price for each in trades]
        assert all(each.ask_price > each.bid_price for each in quotes)


class TestLatest:
    def test_answers_bar_trade_quote_and_snapshot(self, history: Any) -> None:
        bars = history.get_stock_latest_bar(requests.StockLatestBarRequest(symbol_or_symbols="AAPL"))
        trades = history.get_stock_latest_trade(requests.StockLatestTradeRequest(symbol_or_symbols="AAPL"))
        quotes = history.get_stock_latest_quote(requests.StockLatestQuoteRequest(symbol_or_symbols=["AAPL", "MSFT"]))
        snapshots = history.get_stock_snapshot(requests.StockSnapshotRequest(symbol_or_symbols="AAPL"))

        assert bars["AAPL"].close == trades["AAPL"].price == snapshots["AAPL"].minute_bar.close == 104
        assert (quotes["AAPL"].bid_price, quotes["AAPL"].ask_price) == (104, 104.01)
        assert quotes["AAPL"].timestamp == OPEN + 5 * MINUTE
        assert set(quotes) == {"AAPL", "MSFT"}
        assert (snapshots["AAPL"].daily_bar.open, snapshots["AAPL"].previous_daily_bar.close) == (100, 98)

    def test_agrees_with_the_history_of_quotes(self, history: Any) -> None:
        latest = history.get_stock_latest_quote(requests.StockLatestQuoteRequest(symbol_or_symbols="AAPL"))["AAPL"]
        past = history.get_stock_quotes(requests.StockQuotesRequest(symbol_or_symbols="AAPL", start=OPEN))["AAPL"]

        assert past[-1] == latest
