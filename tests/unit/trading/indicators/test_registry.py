"""Indicators: warm-up lengths are true, values are those of their formulas, bad parameters are refused."""

import math
from decimal import Decimal

import numpy as np
import pytest

from tests.unit.trading import drawn_minutes, windows
from trading.bars import BarWindow
from trading.indicators import registry
from trading.indicators.definition import UnableToCompute

CUMULATIVE = {"obv", "ad"}


@pytest.fixture(scope="module")
def session() -> BarWindow:
    return BarWindow("IBM", drawn_minutes.session("IBM", "2013-01-02", seed=7))


class TestIndicators:
    def test_are_more_than_twenty(self) -> None:
        assert len(registry.INDICATORS) > 20

    @pytest.mark.parametrize("name", registry.INDICATORS)
    def test_have_their_first_value_right_after_the_lookback(self, name: str, session: BarWindow) -> None:
        indicator = registry.get(name)
        outputs = registry.compute(name, session)

        firsts = [int(np.argmax(np.isfinite(values))) for values in outputs.values()]

        assert max(firsts) == indicator.lookback(indicator.complete({}))
        assert all(len(values) == len(session) for values in outputs.values())
        assert all(np.isfinite(values[max(firsts) :]).all() for values in outputs.values())

    @pytest.mark.parametrize("name", sorted(set(registry.INDICATORS) - CUMULATIVE))
    def test_forget_the_start_of_the_window_within_the_warm_up(self, name: str, session: BarWindow) -> None:
        whole = registry.compute(name, session)
        short = registry.compute(name, session.tail(registry.warm_up(name)))

        for output, values in whole.items():
            spread = float(np.nanmax(values) - np.nanmin(values))
            assert abs(values[-1] - short[output][-1]) <= 0.05 * spread, output

    @pytest.mark.parametrize("name", registry.INDICATORS)
    def test_give_no_value_rather_than_an_error_on_a_short_window(self, name: str) -> None:
        outputs = registry.compute(name, windows.of_closes(["100"]))

        if registry.get(name).lookback(registry.get(name).complete({})) > 0:
            assert all(np.isnan(values).all() for values in outputs.values())
            assert registry.latest(name, windows.of_closes(["100"])) is None

    @pytest.mark.parametrize("name", registry.INDICATORS)
    def test_are_finite_on_a_flat_line(self, name: str) -> None:
        flat = windows.of_closes(["100"] * 200)

        assert all(math.isfinite(values[-1]) for values in registry.compute(name, flat).values())


class TestFormulas:
    def test_sma_is_the_mean_of_the_period(self) -> None:
        window = windows.of_closes(["1", "2", "3", "4"])

        assert registry.latest("sma", window, period=3) == pytest.approx(3.0)

    def test_rsi_is_100_when_price_only_rises(self) -> None:
        window = windows.of_closes(windows.line("100", "0.5", 30))

        assert registry.latest("rsi", window) == pytest.approx(100.0)

    def test_zscore_counts_population_standard_deviations(self) -> None:
        window = windows.of_closes(["100", "100", "100", "104"])

        assert registry.latest("zscore", window, period=4) == pytest.approx(3 / math.sqrt(3))

    def test_zscore_is_zero_where_price_did_not_move(self) -> None:
        assert registry.latest("zscore", windows.of_closes(["100.01"] * 60)) == 0.0

    def test_donchian_is_the_highest_high_and_lowest_low(self) -> None:
        outputs = registry.compute("donchian", windows.of_closes(["100", "103", "101"]), period=3)

        assert outputs["upper"][-1] == pytest.approx(103.01)
        assert outputs["lower"][-1] == pytest.approx(99.99)

    def test_slope_is_the_step_of_a_straight_line(self) -> None:
        assert registry.latest("slope", windows.of_closes(windows.line("50", "0.25", 20))) == pytest.approx(0.25)


class TestComplete:
    @pytest.mark.parametrize(("value", "kind"), [(1, "whole"), (401, "whole"), (3.5, "whole"), (True, "whole")])
    def test_refuses_a_period_out_of_range(self, value: float, kind: str) -> None:
        with pytest.raises(UnableToCompute, match=f"sma: period is {value}; it must be a {kind} number from 2 to 400"):
            registry.warm_up("sma", period=value)

    def test_refuses_nan(self) -> None:
        with pytest.raises(UnableToCompute, match="deviations is nan"):
            registry.warm_up("bollinger", deviations=math.nan)

    def test_refuses_a_parameter_it_does_not_take(self) -> None:
        with pytest.raises(UnableToCompute, match="no parameter 'length'; it takes period"):
            registry.warm_up("sma", length=3)

    def test_names_the_indicators_there_are(self) -> None:
        with pytest.raises(UnableToCompute, match="no indicator 'smma'; known are ad, adosc"):
            registry.get("smma")


class TestAsDecimal:
    def test_rounds_to_places(self) -> None:
        assert registry.as_decimal(1.23456, 2) == Decimal("1.23")

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_refuses_what_is_no_number(self, value: float) -> None:
        with pytest.raises(UnableToCompute, match="more bars"):
            registry.as_decimal(value)
