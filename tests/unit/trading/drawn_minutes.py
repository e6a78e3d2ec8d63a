"""Minute bars of real sessions for tests: a day's open, high, low, close and volume, and minutes drawn between them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
from bokeh_sampledata import stocks

from trading.bars import Bar, FloatArray

SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
_MINUTES = 390
_CENT = Decimal("0.01")


def session(symbol: str, day: str, seed: int) -> tuple[Bar, ...]:
    """390 bars from 14:30 UTC on `day` ("2013-01-02"), whose extremes and last close are the day's own."""
    rows = getattr(stocks, symbol)
    i = rows["date"].index(day)
    rng = np.random.default_rng(seed)
    path = _path(rng, *(rows[name][i] for name in ("open", "high", "low", "close")))
    weights = rng.gamma(2.0, size=_MINUTES)
    volumes = (weights / weights.sum() * rows["volume"][i]).astype(int)
    start = datetime.fromisoformat(day).replace(hour=14, minute=30, tzinfo=UTC)
    bars = []
    for minute, (before, after) in enumerate(pairwise(path)):
        wick = abs(rng.normal(0, 0.0003)) * after
        opened, closed = _cents(before), _cents(after)
        high = min(max(opened, closed, _cents(max(before, after) + wick)), _cents(rows["high"][i]))
        low = max(min(opened, closed, _cents(min(before, after) - wick)), _cents(rows["low"][i]))
        at = start + timedelta(minutes=minute)
        bars.append(
            Bar(symbol, at, opened, max(high, opened, closed), min(low, opened, closed), closed, int(volumes[minute]))
        )
    return tuple(bars)


def _path(rng: np.random.Generator, opened: float, high: float, low: float, closed: float) -> FloatArray:
    """A bridge of 391 prices from open to close that touches the low and the high, in an order drawn by `rng`."""
    turns = sorted(rng.choice(np.arange(20, 370), size=2, replace=False))
    levels = [high, low] if rng.random() < 0.5 else [low, high]
    knots, values = [0, *turns, _MINUTES], [opened, *levels, closed]
    line = np.interp(np.arange(_MINUTES + 1), knots, values)
    noise = np.zeros(_MINUTES + 1)
    for a, b in pairwise(knots):
        walk = np.concatenate([[0.0], np.cumsum(rng.normal(0, (high - low) / 25, b - a))])
        noise[a : b + 1] = walk - np.linspace(0, walk[-1], b - a + 1)
    return np.clip(line + noise, low, high)


def _cents(price: float) -> Decimal:
    return Decimal(str(price)).quantize(_CENT)
