"""Mean reversion: long when price has fallen unusually far from its average and turns, flat when it is back at it.

Far is measured twice: in standard deviations of the close (Bollinger z-score) and by Wilder's relative strength index.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from trading import targets
from trading.bars import BarWindow
from trading.indicators import registry as indicators
from trading.strategies import base
from trading.strategies.parameters import Parameters, Range, UnableToUseParameters, as_text
from trading.targets import Target


@dataclass(frozen=True, slots=True)
class ReversionParameters(Parameters):
    """Periods are bars. The fall must lie within `fresh_bars` bars before the last, which must close up."""

    average_period: Annotated[int, Range(5, 200, "bars")] = 30
    rsi_period: Annotated[int, Range(2, 50, "bars")] = 14
    entry_score: Annotated[Decimal, Range(Decimal("0.5"), Decimal(6), "deviations below the average")] = Decimal("2.5")
    exit_score: Annotated[Decimal, Range(Decimal(-3), Decimal(3), "deviations from the average")] = Decimal("0.25")
    rsi_most: Annotated[Decimal, Range(Decimal(5), Decimal(50), "relative strength index")] = Decimal(30)
    fresh_bars: Annotated[int, Range(1, 60, "bars since the fall")] = 2
    stop_loss: base.StopLoss = Decimal("0.02")
    take_profit: base.TakeProfit = Decimal("0.03")

    def check(self) -> None:
        if self.exit_score <= -self.entry_score:
            raise UnableToUseParameters(
                f"exit_score is {self.exit_score:f}; it must be above -{self.entry_score:f}, where one enters."
            )


class MeanReversion:
    """Long on the first rising close after an over-sold fall; flat once price is back near its average."""

    name = "mean_reversion"
    title = "Mean reversion"
    parameters_type = ReversionParameters

    def warm_up(self, parameters: ReversionParameters) -> int:
        average = indicators.warm_up("zscore", period=parameters.average_period)
        strength = indicators.warm_up("rsi", period=parameters.rsi_period)
        return max(average, strength) + parameters.fresh_bars

    def evaluate(self, window: BarWindow, parameters: ReversionParameters, held: Decimal) -> Target | None:
        if len(window) < self.warm_up(parameters):
            return None
        scores = indicators.series("zscore", window, period=parameters.average_period)
        if held > 0:
            return _exit(window, parameters, indicators.as_decimal(scores[-1].item(), 2))
        rising = window.last.close > window.bars[-2].close
        seen = slice(-1 - parameters.fresh_bars, None)
        score = indicators.as_decimal(scores[seen].min().item(), 2)
        if not rising or score > -parameters.entry_score:
            return None
        strengths = indicators.series("rsi", window, period=parameters.rsi_period)
        rsi = indicators.as_decimal(strengths[seen].min().item(), 2)
        return _entry(window, parameters, score, rsi) if rsi <= parameters.rsi_most else None


def _exit(window: BarWindow, parameters: ReversionParameters, score: Decimal) -> Target | None:
    if score < parameters.exit_score:
        return None
    reason = (
        f"Back at the average: the close {as_text(window.last.close)} is {score} standard deviations from the average "
        f"of {parameters.average_period} bars, at least {parameters.exit_score:f}."
    )
    return Target(window.symbol, "flat", Decimal(1), reason)


def _entry(window: BarWindow, p: ReversionParameters, score: Decimal, rsi: Decimal) -> Target:
    reason = (
        f"Over-sold and turning: price fell {-score} standard deviations below the average of {p.average_period} bars "
        f"(at least {p.entry_score:f}), the relative strength index fell to {rsi} (at most {p.rsi_most:f}), "
        f"and the last bar closed up at {as_text(window.last.close)}."
    )
    # Half strength at the entry score, full at twice it.
    return Target(window.symbol, "long", targets.clamp(-score / p.entry_score / 2), reason, p.stop_loss, p.take_profit)
