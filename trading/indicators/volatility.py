"""Indicators of how far price strays. Formulas are TA-Lib's, except the z-score, which is stated here."""

import numpy as np
import talib

from trading.bars import BarWindow, FloatArray
from trading.indicators.definition import Indicator, Parameters, Setting


def _period(default: int, low: int = 2) -> tuple[Setting, ...]:
    return (Setting("period", default, low, 400),)


def _wilder(p: Parameters) -> int:
    return 5 * int(p["period"])


def _zscore(window: BarWindow, p: Parameters) -> tuple[FloatArray, ...]:
    """(close - mean) / standard deviation, both over the period; 0 where the period was flat."""
    period = int(p["period"])
    mean = talib.SMA(window.closes, period)
    deviation = talib.STDDEV(window.closes, period, 1.0)
    # Rounding leaves a deviation of about 1e-8 of the price on a flat line; dividing by it would shout.
    moved = deviation > window.closes * 1e-7
    score = np.divide(window.closes - mean, deviation, out=np.zeros_like(mean), where=moved)
    score[np.isnan(mean)] = np.nan
    return (score,)


VOLATILITY = (
    Indicator(
        "bollinger",
        "Bollinger bands",
        ("upper", "middle", "lower"),
        (Setting("period", 20, 2, 400), Setting("deviations", 2.0, 0.1, 10.0)),
        lambda w, p: talib.BBANDS(w.closes, int(p["period"]), p["deviations"], p["deviations"]),
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "keltner",
        "Keltner channel: exponential average and true ranges",
        ("upper", "middle", "lower"),
        (Setting("period", 20, 2, 400), Setting("range_period", 10, 2, 400), Setting("ranges", 2.0, 0.1, 10.0)),
        lambda w, p: talib.KC(w.highs, w.lows, w.closes, int(p["period"]), int(p["range_period"]), p["ranges"]),
        lambda p: int(max(p["period"] - 1, p["range_period"])),
        lambda p: 5 * int(max(p["period"], p["range_period"])),
    ),
    Indicator(
        "zscore",
        "Distance of the close from its average, in standard deviations",
        ("zscore",),
        _period(20),
        _zscore,
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "deviation",
        "Standard deviation of the close, USD",
        ("deviation",),
        _period(20),
        lambda w, p: (talib.STDDEV(w.closes, int(p["period"]), 1.0),),
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "atr",
        "Average true range, USD",
        ("atr",),
        _period(14),
        lambda w, p: (talib.ATR(w.highs, w.lows, w.closes, int(p["period"])),),
        lambda p: int(p["period"]),
        _wilder,
    ),
    Indicator(
        "natr",
        "Average true range, per cent of the close",
        ("natr",),
        _period(14),
        lambda w, p: (talib.NATR(w.highs, w.lows, w.closes, int(p["period"])),),
        lambda p: int(p["period"]),
        _wilder,
    ),
)
