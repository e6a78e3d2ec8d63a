"""Minutes drawn inside a day: a path by seed that keeps the day's open, high, low, close and volume exactly.

The minutes are invented, the day they add up to is not. Prices are whole cents except where the day's own are not.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from trading.venue.market import Bar
from trading.venue.values import SessionDay

SCALE = 10_000
"""Prices are drawn as whole ten-thousandths of a dollar: exact, and finer than any price in the data."""
CENT = SCALE // 100
ROUGHNESS = 1.5
SHARES_PER_TRADE = 150
MINUTE = timedelta(minutes=1)


def draw(day: Bar, session: SessionDay, seed: int) -> list[Bar]:
    """The minute bars of ``session`` for the daily bar ``day``; the same arguments give the same bars.

    Every bar lies within [low, high]; both are reached; the first open and the last close are the day's; each bar opens
    where the one before closed; volumes are U-shaped and add up to the day's volume.
    """
    count = int((session.close - session.open) / MINUTE)
    source = Random(f"{seed}:{day.symbol}:{session.date.isoformat()}")  # noqa: S311 - prices guard nothing
    opening, high, low, closing = (int(price * SCALE) for price in (day.open, day.high, day.low, day.close))
    high_at, low_at = source.randrange(count), source.randrange(count)
    points = _points(source, count, (opening, closing), {high_at: high, low_at: low}, (low, high))
    volumes = _volumes(source, day.volume, count)
    bars = []
    for index, (begin, end) in enumerate(pairwise(points)):
        reach = (high - low) / count
        top = high if index == high_at else min(max(begin, end) + _cents(source.random() * reach), high)
        bottom = low if index == low_at else max(min(begin, end) - _cents(source.random() * reach), low)
        bars.append(
            Bar(
                symbol=day.symbol,
                start=session.open + index * MINUTE,
                open=_price(begin),
                high=_price(top),
                low=_price(bottom),
                close=_price(end),
                volume=volumes[index],
                vwap=_price((begin + end + top + bottom) // 4),
                trade_count=-(-volumes[index] // SHARES_PER_TRADE),
            )
        )
    return bars


def _points(
    source: Random, count: int, ends: tuple[int, int], anchors: dict[int, int], bounds: tuple[int, int]
) -> list[int]:
    """Opens and closes in turn: a random bridge from the open through the anchored extremes to the close."""
    low, high = bounds
    fixed = [(0, ends[0]), *sorted((at, price) for at, price in anchors.items() if 0 < at < count), (count, ends[1])]
    step = ROUGHNESS * (high - low) / count**0.5
    points = [ends[0]]
    for (begin, here), (end, to) in pairwise(fixed):
        length = end - begin
        walk = [0.0]
        for _ in range(length):
            walk.append(walk[-1] + source.uniform(-step, step))
        for index in range(1, length + 1):
            share = index / length
            raw = here + (to - here) * share + walk[index] - walk[-1] * share
            points.append(to if index == length else _inside(raw, low, high))
    return points


def _inside(raw: float, low: int, high: int) -> int:
    """The nearest cent within the bounds, mirrored at them first so that the path does not stick to an edge."""
    mirrored = 2 * high - raw if raw > high else 2 * low - raw if raw < low else raw
    first, last = -(-low // CENT) * CENT, high // CENT * CENT
    if first > last:
        return min(max(round(mirrored), low), high)
    return min(max(round(mirrored / CENT) * CENT, first), last)


def _volumes(source: Random, total: int, count: int) -> list[int]:
    """Whole shares by minute: busy at both ends of the day, noisy in between, and exactly ``total`` together."""
    weights = [(1 + 3 * (2 * index / count - 1) ** 4) * (0.5 + source.random()) for index in range(count)]
    scale = sum(weights)
    volumes = [int(total * weight / scale) for weight in weights]
    volumes[-1] += total - sum(volumes)
    return volumes


def _cents(distance: float) -> int:
    return round(distance / CENT) * CENT


def _price(points: int) -> Decimal:
    """Ten-thousandths as dollars, written with cents where cents suffice."""
    if points % CENT == 0:
        return Decimal(points // CENT).scaleb(-2)
    return Decimal(points).scaleb(-4)


def daily(bars: Sequence[Bar], start: datetime) -> Bar:
    """The daily bar that a session's minutes add up to; ``start`` is the New York midnight before them."""
    first = bars[0]
    return Bar(
        symbol=first.symbol,
        start=start,
        open=first.open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=sum(bar.volume for bar in bars),
        trade_count=sum(bar.trade_count for bar in bars),
    )
