"""The market's trend: up, down and sideways as a person would call them."""

import pytest

from tests.unit.trading import windows
from trading.analytics import trend


class TestOf:
    @pytest.mark.parametrize(("step", "direction"), [("0.10", "up"), ("-0.10", "down")])
    def test_names_the_way_a_line_goes(self, step: str, direction: str) -> None:
        found = trend.of(windows.of_closes(windows.line("100", step, 80)))

        assert found is not None
        assert found.direction == direction
        assert found.sentence.startswith(f"AAPL goes {direction}: ")

    def test_calls_a_zigzag_sideways(self) -> None:
        found = trend.of(windows.of_closes(["100", "100.5"] * 40))

        assert found is not None
        assert found.direction == "sideways"

    def test_is_none_where_the_window_is_short(self) -> None:
        assert trend.of(windows.of_closes(["100"] * 20)) is None
