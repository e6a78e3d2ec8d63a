"""Where a market is heading: the slope of a line through its closes, and whether it moves enough to call it a trend."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from trading.bars import BarWindow
from trading.indicators import registry as indicators

_TREND_FROM = Decimal(20)


@dataclass(frozen=True, slots=True)
class MarketTrend:
    """`slope` is the fraction of the last close gained per bar, `strength` the average directional index (0 to 100)."""

    symbol: str
    direction: Literal["up", "down", "sideways"]
    slope: Decimal
    strength: Decimal
    sentence: str


def of(window: BarWindow, period: int = 30) -> MarketTrend | None:
    """The trend of the latest `period` bars, or None where the window is too short.

    Sideways below a directional index of 20 (Wilder, 1978).
    """
    slope = indicators.latest("slope", window, period=period)
    movement = indicators.latest("adx", window, period=max(2, period // 2))
    if slope is None or movement is None:
        return None
    fraction = indicators.as_decimal(slope / window.closes[-1].item(), 8)
    strength = indicators.as_decimal(movement, 2)
    direction: Literal["up", "down", "sideways"] = "up" if fraction > 0 else "down"
    if strength < _TREND_FROM or not fraction:
        direction = "sideways"
    sentence = (
        f"{window.symbol} goes {direction}: {fraction * 100:+.4f} % a bar over {period} bars, "
        f"directional index {strength}."
    )
    return MarketTrend(window.symbol, direction, fraction, strength, sentence)
