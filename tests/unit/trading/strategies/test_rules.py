"""Each rule on markets a person can judge at sight: it enters, leaves and keeps still where it should, and says why."""

from decimal import Decimal

import pytest

from tests.unit.trading import windows
from trading.bars import BarWindow
from trading.strategies import registry
from trading.strategies.breakout import Breakout, BreakoutParameters
from trading.strategies.mean_reversion import MeanReversion, ReversionParameters
from trading.strategies.trend_following import TrendFollowing, TrendParameters

NONE, SOME = Decimal(0), Decimal(10)


def zigzag(count: int, around: str = "100", swing: str = "0.05") -> list[str]:
    return [str(Decimal(around) + Decimal(swing) * (1 if i % 2 else -1)) for i in range(count)]


def falling_then_rising(rising: int) -> BarWindow:
    return windows.of_closes([*windows.line("110", "-0.05", 150), *windows.line("102.6", "0.20", rising)])


class TestEveryRule:
    @pytest.mark.parametrize("name", registry.HOUSE.names())
    @pytest.mark.parametrize("held", [NONE, SOME])
    def test_says_nothing_before_its_warm_up(self, name: str, held: Decimal) -> None:
        rule, parameters = registry.HOUSE.parse(name, {})
        short = windows.of_closes(windows.line("100", "0.3", rule.warm_up(parameters) - 1))

        assert rule.evaluate(short, parameters, held) is None

    @pytest.mark.parametrize("name", registry.HOUSE.names())
    def test_enters_nothing_on_a_flat_line(self, name: str) -> None:
        rule, parameters = registry.HOUSE.parse(name, {})

        assert rule.evaluate(windows.of_closes(["100"] * 200), parameters, NONE) is None


class TestTrendFollowing:
    RULE, PARAMETERS = TrendFollowing(), TrendParameters()

    def entry_bars(self) -> list[int]:
        """How many rising bars after the fall the rule says long at."""
        return [
            n for n in range(1, 60) if self.RULE.evaluate(falling_then_rising(n), self.PARAMETERS, NONE) is not None
        ]

    def test_enters_only_while_an_upward_cross_is_fresh(self) -> None:
        entries = self.entry_bars()

        assert 1 <= len(entries) <= self.PARAMETERS.fresh_bars
        assert entries == list(range(entries[0], entries[-1] + 1))

    def test_says_why_with_figures_and_protects_the_entry(self) -> None:
        window = falling_then_rising(self.entry_bars()[-1])

        target = self.RULE.evaluate(window, self.PARAMETERS, NONE)

        assert target is not None
        assert target.direction == "long"
        assert (target.stop_loss, target.take_profit) == (Decimal("0.02"), Decimal("0.03"))
        assert "Upward cross" in target.reason
        assert "at least 30." in target.reason
        assert Decimal("0.5") <= target.strength <= 1

    def test_enters_nothing_where_the_market_does_not_move(self) -> None:
        deaf = TrendParameters(adx_least=Decimal(80))

        assert all(self.RULE.evaluate(falling_then_rising(n), deaf, NONE) is None for n in range(1, 15))

    def test_keeps_a_position_while_the_trend_lasts(self) -> None:
        assert self.RULE.evaluate(windows.of_closes(windows.line("100", "0.1", 150)), self.PARAMETERS, SOME) is None

    def test_leaves_when_the_trend_turns(self) -> None:
        window = windows.of_closes([*windows.line("100", "0.1", 150), *windows.line("114", "-0.4", 25)])

        target = self.RULE.evaluate(window, self.PARAMETERS, SOME)

        assert target is not None
        assert target.direction == "flat"
        assert target.reason.startswith("The trend has turned")


class TestMeanReversion:
    RULE, PARAMETERS = MeanReversion(), ReversionParameters()
    FALL = ("99.6", "99.1", "98.6")

    def test_enters_on_the_first_rise_after_a_steep_fall(self) -> None:
        window = windows.of_closes([*zigzag(120), *self.FALL, "98.9"])

        target = self.RULE.evaluate(window, self.PARAMETERS, NONE)

        assert target is not None
        assert target.direction == "long"
        assert "Over-sold and turning" in target.reason
        assert "closed up at 98.9" in target.reason

    def test_does_not_catch_a_price_that_still_falls(self) -> None:
        window = windows.of_closes([*zigzag(120), *self.FALL])

        assert self.RULE.evaluate(window, self.PARAMETERS, NONE) is None

    def test_does_not_enter_on_a_small_dip(self) -> None:
        window = windows.of_closes([*zigzag(120, swing="0.5"), "99.4", "99.6"])

        assert self.RULE.evaluate(window, self.PARAMETERS, NONE) is None

    def test_needs_the_relative_strength_to_be_low_too(self) -> None:
        window = windows.of_closes([*zigzag(120), *self.FALL, "98.9"])

        assert self.RULE.evaluate(window, ReversionParameters(rsi_most=Decimal(5)), NONE) is None

    def test_keeps_a_position_below_the_average(self) -> None:
        window = windows.of_closes([*zigzag(120), *self.FALL, "98.9"])

        assert self.RULE.evaluate(window, self.PARAMETERS, SOME) is None

    def test_leaves_at_the_average(self) -> None:
        window = windows.of_closes([*zigzag(120), *self.FALL, "99.2", "100.1"])

        target = self.RULE.evaluate(window, self.PARAMETERS, SOME)

        assert target is not None
        assert target.direction == "flat"
        assert target.reason.startswith("Back at the average: the close 100.1")


class TestBreakout:
    RULE, PARAMETERS = Breakout(), BreakoutParameters()

    @pytest.mark.parametrize(
        ("close", "volume", "enters"),
        [("100.07", 2000, True), ("100.06", 2000, False), ("100.07", 1200, True), ("100.07", 1199, False)],
    )
    def test_enters_above_the_channel_on_enough_volume(self, close: str, volume: int, enters: bool) -> None:
        # The highest of the channel is 100.05 and the cent of the bar's width.
        window = windows.of_closes([*zigzag(80), close], [*[1000] * 80, volume])

        target = self.RULE.evaluate(window, self.PARAMETERS, NONE)

        assert (target is not None) == enters
        if target is not None:
            assert f"the close {close} is above 100.06" in target.reason

    def test_forgets_a_breakout_that_fell_back(self) -> None:
        patient = BreakoutParameters(fresh_bars=5)
        shares = [*[1000] * 80, 3000, 1000]

        held = windows.of_closes([*zigzag(80), "100.5", "100.4"], shares)
        lost = windows.of_closes([*zigzag(80), "100.5", "100.0"], shares)

        assert self.RULE.evaluate(held, patient, NONE) is not None
        assert self.RULE.evaluate(lost, patient, NONE) is None

    def test_leaves_below_the_shorter_channel(self) -> None:
        inside = windows.of_closes([*zigzag(80), "99.94"])
        below = windows.of_closes([*zigzag(80), "99.93"])

        assert self.RULE.evaluate(inside, self.PARAMETERS, SOME) is None
        target = self.RULE.evaluate(below, self.PARAMETERS, SOME)
        assert target is not None
        assert target.direction == "flat"
