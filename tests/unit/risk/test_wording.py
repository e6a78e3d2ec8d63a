"""Limits, figures and instants in words."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from risk import policy, pre_trade, wording
from tests.unit.risk import cases


class TestFigure:
    @pytest.mark.parametrize(
        ("unit", "value", "said"),
        [
            ("fraction", "0.0512", "5.12 %"),
            ("fraction", "0.6", "60 %"),
            ("usd", "25000", "$25,000"),
            ("usd", "1234.5", "$1,234.50"),
            ("seconds", "300", "5 minutes"),
            ("seconds", "60", "1 minute"),
            ("seconds", "90", "90 seconds"),
            ("seconds", "1", "1 second"),
            ("flag", "1", "yes"),
            ("count", "1E+3", "1,000"),
        ],
    )
    def test_is_in_the_unit_of_the_limit(self, unit: str, value: str, said: str) -> None:
        assert wording.figure(unit, Decimal(value)) == said


class TestSpan:
    def test_shows_tenths_below_ten_seconds_alone(self) -> None:
        assert (wording.span(5.23), wording.span(12.1)) == ("5.2 seconds", "12 seconds")


class TestClock:
    @pytest.mark.parametrize(
        ("at", "said"),
        [
            (datetime(2026, 3, 4, 14, 30, tzinfo=UTC), "09:30 ET"),
            (datetime(2026, 7, 1, 13, 34, 2, 4480, tzinfo=UTC), "09:34:02 ET"),
        ],
    )
    def test_is_the_time_of_the_exchange(self, at: datetime, said: str) -> None:
        assert wording.clock(at) == said


class TestTitle:
    @pytest.mark.parametrize("name", policy.BOUNDS)
    def test_has_no_trace_of_the_program(self, name: str) -> None:
        assert "_" not in wording.title(name)
        assert not wording.title(name).endswith(("fraction", "seconds", "usd"))


class TestDenials:
    def test_say_when_entries_begin(self) -> None:
        early = cases.account(market_now=cases.OPEN_AT.replace(minute=31))

        (denial,) = (found for found in pre_trade.judge(early) if found.code == "SESSION_TOO_EARLY")

        assert denial.sentence == "Entries begin 5 minutes after the open at 09:30 ET."
        assert (denial.seen, denial.limit) == ("09:31 ET", "300")
