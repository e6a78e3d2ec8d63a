"""The table of indicators by name, and what a rule asks of it: how many bars, which values, the latest."""

import math
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from trading.bars import BarWindow, FloatArray
from trading.indicators.definition import Indicator, UnableToCompute
from trading.indicators.momentum import MOMENTUM
from trading.indicators.trend import TREND
from trading.indicators.volatility import VOLATILITY
from trading.indicators.volume import VOLUME

INDICATORS: Mapping[str, Indicator] = MappingProxyType(
    {indicator.name: indicator for indicator in (*TREND, *MOMENTUM, *VOLATILITY, *VOLUME)}
)


def get(name: str) -> Indicator:
    """The indicator of that name. Raises `UnableToCompute`."""
    if name not in INDICATORS:
        raise UnableToCompute(f"There is no indicator {name!r}; known are {', '.join(sorted(INDICATORS))}.")
    return INDICATORS[name]


def warm_up(name: str, **parameters: int | float) -> int:
    """Bars a window needs for a settled latest value. Raises `UnableToCompute`."""
    indicator = get(name)
    complete = indicator.complete(parameters)
    return indicator.lookback(complete) + 1 + indicator.settling(complete)


def compute(name: str, window: BarWindow, **parameters: int | float) -> dict[str, FloatArray]:
    """Every output of the indicator, one value per bar, NaN before the first. Raises `UnableToCompute`.

    A window too short for any value gives NaN throughout rather than an error: "not yet" is an answer.
    """
    indicator = get(name)
    outputs = indicator.function(window, indicator.complete(parameters))
    return dict(zip(indicator.outputs, outputs, strict=True))


def series(name: str, window: BarWindow, **parameters: int | float) -> FloatArray:
    """The first output of the indicator. Raises `UnableToCompute`."""
    return next(iter(compute(name, window, **parameters).values()))


def latest(name: str, window: BarWindow, **parameters: int | float) -> float | None:
    """The first output's value on the last bar, or None where there is none yet. Raises `UnableToCompute`."""
    value = series(name, window, **parameters)[-1].item()
    return value if math.isfinite(value) else None


def as_decimal(value: float, places: int = 4) -> Decimal:
    """An indicator's value, rounded, for a reason or a strength, never a price. Raises `UnableToCompute` for NaN."""
    if not math.isfinite(value):
        raise UnableToCompute("An indicator has no value yet; give the window more bars.")
    return Decimal(f"{value:.{places}f}")
