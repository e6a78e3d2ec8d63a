"""Alpaca's own, unmodified REST clients, pointed at a venue by URL alone.

They are typed as Any: alpaca-py types every answer as "a model or a raw dictionary", which only its own tests can use.
"""

from typing import Any

from alpaca.data.historical import StockHistoricalDataClient
from alpaca.trading.client import TradingClient

from tests.venue import RunningVenue

KEY, SECRET = "PKTEST", "secret"


def trading(venue: RunningVenue, key: str = KEY, secret: str = SECRET) -> Any:
    """A trading client."""
    return TradingClient(key, secret, url_override=venue.url)


def history(venue: RunningVenue, key: str = KEY, secret: str = SECRET) -> Any:
    """A historical market-data client."""
    return StockHistoricalDataClient(key, secret, url_override=venue.url)
