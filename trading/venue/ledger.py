"""Cash and holdings of one account: what a fill does to them. Pure arithmetic, exact in Decimal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from trading.venue.values import ZERO


@dataclass(slots=True)
class Holding:
    """Shares of one symbol, negative when short. ``cost`` and ``day_cost`` carry the sign of ``qty`` (USD).

    ``day_cost`` is the cost as if all shares held overnight had been bought at the last session's close.
    """

    qty: Decimal = ZERO
    cost: Decimal = ZERO
    day_cost: Decimal = ZERO

    @property
    def average_price(self) -> Decimal:
        return self.cost / self.qty if self.qty else ZERO

    def trade(self, signed_qty: Decimal, price: Decimal) -> None:
        """Add a fill. Closing shares leave at average cost; what goes through zero opens at ``price``."""
        if self.qty * signed_qty >= ZERO:
            self._add(signed_qty, price)
            return
        closed = min(abs(signed_qty), abs(self.qty))
        kept = (abs(self.qty) - closed) / abs(self.qty)
        self.qty += closed if signed_qty > ZERO else -closed
        self.cost = self.cost * kept if self.qty else ZERO
        self.day_cost = self.day_cost * kept if self.qty else ZERO
        through = abs(signed_qty) - closed
        if through:
            self._add(through if signed_qty > ZERO else -through, price)

    def _add(self, signed_qty: Decimal, price: Decimal) -> None:
        self.qty += signed_qty
        self.cost += signed_qty * price
        self.day_cost += signed_qty * price


@dataclass(slots=True)
class Ledger:
    """One account's money. Cash changes by fills only: by minus quantity times price."""

    cash: Decimal
    holdings: dict[str, Holding] = field(default_factory=dict)

    def qty(self, symbol: str) -> Decimal:
        """Signed shares held."""
        holding = self.holdings.get(symbol)
        return holding.qty if holding else ZERO

    def trade(self, symbol: str, signed_qty: Decimal, price: Decimal) -> None:
        self.cash -= signed_qty * price
        holding = self.holdings.setdefault(symbol, Holding())
        holding.trade(signed_qty, price)
        if not holding.qty:
            del self.holdings[symbol]

    def reprice(self, symbol: str, signed_qty: Decimal, by: Decimal) -> None:
        """Move the price of shares already traded by so many USD each; what has been sold since moves cash alone."""
        self.cash -= signed_qty * by
        holding = self.holdings.get(symbol)
        if holding is not None and holding.qty * signed_qty > ZERO:
            kept = min(abs(signed_qty), abs(holding.qty)) * (1 if signed_qty > ZERO else -1)
            holding.cost += kept * by
            holding.day_cost += kept * by

    def split(self, symbol: str, ratio: Decimal) -> None:
        """Turn each share into `ratio` shares; what they cost stays."""
        holding = self.holdings.get(symbol)
        if holding is not None:
            holding.qty = (holding.qty * ratio).normalize()

    def roll_day(self, close: Callable[[str], Decimal | None]) -> None:
        """Begin a day: yesterday's close becomes the base of the day's profit."""
        for symbol, holding in self.holdings.items():
            price = close(symbol)
            if price is not None:
                holding.day_cost = holding.qty * price

    def market_values(self, price: Callable[[str], Decimal | None]) -> tuple[Decimal, Decimal]:
        """Long and short market value (the second zero or negative); unpriced holdings count at cost."""
        long, short = ZERO, ZERO
        for symbol, holding in self.holdings.items():
            last = price(symbol)
            value = holding.cost if last is None else holding.qty * last
            if holding.qty > ZERO:
                long += value
            else:
                short += value
        return long, short
