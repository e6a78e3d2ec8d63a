"""Instruments and minutes of one session, drawn by a seed between an open and a close."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from trading.choices import Timeframe
from trading.models import Bar, Instrument

STOCKS = {
    "AAPL": ("Apple Inc. Common Stock", "580.40", "591.34"),
    "FB": ("Facebook, Inc. Class A Common Stock", "27.60", "27.10"),
    "GOOG": ("Google Inc. Class A Common Stock", "643.80", "640.02"),
    "IBM": ("International Business Machines Corporation", "205.10", "206.01"),
    "MSFT": ("Microsoft Corporation Common Stock", "31.80", "31.98"),
}
"""Symbol → name, first open and last close (USD)."""

CENT = Decimal("0.01")


def instruments(at: datetime) -> dict[str, Instrument]:
    """One row per stock, described just now."""
    return {
        symbol: Instrument.objects.create(
            symbol=symbol, name=name, exchange="NASDAQ", tradable=True, leveraged=False, checked_at=at
        )
        for symbol, (name, _, _) in STOCKS.items()
    }


def minutes(instrument: Instrument, start: datetime, count: int, seed: int = 7) -> list[Bar]:
    """`count` minutes from `start`, walking from the stock's open to its last close."""
    draw = random.Random(f"{instrument.symbol}{seed}")
    _, first, last = STOCKS[instrument.symbol]
    begin, end = Decimal(first), Decimal(last)
    step, drift = begin * Decimal("0.0009"), Decimal(0)
    closes = []
    for index in range(count):
        drift += step * Decimal(draw.randint(-100, 100)) / 100
        part = Decimal(index + 1) / count
        # A bridge: the walk's own end is taken out, so that the last close is the one asked for.
        closes.append((begin + (end - begin) * part, drift))
    path = [line + walk - closes[-1][1] * Decimal(index + 1) / count for index, (line, walk) in enumerate(closes)]
    bars, before = [], begin
    for index, close in enumerate(path):
        low, high = min(before, close), max(before, close)
        bars.append(
            Bar(
                instrument=instrument,
                timeframe=Timeframe.MINUTE,
                start_at=start + timedelta(minutes=index),
                open=before.quantize(CENT),
                close=close.quantize(CENT),
                high=(high + step * draw.randint(0, 60) / 100).quantize(CENT) + CENT,
                low=(low - step * draw.randint(0, 60) / 100).quantize(CENT) - CENT,
                volume=draw.randint(2_000, 90_000),
            )
        )
        before = close.quantize(CENT)
    return Bar.objects.bulk_create(bars)
