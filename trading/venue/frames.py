"""Bars of any timeframe Alpaca names, made from the tape's minutes and days. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from trading.venue import parsing, values
from trading.venue.market import Bar
from trading.venue.rendering_market import NEW_YORK

_WORDS = re.compile(r"(\d{1,2})(Min|T|Hour|H|Day|D|Week|W|Month|M)", re.ASCII)
_UNITS = {"T": "Min", "H": "Hour", "D": "Day", "W": "Week", "M": "Month"}
_MOST = {"Min": range(1, 60), "Hour": range(1, 24), "Day": (1,), "Week": (1,), "Month": (1, 2, 3, 4, 6, 12)}


@dataclass(frozen=True, slots=True)
class Timeframe:
    """A count of one unit: Min, Hour, Day, Week or Month."""

    count: int
    unit: str

    @property
    def is_intraday(self) -> bool:
        """Whether it is made from minutes (otherwise from days)."""
        return self.unit in {"Min", "Hour"}

    @property
    def is_plain(self) -> bool:
        """Whether the tape holds these bars as they are."""
        return self.count == 1 and self.unit in {"Min", "Day"}

    def left_edge(self, moment: datetime) -> datetime:
        """Return the start (UTC) of the frame an instant falls in; frames are cut at New York's midnight."""
        local = moment.astimezone(NEW_YORK)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.unit == "Week":
            edge = midnight - timedelta(days=midnight.weekday())
        elif self.unit == "Month":
            edge = midnight.replace(day=1, month=(midnight.month - 1) // self.count * self.count + 1)
        elif self.unit == "Day":
            edge = midnight
        else:
            minutes = self.count * (60 if self.unit == "Hour" else 1)
            since = local.hour * 60 + local.minute
            edge = midnight + timedelta(minutes=since // minutes * minutes)
        return edge.astimezone(UTC)


def timeframe(text: str) -> Timeframe:
    """Read `1Min` … `59Min`, `1Hour` … `23Hour`, `1Day`, `1Week`, `1Month` … `12Month`.

    Raises Refusal (400) for anything else.
    """
    match = _WORDS.fullmatch(text)
    unit = _UNITS.get(match[2], match[2]) if match else ""
    if match is None or int(match[1]) not in _MOST[unit]:
        raise values.Refusal(400, parsing.MALFORMED, f"invalid timeframe: {text}")
    return Timeframe(int(match[1]), unit)


def roll_up(bars: Iterable[Bar], frame: Timeframe) -> list[Bar]:
    """Make bars of a larger frame from smaller ones in order of time."""
    return [_merged(edge, list(group)) for edge, group in groupby(bars, key=lambda each: frame.left_edge(each.start))]


def _merged(edge: datetime, bars: list[Bar]) -> Bar:
    volume = sum(each.volume for each in bars)
    turnover = sum((_average(each) * each.volume for each in bars), Decimal(0))
    return Bar(
        symbol=bars[0].symbol,
        start=edge,
        open=bars[0].open,
        high=max(each.high for each in bars),
        low=min(each.low for each in bars),
        close=bars[-1].close,
        volume=volume,
        vwap=turnover / volume if volume else _average(bars[-1]),
        trade_count=sum(each.trade_count for each in bars),
    )


def _average(bar: Bar) -> Decimal:
    return bar.vwap if bar.vwap is not None else (bar.high + bar.low + bar.close) / 3
