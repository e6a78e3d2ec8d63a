"""What the venue plays: sessions and their minute bars, from the package's daily bars or from files.

A replay also tells what came before its first session, so that a robot can warm up on it.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from trading.venue import csv_bars, minutes, package_bars
from trading.venue.csv_bars import ReplayError
from trading.venue.identity import asset_id
from trading.venue.market import Bar
from trading.venue.trading_days import midnight, trading_days
from trading.venue.values import Asset, SessionDay

WARM_UP_DAYS = 60
"""Sessions kept before the first one played, so that daily rules have a past."""
WARM_UP_MINUTES = 5
"""Sessions whose minutes are given as history."""
NAMES = {
    "AAPL": ("Apple Inc. Common Stock", "NASDAQ"),
    "FB": ("Facebook, Inc. Class A Common Stock", "NASDAQ"),
    "GOOG": ("Google Inc. Class A Common Stock", "NASDAQ"),
    "IBM": ("International Business Machines Corporation Common Stock", "NYSE"),
    "INDA": ("iShares MSCI India ETF", "BATS"),
    "MSFT": ("Microsoft Corporation Common Stock", "NASDAQ"),
}


class Minutes(Protocol):
    """Where the minutes of a day come from."""

    def of(self, symbol: str, session: SessionDay) -> Sequence[Bar]:
        """The minute bars of one symbol in one regular session, in order."""


class Replay:
    """Sessions to play, each with its minutes. ``days`` holds daily bars by symbol and session date."""

    def __init__(
        self,
        description: str,
        fingerprint: str,
        days: Mapping[str, Mapping[date, Bar]],
        calendar: Sequence[SessionDay],
        source: Minutes,
        *,
        start: date | None = None,
    ) -> None:
        """``start`` is the first session to play; without it the first sessions are left for warming up.

        Raises ``ReplayError`` where ``start`` lies outside the data.
        """
        self.description = description
        self.fingerprint = fingerprint
        self.calendar = tuple(calendar)
        self._days = days
        self._source = source
        known = [day for day in self.calendar if any(day.date in series for series in days.values())]
        first = self._first(known, start)
        self._before, self.sessions = known[:first], known[first:]

    @property
    def symbols(self) -> list[str]:
        return sorted(self._days)

    @property
    def assets(self) -> list[Asset]:
        """Everything listed."""
        return [listed(symbol) for symbol in self.symbols]

    def minutes(self, day: SessionDay) -> Iterator[list[Bar]]:
        """The bars of one session: for each minute those of all symbols that traded, in order of time."""
        by_start: dict[datetime, list[Bar]] = {}
        for symbol in self.symbols:
            for bar in self._source.of(symbol, day):
                by_start.setdefault(bar.start, []).append(bar)
        yield from (by_start[at] for at in sorted(by_start))

    def history(self) -> tuple[list[Bar], list[Bar]]:
        """Minute bars and daily bars before the first session played."""
        recent = [
            bar
            for day in self._before[-WARM_UP_MINUTES:]
            for symbol in self.symbols
            for bar in self._source.of(symbol, day)
        ]
        days = [series[day.date] for series in self._days.values() for day in self._before if day.date in series]
        return recent, days

    @staticmethod
    def _first(known: Sequence[SessionDay], start: date | None) -> int:
        if not known:
            raise ReplayError("The data has no bar within a regular session; give bars of a New York trading day.")
        if start is None:
            return min(WARM_UP_DAYS, len(known) // 2)
        later = [index for index, day in enumerate(known) if day.date >= start]
        if start < known[0].date or not later:
            raise ReplayError(f"{start} is outside the data; start between {known[0].date} and {known[-1].date}.")
        return later[0]


def listed(symbol: str) -> Asset:
    """The asset of a symbol; one that is not known by name is called by its symbol."""
    name, exchange = NAMES.get(symbol, (symbol, "NASDAQ"))
    return Asset(asset_id(symbol), symbol, name, exchange)


class DrawnMinutes:
    """Minutes drawn inside daily bars by a seed."""

    def __init__(self, days: Mapping[str, Mapping[date, Bar]], seed: int) -> None:
        self._days = days
        self._seed = seed

    def of(self, symbol: str, session: SessionDay) -> Sequence[Bar]:
        day = self._days[symbol].get(session.date)
        return minutes.draw(day, session, self._seed) if day else ()


class GivenMinutes:
    """Minutes as a file gave them, by symbol and session date."""

    def __init__(self, bars: Mapping[str, Mapping[date, Sequence[Bar]]]) -> None:
        self._bars = bars

    def of(self, symbol: str, session: SessionDay) -> Sequence[Bar]:
        return self._bars[symbol].get(session.date, ())


def from_package(*, seed: int = 7, start: date | None = None) -> Replay:
    """The package's real daily bars of five stocks over the span common to all, with minutes drawn by ``seed``."""
    days = package_bars.common_days()
    dates = sorted(next(iter(days.values())))
    calendar = trading_days(dates[0], dates[-1])
    first, last = dates[0], dates[-1]
    return Replay(
        f"Real daily bars of {', '.join(sorted(days))}, {first} to {last}; the minutes inside each day are drawn "
        f"between its open, high, low and close by seed {seed}.",
        f"package:{first}:{last}:seed={seed}:start={start}",
        days,
        calendar,
        DrawnMinutes(days, seed),
        start=start,
    )


def from_files(paths: Sequence[Path], *, start: date | None = None) -> Replay:
    """Minute bars of one or more files; those outside regular sessions are left out, and the description says so.

    Raises ``ReplayError`` for a file or row that cannot be used, or a symbol that two files give.
    """
    given: dict[str, list[Bar]] = {}
    for path in paths:
        for symbol, bars in csv_bars.read(path).items():
            if symbol in given:
                raise ReplayError(f"{path} gives {symbol}, which another file gives too; leave one of them out.")
            given[symbol] = bars
    if not given:
        raise ReplayError("No file of bars was given; name at least one with --bars.")
    calendar = trading_days(
        min(bars[0].start.date() for bars in given.values()), max(bars[-1].start.date() for bars in given.values())
    )
    inside = {symbol: _by_session(bars, calendar) for symbol, bars in given.items()}
    played = sum(len(bars) for series in inside.values() for bars in series.values())
    left_out = sum(map(len, given.values())) - played
    days = {symbol: _days(series) for symbol, series in inside.items()}
    names = ", ".join(path.name for path in paths)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]
    return Replay(
        f"Minute bars of {', '.join(sorted(given))} from {names}; "
        f"{left_out} bars outside regular sessions are left out.",
        f"files:{digest}:start={start}",
        days,
        calendar,
        GivenMinutes(inside),
        start=start,
    )


def _by_session(bars: Sequence[Bar], calendar: Sequence[SessionDay]) -> dict[date, list[Bar]]:
    by_date = {day.date: day for day in calendar}
    sessions: dict[date, list[Bar]] = {}
    for bar in bars:
        # A regular session lies within one UTC date, so the bar's own date finds it.
        day = by_date.get(bar.start.date())
        if day is not None and day.open <= bar.start < day.close:
            sessions.setdefault(day.date, []).append(bar)
    return sessions


def _days(series: Mapping[date, Sequence[Bar]]) -> dict[date, Bar]:
    return {on: minutes.daily(bars, midnight(on)) for on, bars in series.items()}
