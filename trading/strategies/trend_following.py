"""Trend following: long when a fast average crosses above a slow one in a market that moves, flat when it crosses back.

The averages are exponential; "moves" is Wilder's average directional index (New Concepts in Technical Trading Systems,
1978), where 20 to 25 and more is taken as a trend.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import numpy as np

from trading import targets
from trading.bars import BarWindow
from trading.indicators import registry as indicators
from trading.strategies import base
from trading.strategies.parameters import Parameters, Range, UnableToUseParameters
from trading.targets import Target


@dataclass(frozen=True, slots=True)
class TrendParameters(Parameters):
    """Periods are bars; a cross is acted on for `fresh_bars` bars, so that a stopped-out trend is not bought again."""

    fast_period: Annotated[int, Range(2, 100, "bars")] = 10
    slow_period: Annotated[int, Range(5, 200, "bars")] = 30
    adx_period: Annotated[int, Range(2, 50, "bars")] = 10
    adx_least: Annotated[Decimal, Range(Decimal(0), Decimal(80), "average directional index")] = Decimal(30)
    fresh_bars: Annotated[int, Range(1, 60, "bars since the cross")] = 5
    exit_margin: Annotated[Decimal, Range(Decimal(0), Decimal("0.02"), "fraction of the slow average")] = Decimal(
        "0.0005"
    )
    stop_loss: base.StopLoss = Decimal("0.02")
    take_profit: base.TakeProfit = Decimal("0.03")

    def check(self) -> None:
        if self.fast_period >= self.slow_period:
            raise UnableToUseParameters(
                f"fast_period is {self.fast_period}; it must be below slow_period, which is {self.slow_period}."
            )


class TrendFollowing:
    """Long on a fresh upward cross with enough directional movement; flat once the fast average is back below."""

    name = "trend_following"
    title = "Trend following"
    parameters_type = TrendParameters

    def warm_up(self, parameters: TrendParameters) -> int:
        average = indicators.warm_up("ema", period=parameters.slow_period)
        movement = indicators.warm_up("adx", period=parameters.adx_period)
        return max(average, movement) + parameters.fresh_bars

    def evaluate(self, window: BarWindow, parameters: TrendParameters, held: Decimal) -> Target | None:
        if len(window) < self.warm_up(parameters):
            return None
        fast = indicators.series("ema", window, period=parameters.fast_period)
        slow = indicators.series("ema", window, period=parameters.slow_period)
        if held > 0:
            return _exit(window, parameters, fast[-1].item(), slow[-1].item())
        below = fast <= slow
        since_cross = int(np.argmax(below[::-1]))
        if below[-1] or not below.any() or since_cross > parameters.fresh_bars:
            return None
        return _entry(window, parameters, since_cross, f"{fast[-1]:.4f}", f"{slow[-1]:.4f}")


def _exit(window: BarWindow, parameters: TrendParameters, fast: float, slow: float) -> Target | None:
    margin = indicators.as_decimal(1 - fast / slow, 6)
    if margin <= parameters.exit_margin:
        return None
    reason = (
        f"The trend has turned: average of {parameters.fast_period} bars {fast:.4f} is {margin * 100:.3f} % below "
        f"the average of {parameters.slow_period} bars {slow:.4f}."
    )
    return Target(window.symbol, "flat", Decimal(1), reason)


def _entry(window: BarWindow, p: TrendParameters, since_cross: int, fast: str, slow: str) -> Target | None:
    movement = indicators.latest("adx", window, period=p.adx_period)
    if movement is None or (adx := indicators.as_decimal(movement, 2)) < p.adx_least:
        return None
    bars = "bar" if since_cross == 1 else "bars"
    reason = (
        f"Upward cross {since_cross} {bars} ago: average of {p.fast_period} bars {fast} is above the average of "
        f"{p.slow_period} bars {slow}, and the directional index is {adx}, at least {p.adx_least:f}."
    )
    # Half strength at Wilder's 25 or less, full at twice that.
    strength = targets.clamp(max(adx, Decimal(25)) / 50)
    return Target(window.symbol, "long", strength, reason, p.stop_loss, p.take_profit)
