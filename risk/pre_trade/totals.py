"""What an account's holdings and working entries add up to. Computed once per Exposure, read by every check."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from risk.exposure import Exposure
from risk.standing import ENTRY

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """Exposure filled + open + in flight, in USD; longs and shorts both count as positive.

    Working exits do not lessen it: they may never fill.
    """

    gross: Decimal
    by_symbol: dict[str, Decimal]
    by_sector: dict[str, Decimal]
    sector_of: dict[str, str]
    symbols: frozenset[str]
    reserved: Decimal
    """Cash that working entries may still take."""
    unpriced: tuple[str, ...]
    """Symbols whose price is not known, so that nothing here can be trusted."""


def of(exposure: Exposure) -> Totals:
    """Add up an account as it stands."""
    by_symbol: dict[str, Decimal] = {}
    sector_of: dict[str, str] = {}
    unpriced: list[str] = []
    reserved = NOTHING
    for symbol, quantity, price, sector, pending in _rows(exposure):
        if sector or symbol not in sector_of:
            sector_of[symbol] = sector
        if price is None or not price.is_finite() or price <= 0 or not quantity.is_finite():
            unpriced.append(symbol)
            by_symbol.setdefault(symbol, NOTHING)
            continue
        value = abs(quantity) * price
        by_symbol[symbol] = by_symbol.get(symbol, NOTHING) + value
        if pending:
            reserved += value
    by_sector: dict[str, Decimal] = {}
    for symbol, value in by_symbol.items():
        sector = sector_of[symbol]
        by_sector[sector] = by_sector.get(sector, NOTHING) + value
    gross = sum(by_symbol.values(), NOTHING)
    return Totals(gross, by_symbol, by_sector, sector_of, frozenset(by_symbol), reserved, tuple(unpriced))


def _rows(exposure: Exposure) -> Iterator[tuple[str, Decimal, Decimal | None, str, bool]]:
    for holding in exposure.holdings:
        if holding.quantity != 0:
            yield holding.symbol, holding.quantity, holding.price, holding.sector, False
    for order in exposure.working:
        if order.purpose == ENTRY and order.remaining != 0:
            yield order.symbol, order.remaining, order.price, order.sector, True
