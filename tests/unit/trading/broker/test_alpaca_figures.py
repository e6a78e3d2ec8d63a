"""Figures of the account and the market: exact, or refused."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.trading.broker import values
from trading.broker import alpaca_figures
from trading.broker.wire_scalars import WireError

BAR = {"t": "2026-06-01T13:30:00Z", "o": "100.1", "h": "101", "l": "99.5", "c": "100", "v": 1200}


class TestAccountReport:
    @pytest.mark.parametrize("name", ["cash", "equity", "last_equity", "buying_power"])
    @pytest.mark.parametrize("value", [None, "NaN", {}])
    def test_refuses_a_missing_figure(self, name: str, value: Any) -> None:
        with pytest.raises(WireError, match=name):
            alpaca_figures.account_report(values.account_body() | {name: value})

    def test_refuses_an_account_without_its_number(self) -> None:
        with pytest.raises(WireError, match="account_number"):
            alpaca_figures.account_report(values.account_body() | {"account_number": None})

    @pytest.mark.parametrize("flag", ["trading_blocked", "account_blocked", "trade_suspended_by_user"])
    @pytest.mark.parametrize("value", [None, "false", 0, True])
    def test_takes_a_flag_that_is_not_told_for_set(self, flag: str, value: Any) -> None:
        report = alpaca_figures.account_report(values.account_body() | {flag: value})

        assert getattr(report, flag) is True

    def test_takes_removed_fields_for_zero(self) -> None:
        report = alpaca_figures.account_report(values.account_body())

        assert (report.intraday_adjustments, report.multiplier) == (Decimal(0), Decimal(4))


class TestPositionReport:
    BODY = ("symbol", "AAPL"), ("qty", "5"), ("avg_entry_price", "10.5")

    @pytest.mark.parametrize(("side", "sent", "held"), [("long", "5", 5), ("short", "-5", -5), ("short", "5", -5)])
    def test_is_negative_when_short(self, side: str, sent: str, held: int) -> None:
        assert alpaca_figures.position_report(dict(self.BODY) | {"side": side, "qty": sent}).quantity == held

    @pytest.mark.parametrize("name", ["symbol", "qty", "avg_entry_price"])
    def test_refuses_a_position_without_its_parts(self, name: str) -> None:
        with pytest.raises(WireError):
            alpaca_figures.position_report(dict(self.BODY) | {name: None})


class TestCalendarDays:
    @pytest.mark.parametrize(
        ("day", "close", "closes_at"),
        [
            ("2026-01-05", "16:00", datetime(2026, 1, 5, 21, tzinfo=UTC)),
            ("2026-07-06", "16:00", datetime(2026, 7, 6, 20, tzinfo=UTC)),
            ("2026-11-27", "13:00", datetime(2026, 11, 27, 18, tzinfo=UTC)),
        ],
        ids=["winter", "summer", "early close"],
    )
    def test_reads_new_york_times(self, day: str, close: str, closes_at: datetime) -> None:
        (read,) = alpaca_figures.calendar_days([{"date": day, "open": "09:30", "close": close}])

        assert (read.date, read.close_at) == (date.fromisoformat(day), closes_at)

    @pytest.mark.parametrize("change", [{"date": None}, {"open": "930"}, {"close": ""}])
    def test_refuses_a_day_it_cannot_read(self, change: dict[str, Any]) -> None:
        with pytest.raises(WireError):
            alpaca_figures.calendar_days([{"date": "2026-01-05", "open": "09:30", "close": "16:00"} | change])


class TestBarReports:
    @pytest.mark.parametrize(
        "change", [{"o": 0}, {"c": "NaN"}, {"h": 99}, {"l": 100.05}, {"v": -1}, {"t": None}, {"c": None}]
    )
    def test_leave_out_a_bar_that_cannot_be_used(
        self, change: dict[str, Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        read = list(alpaca_figures.bar_reports({"AAPL": [BAR | change, BAR]}))

        assert [bar.close for bar in read] == [Decimal(100)]
        assert "refused a bar" in caplog.text

    @pytest.mark.parametrize("nothing", [None, {}, {"AAPL": None}, {"AAPL": []}])
    def test_are_none_where_there_are_none(self, nothing: Any) -> None:
        assert list(alpaca_figures.bar_reports(nothing)) == []


class TestQuoteReports:
    def test_have_a_zero_for_a_side_that_is_absent(self) -> None:
        (quote,) = alpaca_figures.quote_reports({"AAPL": {"t": BAR["t"], "bp": None, "ap": "1.5"}})

        assert (quote.bid, quote.ask) == (Decimal(0), Decimal("1.5"))

    @pytest.mark.parametrize("change", [{"bp": "NaN"}, {"ap": -1}, {"t": "noon"}])
    def test_leave_out_a_quote_that_cannot_be_used(self, change: dict[str, Any]) -> None:
        assert list(alpaca_figures.quote_reports({"AAPL": {"t": BAR["t"], "bp": "1", "ap": "2"} | change})) == []


READERS = [
    alpaca_figures.account_report,
    alpaca_figures.position_reports,
    alpaca_figures.clock_report,
    alpaca_figures.calendar_days,
    alpaca_figures.asset_report,
    lambda body: list(alpaca_figures.bar_reports(body)),
    lambda body: list(alpaca_figures.quote_reports(body)),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


class TestEveryReader:
    @pytest.mark.parametrize("reader", READERS)
    @given(body=json_values)
    @settings(max_examples=50)
    def test_raises_nothing_but_a_wire_error(self, reader: Any, body: Any) -> None:
        with contextlib.suppress(WireError):
            reader(body)
