"""The one quote and the one trade a past minute bar stands for: what its close left behind, at the bar's end. Pure."""

from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal

from trading.venue import matching
from trading.venue.market import Bar, Quote, Trade

MINUTE = timedelta(minutes=1)


def trade_after(bar: Bar) -> Trade:
    """Return the bar's last trade, numbered by its minute so that the number does not change between requests."""
    size = max(bar.volume // max(bar.trade_count, 1), 1)
    return Trade(bar.symbol, bar.start + MINUTE, bar.close, size, int(bar.start.timestamp()) // 60)


def quote_after(bar: Bar, participation: Decimal, spread_ticks: int) -> Quote:
    """Return the quote around the bar's close, as the exchange makes its current one; sizes in shares."""
    step = matching.tick(bar.close)
    bid = max(bar.close.quantize(step, ROUND_FLOOR), step)
    size = max(int(bar.volume * participation), 1)
    return Quote(bar.symbol, bar.start + MINUTE, bid, bid + spread_ticks * step, size, size)
