"""Indicators that weigh price by the shares traded. Formulas are TA-Lib's."""

import talib

from trading.indicators.definition import Indicator, Setting

VOLUME = (
    Indicator(
        "obv",
        "On-balance volume, shares from the start of the window",
        ("obv",),
        (),
        lambda w, _: (talib.OBV(w.closes, w.volumes),),
        lambda _: 0,
    ),
    Indicator(
        "ad",
        "Accumulation and distribution line, shares from the start of the window",
        ("ad",),
        (),
        lambda w, _: (talib.AD(w.highs, w.lows, w.closes, w.volumes),),
        lambda _: 0,
    ),
    Indicator(
        "adosc",
        "Chaikin oscillator of accumulation and distribution",
        ("adosc",),
        (Setting("fast", 3, 2, 200), Setting("slow", 10, 2, 400)),
        lambda w, p: (talib.ADOSC(w.highs, w.lows, w.closes, w.volumes, int(p["fast"]), int(p["slow"])),),
        lambda p: int(max(p["fast"], p["slow"])) - 1,
        lambda p: 3 * int(max(p["fast"], p["slow"])),
    ),
    Indicator(
        "mfi",
        "Money flow index, 0 to 100",
        ("mfi",),
        (Setting("period", 14, 2, 400),),
        lambda w, p: (talib.MFI(w.highs, w.lows, w.closes, w.volumes, int(p["period"])),),
        lambda p: int(p["period"]),
    ),
    Indicator(
        "cmf",
        "Chaikin money flow, -1 to 1",
        ("cmf",),
        (Setting("period", 20, 2, 400),),
        lambda w, p: (talib.CMF(w.highs, w.lows, w.closes, w.volumes, int(p["period"])),),
        lambda p: int(p["period"]) - 1,
    ),
)
