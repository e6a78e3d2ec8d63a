"""Market values of the venue: bars, quotes and trades of one symbol."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ``start`` is its left edge (UTC), ``vwap`` None where the source does not tell it. Volume in shares."""

    symbol: str
    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    vwap: Decimal | None = None
    trade_count: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask; sizes in shares."""

    symbol: str
    at: datetime
    bid: Decimal
    ask: Decimal
    bid_size: int
    ask_size: int


@dataclass(frozen=True, slots=True)
class Trade:
    """The last trade on the tape."""

    symbol: str
    at: datetime
    price: Decimal
    size: int
    number: int
