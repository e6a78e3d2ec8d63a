"""Breakout: long when price closes above its highest high of many bars on unusual volume, flat below the lowest low.

The channel is Donchian's; entry and exit use channels of different length, as the Turtle rules do.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from trading import targets
from trading.bars import BarWindow
from trading.strategies import base
from trading.strategies.parameters import Parameters, Range, as_text
from trading.targets import Target


@dataclass(frozen=True, slots=True)
class BreakoutParameters(Parameters):
    """Periods are bars; the volume of the last bar is compared with the mean of the entry period."""

    entry_period: Annotated[int, Range(5, 300, "bars")] = 60
    exit_period: Annotated[int, Range(2, 300, "bars")] = 30
    volume_least: Annotated[Decimal, Range(Decimal(0), Decimal(20), "times the mean volume")] = Decimal("1.2")
    fresh_bars: Annotated[int, Range(1, 60, "bars since the breakout")] = 1
    stop_loss: base.StopLoss = Decimal("0.02")
    take_profit: base.TakeProfit = Decimal("0.03")


class Breakout:
    """Long on a close above the channel of the bars before it, flat on a close below the shorter channel."""

    name = "breakout"
    title = "Channel breakout"
    parameters_type = BreakoutParameters

    def warm_up(self, parameters: BreakoutParameters) -> int:
        return max(parameters.entry_period + parameters.fresh_bars, parameters.exit_period + 1)

    def evaluate(self, window: BarWindow, parameters: BreakoutParameters, held: Decimal) -> Target | None:
        if len(window) < self.warm_up(parameters):
            return None
        if held > 0:
            return _exit(window, parameters)
        for age in range(parameters.fresh_bars):
            target = _breakout(window, parameters, age)
            if target is not None:
                return target
        return None


def _exit(window: BarWindow, parameters: BreakoutParameters) -> Target | None:
    lowest = min(bar.low for bar in window.bars[-1 - parameters.exit_period : -1])
    if window.last.close >= lowest:
        return None
    reason = (
        f"The close {as_text(window.last.close)} is below {as_text(lowest)},"
        f" the lowest of the {parameters.exit_period} bars before."
    )
    return Target(window.symbol, "flat", Decimal(1), reason)


def _breakout(window: BarWindow, p: BreakoutParameters, age: int) -> Target | None:
    """The target of a breakout `age` bars ago that still holds, or None."""
    end = len(window) - 1 - age
    before = window.bars[end - p.entry_period : end]
    highest = max(bar.high for bar in before)
    if window.bars[end].close <= highest or window.last.close <= highest:
        return None
    usual = Decimal(sum(bar.volume for bar in before)) / p.entry_period
    if not usual or (volume := window.bars[end].volume / usual) < p.volume_least:
        return None
    reason = (
        f"Breakout: the close {as_text(window.bars[end].close)} is above {as_text(highest)},"
        f" the highest of the {p.entry_period} bars before, on {volume:.2f} times"
        f" their mean volume (at least {p.volume_least:f})."
    )
    return Target(window.symbol, "long", targets.clamp((1 + volume) / 5), reason, p.stop_loss, p.take_profit)
