"""Profit and loss as plain arithmetic, in USD. What is held is given as (signed shares, cost, mark), never as rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

_ZERO = Decimal(0)


class UnableToValue(ValueError):
    """Figures no profit can be computed from; the sentence names them."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Signed shares of one symbol, the signed USD they were opened for, and the price they are marked at."""

    quantity: Decimal
    cost: Decimal
    mark: Decimal

    @property
    def market_value(self) -> Decimal:
        """quantity × mark; negative for a short."""
        return self.quantity * self.mark

    @property
    def unrealised(self) -> Decimal:
        """market value − cost (Alpaca, Position: `unrealized_pl`)."""
        return self.market_value - self.cost


@dataclass(frozen=True, slots=True)
class Drawdown:
    """How far equity is below its peak: fractions of the peak, 0 where it never fell."""

    current: Decimal
    deepest: Decimal


def cash_change(quantity: Decimal, price: Decimal, fees: Decimal = _ZERO) -> Decimal:
    """What a fill does to cash: −quantity × price − fees, so that a buy takes and a sell brings."""
    return -quantity * price - fees


def unrealised(holdings: Iterable[Holding]) -> Decimal:
    """The sum of market value − cost over everything held."""
    return sum((h.unrealised for h in holdings), _ZERO)


def market_value(holdings: Iterable[Holding]) -> Decimal:
    """Signed market value of everything held; shorts count against longs."""
    return sum((h.market_value for h in holdings), _ZERO)


def equity(cash: Decimal, holdings: Iterable[Holding]) -> Decimal:
    """cash + long market value + short market value, the last being negative (Alpaca, Account: `equity`)."""
    return cash + market_value(holdings)


def day(equity_now: Decimal, last_equity: Decimal, adjustments: Decimal = _ZERO) -> Decimal:
    """Profit since the last close: equity − last equity − intraday adjustments, so that a deposit is not a profit.

    The three figures are Alpaca's account fields `equity`, `last_equity` and `intraday_adjustments`.
    """
    return equity_now - last_equity - adjustments


def day_fraction(equity_now: Decimal, last_equity: Decimal, adjustments: Decimal = _ZERO) -> Decimal:
    """`day` as a fraction of the last close's equity. Raises `UnableToValue` where that is not above 0."""
    if last_equity <= 0:
        raise UnableToValue(f"The last close's equity is {last_equity} USD; a day's fraction needs one above 0.")
    return day(equity_now, last_equity, adjustments) / last_equity


def drawdown(equities: Sequence[Decimal]) -> Drawdown:
    """(peak so far − equity) / peak so far, now and at its deepest (Magdon-Ismail & Atiya, 2004).

    Raises `UnableToValue` without any figure, or where one is not above 0.
    """
    if not equities or min(equities) <= 0:
        raise UnableToValue("A drawdown needs at least one equity figure, all above 0 USD.")
    peak, current, deepest = equities[0], _ZERO, _ZERO
    for value in equities:
        peak = max(peak, value)
        current = (peak - value) / peak
        deepest = max(deepest, current)
    return Drawdown(current, deepest)
