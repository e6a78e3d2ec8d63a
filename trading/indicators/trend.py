"""Indicators of direction: averages, channels of extremes and directional movement. Formulas are TA-Lib's."""

import talib

from trading.indicators.definition import Indicator, Parameters, Setting

_UNSTABLE_PERIODS = 3
_UNSTABLE_WILDER_PERIODS = 5


def _period(default: int, low: int = 2) -> tuple[Setting, ...]:
    return (Setting("period", default, low, 400),)


def _settling(p: Parameters) -> int:
    # An exponential average seeded with a simple one keeps e^(-2k) of its seed after k periods: under 1 % at 3.
    return _UNSTABLE_PERIODS * int(p["period"])


def _wilder(p: Parameters) -> int:
    # Wilder's smoothing forgets half as fast as an exponential average.
    return _UNSTABLE_WILDER_PERIODS * int(p["period"])


def _macd_lookback(p: Parameters) -> int:
    return int(max(p["slow"], p["fast"])) - 1 + int(p["signal"]) - 1


TREND = (
    Indicator(
        "sma",
        "Simple moving average",
        ("sma",),
        _period(20),
        lambda w, p: (talib.SMA(w.closes, int(p["period"])),),
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "ema",
        "Exponential moving average",
        ("ema",),
        _period(20),
        lambda w, p: (talib.EMA(w.closes, int(p["period"])),),
        lambda p: int(p["period"]) - 1,
        _settling,
    ),
    Indicator(
        "wma",
        "Weighted moving average",
        ("wma",),
        _period(20),
        lambda w, p: (talib.WMA(w.closes, int(p["period"])),),
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "dema",
        "Double exponential moving average",
        ("dema",),
        _period(20),
        lambda w, p: (talib.DEMA(w.closes, int(p["period"])),),
        lambda p: 2 * (int(p["period"]) - 1),
        _settling,
    ),
    Indicator(
        "tema",
        "Triple exponential moving average",
        ("tema",),
        _period(20),
        lambda w, p: (talib.TEMA(w.closes, int(p["period"])),),
        lambda p: 3 * (int(p["period"]) - 1),
        _settling,
    ),
    Indicator(
        "kama",
        "Kaufman adaptive moving average",
        ("kama",),
        _period(20),
        lambda w, p: (talib.KAMA(w.closes, int(p["period"])),),
        lambda p: int(p["period"]),
        _settling,
    ),
    Indicator(
        "vwma",
        "Volume-weighted moving average",
        ("vwma",),
        _period(20),
        lambda w, p: (talib.VWMA(w.closes, w.volumes, int(p["period"])),),
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "macd",
        "Moving average convergence and divergence",
        ("macd", "signal", "histogram"),
        (Setting("fast", 12, 2, 200), Setting("slow", 26, 2, 400), Setting("signal", 9, 2, 100)),
        lambda w, p: talib.MACD(w.closes, int(p["fast"]), int(p["slow"]), int(p["signal"])),
        _macd_lookback,
        lambda p: _UNSTABLE_PERIODS * int(max(p["slow"], p["fast"])),
    ),
    Indicator(
        "adx",
        "Average directional movement index",
        ("adx",),
        _period(14),
        lambda w, p: (talib.ADX(w.highs, w.lows, w.closes, int(p["period"])),),
        lambda p: 2 * int(p["period"]) - 1,
        # Smoothed twice, so it needs half as long again.
        lambda p: _wilder(p) * 3 // 2,
    ),
    Indicator(
        "directional",
        "Directional indicators, plus and minus",
        ("plus", "minus"),
        _period(14),
        lambda w, p: (
            talib.PLUS_DI(w.highs, w.lows, w.closes, int(p["period"])),
            talib.MINUS_DI(w.highs, w.lows, w.closes, int(p["period"])),
        ),
        lambda p: int(p["period"]),
        _wilder,
    ),
    Indicator(
        "aroon",
        "Aroon: age of the lowest low and highest high",
        ("down", "up"),
        _period(14),
        lambda w, p: talib.AROON(w.highs, w.lows, int(p["period"])),
        lambda p: int(p["period"]),
    ),
    Indicator(
        "donchian",
        "Donchian channel: highest high and lowest low",
        ("upper", "middle", "lower"),
        _period(20),
        lambda w, p: talib.DONCHIAN(w.highs, w.lows, int(p["period"])),
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "sar",
        "Parabolic stop and reverse",
        ("sar",),
        (Setting("acceleration", 0.02, 0.001, 1.0), Setting("maximum", 0.2, 0.01, 1.0)),
        lambda w, p: (talib.SAR(w.highs, w.lows, p["acceleration"], p["maximum"]),),
        lambda _: 1,
        lambda _: 50,
    ),
    Indicator(
        "slope",
        "Slope of the least-squares line, USD per bar",
        ("slope",),
        _period(14),
        lambda w, p: (talib.LINEARREG_SLOPE(w.closes, int(p["period"])),),
        lambda p: int(p["period"]) - 1,
    ),
)
