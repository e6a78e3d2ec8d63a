"""The order of a replay: open a session, play its minutes, close it, go to the next. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from trading.venue.market import Bar
from trading.venue.values import SessionDay

MINUTE = timedelta(minutes=1)


class Source(Protocol):
    """Where the sessions and their minutes come from."""

    @property
    def sessions(self) -> Sequence[SessionDay]:
        """The sessions to play, in order."""

    def minutes(self, day: SessionDay) -> Iterable[Sequence[Bar]]:
        """The bars of one session, all symbols of a minute together, in order of time."""


@dataclass(frozen=True, slots=True)
class Open:
    """A session opens."""

    day: SessionDay

    @property
    def at(self) -> datetime:
        """The venue's time of this step."""
        return self.day.open


@dataclass(frozen=True, slots=True)
class Minute:
    """A minute is over: its bars are told when the venue's clock reads the bar's end."""

    at: datetime
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Close:
    """A session closes."""

    day: SessionDay

    @property
    def at(self) -> datetime:
        """The venue's time of this step."""
        return self.day.close


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is left to play."""


type Step = Open | Minute | Close | Done


class Walk:
    """A cursor over the steps of a replay, of which it plays `total` sessions (None: all there are)."""

    def __init__(self, source: Source, total: int | None = None) -> None:
        self._source = source
        self._steps = _steps(source)
        self._fetched: Step = next(self._steps)
        self.limit_to(total)
        self.session_index = 0
        """How many sessions have been opened."""
        self.closed = 0
        """How many sessions have been closed."""
        self.minute_index = 0
        """How many minutes of the present session have been told."""

    def limit_to(self, total: int | None) -> None:
        """Play so many sessions in all, counted from the first of the replay."""
        there_are = len(self._source.sessions)
        self.total = there_are if total is None else min(total, there_are)

    @property
    def session(self) -> SessionDay | None:
        """The session that was opened last."""
        return self._source.sessions[self.session_index - 1] if self.session_index else None

    def upcoming(self) -> Step:
        """Return what comes next."""
        if isinstance(self._fetched, Open) and self.session_index >= self.total:
            return Done()
        return self._fetched

    def advance(self) -> None:
        """Go past what comes next."""
        match self.upcoming():
            case Open():
                self.session_index += 1
                self.minute_index = 0
            case Minute():
                self.minute_index += 1
            case Close():
                self.closed += 1
            case Done():
                return
        self._fetched = next(self._steps)


def _steps(source: Source) -> Iterator[Step]:
    for day in source.sessions:
        yield Open(day)
        for bars in source.minutes(day):
            yield Minute(bars[0].start + MINUTE, list(bars))
        yield Close(day)
    while True:
        yield Done()
