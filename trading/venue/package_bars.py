"""The real daily bars that come in a package: AAPL, FB, GOOG, IBM and MSFT, unadjusted."""

import csv
import gzip
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

from trading.venue.market import Bar
from trading.venue.trading_days import midnight


@cache
def all_days() -> dict[str, dict[date, Bar]]:
    """Every daily bar of the package, by symbol and date; each starts at its New York midnight (UTC)."""
    days: dict[str, dict[date, Bar]] = {}
    # Read from the file and not through the package's module: that turns the prices into binary floats.
    source = resources.files("bokeh_sampledata") / "_data" / "stocks.csv.gz"
    with source.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            on = date.fromisoformat(row["Date"])
            days.setdefault(row["Ticker"], {})[on] = Bar(
                symbol=row["Ticker"],
                start=midnight(on),
                open=Decimal(row["Open"]),
                high=Decimal(row["High"]),
                low=Decimal(row["Low"]),
                close=Decimal(row["Close"]),
                volume=int(row["Volume"]),
            )
    return days


def common_days() -> dict[str, dict[date, Bar]]:
    """The daily bars of the dates on which every stock has one."""
    days = all_days()
    shared = set.intersection(*(set(series) for series in days.values()))
    return {symbol: {on: bar for on, bar in series.items() if on in shared} for symbol, series in days.items()}
