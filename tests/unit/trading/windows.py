"""Bars and windows for tests, made from plain closes."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trading.bars import Bar, BarWindow

OPEN = datetime(2013, 1, 2, 14, 30, tzinfo=UTC)
CENT = Decimal("0.01")


def bar(minute: int = 0, close: str = "100", *, volume: int = 1000, symbol: str = "AAPL") -> Bar:
    """A bar a cent wide either side of `close`, `minute` minutes after the open."""
    price = Decimal(close)
    return Bar(symbol, OPEN + timedelta(minutes=minute), price, price + CENT, price - CENT, price, volume)


def of_closes(closes: Iterable[str], volumes: Sequence[int] | None = None) -> BarWindow:
    """A window with those closes, a minute apart."""
    rows = list(closes)
    shares = volumes or [1000] * len(rows)
    return BarWindow("AAPL", tuple(bar(i, close, volume=shares[i]) for i, close in enumerate(rows)))


def line(start: str, step: str, count: int) -> list[str]:
    """`count` closes from `start`, each `step` on."""
    return [str(Decimal(start) + Decimal(step) * i) for i in range(count)]
