"""Indicators of speed and of being over-bought or over-sold. Formulas are TA-Lib's."""

import talib
from talib._ta_lib import MA_Type

from trading.indicators.definition import Indicator, Parameters, Setting


def _period(default: int, low: int = 2) -> tuple[Setting, ...]:
    return (Setting("period", default, low, 400),)


def _settling(p: Parameters) -> int:
    # Wilder's smoothing forgets half as fast as an exponential average: 1 % of the seed is left after 5 periods.
    return 5 * int(p["period"])


MOMENTUM = (
    Indicator(
        "rsi",
        "Relative strength index, 0 to 100",
        ("rsi",),
        _period(14),
        lambda w, p: (talib.RSI(w.closes, int(p["period"])),),
        lambda p: int(p["period"]),
        _settling,
    ),
    Indicator(
        "stochastic",
        "Stochastic oscillator, 0 to 100",
        ("k", "d"),
        (Setting("period", 14, 2, 400), Setting("k_smoothing", 3, 1, 100), Setting("d_smoothing", 3, 1, 100)),
        lambda w, p: talib.STOCH(
            w.highs,
            w.lows,
            w.closes,
            int(p["period"]),
            int(p["k_smoothing"]),
            MA_Type.SMA,
            int(p["d_smoothing"]),
            MA_Type.SMA,
        ),
        lambda p: int(p["period"]) + int(p["k_smoothing"]) + int(p["d_smoothing"]) - 3,
    ),
    Indicator(
        "stochastic_rsi",
        "Stochastic of the relative strength index, 0 to 100",
        ("k", "d"),
        (Setting("period", 14, 2, 400), Setting("k_period", 5, 1, 100), Setting("d_smoothing", 3, 1, 100)),
        lambda w, p: talib.STOCHRSI(w.closes, int(p["period"]), int(p["k_period"]), int(p["d_smoothing"]), MA_Type.SMA),
        lambda p: int(p["period"]) + int(p["k_period"]) + int(p["d_smoothing"]) - 2,
        _settling,
    ),
    Indicator(
        "williams",
        "Williams %R, -100 to 0",
        ("williams",),
        _period(14),
        lambda w, p: (talib.WILLR(w.highs, w.lows, w.closes, int(p["period"])),),
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "cci",
        "Commodity channel index",
        ("cci",),
        _period(20),
        lambda w, p: (talib.CCI(w.highs, w.lows, w.closes, int(p["period"])),),
        lambda p: int(p["period"]) - 1,
    ),
    Indicator(
        "momentum",
        "Momentum: change in USD over the period",
        ("momentum",),
        _period(10, 1),
        lambda w, p: (talib.MOM(w.closes, int(p["period"])),),
        lambda p: int(p["period"]),
    ),
    Indicator(
        "roc",
        "Rate of change over the period, per cent",
        ("roc",),
        _period(10, 1),
        lambda w, p: (talib.ROC(w.closes, int(p["period"])),),
        lambda p: int(p["period"]),
    ),
    Indicator(
        "ultimate",
        "Ultimate oscillator, 0 to 100",
        ("ultimate",),
        (Setting("short", 7, 1, 400), Setting("middle", 14, 1, 400), Setting("long", 28, 1, 400)),
        lambda w, p: (talib.ULTOSC(w.highs, w.lows, w.closes, int(p["short"]), int(p["middle"]), int(p["long"])),),
        lambda p: int(max(p["short"], p["middle"], p["long"])),
    ),
    Indicator(
        "trix",
        "Rate of change of a triple-smoothed average, per cent",
        ("trix",),
        _period(15),
        lambda w, p: (talib.TRIX(w.closes, int(p["period"])),),
        lambda p: 3 * (int(p["period"]) - 1) + 1,
        _settling,
    ),
)
