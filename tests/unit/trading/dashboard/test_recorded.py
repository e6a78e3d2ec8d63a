"""Figures kept as text, shown in the unit of their limit."""

import pytest

from trading.dashboard.presenters import recorded


class TestValue:
    @pytest.mark.parametrize(
        ("limit", "text", "shown"),
        [
            ("position_fraction", "0.0512345", "5.12\u202f%"),
            ("gross_usd", "250000", "250,000 USD"),
            ("session_open_delay_seconds", "3E+2", "5\u202fmin"),
            ("duplicate_window_seconds", "38 seconds", "38 seconds"),
            ("session_open_delay_seconds", "2012-08-14T13:34:02.004480+00:00", "2012-08-14 09:34:02 ET"),
            ("", "trading blocked", "trading blocked"),
            ("", "", "–"),
            ("position_fraction", "NaN", "NaN"),
        ],
    )
    def test_is_what_a_person_reads(self, limit: str, text: str, shown: str) -> None:
        assert recorded.value(limit, text) == shown
