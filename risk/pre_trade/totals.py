"""What an account's holdings and orders add up to. Computed once per Exposure, read by every check."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from risk.exposure import Exposure, Holding, Working
from risk.standing import ENTRY

NOTHING = Decimal(0)

MINUTE = timedelta(minutes=1)

EXIT, GUARD = "exit", "protective order"
"""What may rest besides an entry, in words: a flattening counts as an exit, a stop and a target as what guards."""

PROTECTIVE = ("stop", "target")
"""Purposes of orders that guard a holding."""

LIVE_STOP = frozenset({"accepted", "held", "partially_filled", "pending_replace"})
"""States in which the broker has a stop. A leg that is held guards once its own entry is done."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Exposure filled + open + in flight, in USD; longs and shorts both count as positive.

    Working exits do not lessen it: they may never fill.
    """

    gross: Decimal
    largest: Decimal
    """Value of the largest symbol."""
    positions: int
    """Symbols held or being entered."""
    by_symbol: dict[str, Decimal]
    """All of them, or the proposed one alone."""
    by_sector: dict[str, Decimal]
    sector_of: dict[str, str]
    reserved: Decimal
    """Cash that working entries may still take."""
    unpriced: tuple[str, ...]
    """Symbols whose price is not known, so that nothing here can be trusted."""
    open_risk: Decimal
    """Lost if every stop were hit at its price; all of what no live stop guards."""
    resting: dict[tuple[str, str], str] = field(default_factory=dict)
    """(symbol, side) -> what rests there: an entry before an exit, GUARD only where nothing else does."""
    leaving: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """(symbol, side) -> shares that working exits and flattenings already take."""
    last_minute: int = 0
    """Orders approved within the last minute, venue's clock."""


class _Sum:
    """Adds up one account; `of` is its only user. Each loop keeps to one kind of row, for there may be hundreds."""

    def __init__(self) -> None:
        self.by_symbol: dict[str, Decimal] = {}
        self.sector_of: dict[str, str] = {}
        self.unpriced: list[str] = []
        self.reserved = self.risk = NOTHING
        self.resting: dict[tuple[str, str], str] = {}
        self.leaving: dict[tuple[str, str], Decimal] = {}
        self.guarded: dict[tuple[str, str], Decimal] = {}
        """(symbol, side) -> shares under live stops."""
        self.worth: dict[tuple[str, str], Decimal] = {}
        """(symbol, side) -> those shares times their stop prices."""

    def add(self, symbol: str, quantity: Decimal, price: Decimal | None, sector: str) -> Decimal | None:
        """Count a holding or an entry and return its value; None where it has no price."""
        if sector or symbol not in self.sector_of:
            self.sector_of[symbol] = sector
        if price is None or not price.is_finite() or price <= NOTHING or not quantity.is_finite():
            self.unpriced.append(symbol)
            self.by_symbol.setdefault(symbol, NOTHING)
            return None
        value = abs(quantity) * price
        known = self.by_symbol.get(symbol)
        self.by_symbol[symbol] = value if known is None else known + value
        return value

    def guards(self, orders: Iterable[Working], filling: frozenset[str]) -> None:
        """Count stops and targets: what rests, and which shares a live stop guards."""
        resting, guarded, worth = self.resting, self.guarded, self.worth
        for order in orders:
            key = order.symbol, order.side
            resting[key] = GUARD
            price = order.stop_price
            if order.purpose != "stop" or price is None or order.status not in LIVE_STOP:
                continue
            if order.status == "held" and order.intent_id in filling:
                continue
            shares = order.remaining
            if key in guarded:
                worth[key] += shares * price
                guarded[key] += shares
            else:
                worth[key], guarded[key] = shares * price, shares

    def leaves(self, orders: Iterable[Working]) -> None:
        """Count exits and flattenings."""
        for order in orders:
            key = order.symbol, order.side
            self.resting[key] = EXIT
            self.leaving[key] = self.leaving.get(key, NOTHING) + order.remaining

    def enters(self, orders: Iterable[Working]) -> None:
        """Count entries: their value, the cash they take, and their risk down to the stop they carry."""
        for order in orders:
            self.resting[order.symbol, order.side] = ENTRY
            value = self.add(order.symbol, order.remaining, order.price, order.sector)
            if value is None or order.price is None:
                continue
            self.reserved += value
            stop = order.stop_loss_price
            if stop is None or not stop.is_finite() or stop <= NOTHING:
                self.risk += value
                continue
            away = order.price - stop if order.side == "buy" else stop - order.price
            if away > NOTHING:
                self.risk += order.remaining * away

    def holds(self, holdings: Iterable[Holding]) -> None:
        """Count holdings, and their risk: down to their stops, and whole where there are none."""
        for held in holdings:
            size, price = held.quantity, held.price
            value = self.add(held.symbol, size, price, held.sector)
            if value is None or price is None:
                continue
            side = "sell" if size > NOTHING else "buy"
            shares = self.guarded.get((held.symbol, side))
            self.risk += value if not shares else self._down_to_stops(held.symbol, side, abs(size), shares, price)

    def _down_to_stops(self, symbol: str, side: str, size: Decimal, shares: Decimal, price: Decimal) -> Decimal:
        lost = shares * price - self.worth[symbol, side]
        if side == "buy":
            lost = -lost
        lost = max(lost, NOTHING)
        if shares > size:
            # More is guarded than held: the stops' mean distance, on what is held.
            return lost * size / shares
        return lost + (size - shares) * price


def of(exposure: Exposure) -> Totals:
    """Add up an account as it stands. Raises InvalidOperation for a stop that is no number, so that a check denies."""
    since = exposure.market_now - MINUTE
    lately = sum(1 for recent in exposure.recent if recent.at > since)
    return add_up(exposure.holdings, exposure.working, last_minute=lately)


def add_up(holdings: Iterable[Holding], orders: Iterable[Working], *, last_minute: int = 0) -> Totals:
    """Add up holdings and orders, one walk over each."""
    working = [order for order in orders if order.remaining]
    entries = [order for order in working if order.purpose == ENTRY]
    found = _Sum()
    # A bracket's own stop, held back until its entry is done, guards none of the shares that entry has filled so far.
    filling = frozenset([order.intent_id for order in entries])
    found.guards([order for order in working if order.purpose in PROTECTIVE], filling)
    found.leaves(order for order in working if order.purpose != ENTRY and order.purpose not in PROTECTIVE)
    found.enters(entries)
    found.holds(held for held in holdings if held.quantity)
    return _totals(found, last_minute)


def _totals(found: _Sum, last_minute: int) -> Totals:
    by_sector: dict[str, Decimal] = {}
    for symbol, value in found.by_symbol.items():
        sector = found.sector_of[symbol]
        known = by_sector.get(sector)
        by_sector[sector] = value if known is None else known + value
    return Totals(
        gross=sum(found.by_symbol.values(), NOTHING),
        largest=max(found.by_symbol.values(), default=NOTHING),
        positions=len(found.by_symbol),
        by_symbol=found.by_symbol,
        by_sector=by_sector,
        sector_of=found.sector_of,
        reserved=found.reserved,
        unpriced=tuple(found.unpriced),
        open_risk=found.risk,
        resting=found.resting,
        leaving=found.leaving,
        last_minute=last_minute,
    )
