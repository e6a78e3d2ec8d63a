"""Return, Sharpe ratio, drawdown, win rate and profit factor, over equity marks and closed trades.

A figure that cannot be known from what is there, such as a ratio of two days, is None and never a made-up zero.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from trading import pnl, sessions

SESSIONS_PER_YEAR = 252
_FEWEST_RETURNS = 2


class UnableToMeasure(ValueError):
    """Figures no performance can be computed from; the sentence names them."""


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """Equity in USD at an aware UTC instant."""

    at: datetime
    equity: Decimal


@dataclass(frozen=True, slots=True)
class Performance:
    """Fractions (0.02 is 2 %) over the whole span; `sharpe` is annualised from the returns of sessions."""

    total_return: Decimal | None
    sharpe: Decimal | None
    max_drawdown: Decimal | None
    trades: int
    win_rate: Decimal | None
    profit_factor: Decimal | None
    average_win: Decimal | None
    average_loss: Decimal | None


def measure(points: Sequence[EquityPoint], realised: Sequence[Decimal]) -> Performance:
    """Performance over equity marks in order of time, and what each closed trade earned. Raises `UnableToMeasure`."""
    equities = [point.equity for point in points]
    if any(equity <= 0 for equity in equities):
        raise UnableToMeasure("An equity mark is not above 0 USD; returns cannot be computed across it.")
    wins, losses = [r for r in realised if r > 0], [r for r in realised if r < 0]
    return Performance(
        total_return=equities[-1] / equities[0] - 1 if equities else None,
        sharpe=sharpe(returns([equity for _, equity in session_closes(points)])),
        max_drawdown=pnl.drawdown(equities).deepest if equities else None,
        trades=len(realised),
        win_rate=Decimal(len(wins)) / len(realised) if realised else None,
        profit_factor=sum(wins, Decimal(0)) / -sum(losses, Decimal(0)) if losses else None,
        average_win=_mean(wins),
        average_loss=_mean(losses),
    )


def session_closes(points: Iterable[EquityPoint]) -> list[tuple[date, Decimal]]:
    """The last equity of each New York date, in order. Raises `UnableToMeasure` where the marks are not in order."""
    closes: dict[date, Decimal] = {}
    latest: datetime | None = None
    for point in points:
        if latest is not None and point.at < latest:
            raise UnableToMeasure(f"The equity mark of {point.at.isoformat()} follows a later one; sort them by time.")
        latest = point.at
        closes[sessions.date_of(point.at)] = point.equity
    return list(closes.items())


def returns(equities: Sequence[Decimal]) -> list[Decimal]:
    """Simple returns from each figure to the next, as fractions."""
    return [after / before - 1 for before, after in pairwise(equities)]


def sharpe(session_returns: Sequence[Decimal], risk_free: Decimal = Decimal(0)) -> Decimal | None:
    """(mean − risk-free) / standard deviation × √252, from returns of sessions (Sharpe, 1994).

    `risk_free` is the return of one session. The deviation is the sample's. None for fewer than two returns, or none
    that differ.
    """
    if len(session_returns) < _FEWEST_RETURNS:
        return None
    deviation = statistics.stdev(session_returns)
    if not deviation:
        return None
    return (statistics.mean(session_returns) - risk_free) / deviation * Decimal(SESSIONS_PER_YEAR).sqrt()


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None
