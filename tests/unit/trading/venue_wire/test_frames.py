"""Bars of larger frames, and pages of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue import DAYS, bar
from trading.venue import frames, values
from trading.venue.paging import Page, paged

OPEN = DAYS[0].open
MINUTE = timedelta(minutes=1)


class TestTimeframe:
    @pytest.mark.parametrize("text", ["1Min", "59Min", "23Hour", "1Day", "1Week", "12Month", "5T", "1D"])
    def test_is_read(self, text: str) -> None:
        assert frames.timeframe(text).count == int("".join(filter(str.isdigit, text)))

    @pytest.mark.parametrize("text", ["", "Min", "0Min", "60Min", "24Hour", "2Day", "5Month", "1Year", "1min", "-1Min"])
    def test_is_refused(self, text: str) -> None:
        with pytest.raises(values.Refusal, match="invalid timeframe"):
            frames.timeframe(text)

    @pytest.mark.parametrize(
        ("text", "edge"),
        [
            ("5Min", (5, 14, 35)),
            ("1Hour", (5, 14, 0)),
            ("4Hour", (5, 13, 0)),
            ("1Day", (5, 5, 0)),
            ("1Week", (5, 5, 0)),
        ],
    )
    def test_begins_where_new_york_cuts_the_day(self, text: str, edge: tuple[int, int, int]) -> None:
        day, hour, minute = edge
        moment = datetime(2026, 1, 5, 14, 38, tzinfo=UTC)

        assert frames.timeframe(text).left_edge(moment) == datetime(2026, 1, day, hour, minute, tzinfo=UTC)

    def test_of_months_begins_with_the_group(self) -> None:
        edge = frames.timeframe("3Month").left_edge(datetime(2026, 6, 17, 14, tzinfo=UTC))

        assert edge == datetime(2026, 4, 1, 4, tzinfo=UTC)


class TestRollUp:
    def test_keeps_first_last_extremes_and_sums(self) -> None:
        bars = [
            bar("AAPL", OPEN, ("10", "12", "9", "11"), 100),
            bar("AAPL", OPEN + MINUTE, ("11", "15", "11", "14"), 300),
            bar("AAPL", OPEN + 5 * MINUTE, ("14", "14", "13", "13"), 50),
        ]

        first, second = frames.roll_up(bars, frames.timeframe("5Min"))

        assert (first.open, first.high, first.low, first.close) == tuple(map(Decimal, ("10", "15", "9", "14")))
        assert (first.volume, first.trade_count, first.vwap) == (400, 200, Decimal("13.25"))
        assert (second.start, second.volume) == (OPEN + 5 * MINUTE, 50)


def _page(limit: int, after: tuple[str, datetime] | None, descending: bool) -> Page:
    return Page(OPEN, OPEN + 100 * MINUTE, limit, descending, after)


class TestPaged:
    @given(
        st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 12), min_size=1),
        st.integers(1, 15),
        st.booleans(),
    )
    def test_tells_everything_once_and_in_order(self, counts: dict[str, int], limit: int, descending: bool) -> None:
        def series(symbol: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
            return [{"t": OPEN + each * MINUTE} for each in range(counts[symbol])]

        told: list[tuple[str, datetime]] = []
        token: str | None = None
        for _ in range(100):
            after = Page.read({"page_token": token} if token else {}, OPEN, ["sip"]).after
            found, token = paged(sorted(counts), _page(limit, after, descending), series)
            page = [(symbol, item["t"]) for symbol, items in found.items() for item in items]
            assert len(page) <= limit
            told += page
            if token is None:
                break

        step = -1 if descending else 1
        whole = [(symbol, OPEN + each * MINUTE) for symbol in sorted(counts) for each in range(counts[symbol])[::step]]
        assert told == whole
