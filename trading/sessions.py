"""Regular sessions of the New York Stock Exchange, from exchange-calendars and checked against the broker's own rows.

All instants are aware UTC; a session is named by its New York date. No clock is read here: `now` is passed in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import chain
from typing import Protocol
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
AFTER_OPEN = timedelta(minutes=5)
BEFORE_CLOSE = timedelta(minutes=10)

_CALENDAR = "XNYS"
_FIRST_YEAR, _LAST_YEAR = 1990, 2059


class OutsideCalendar(LookupError):
    """A date the calendar does not reach."""


class CalendarRow(Protocol):
    """A session as the broker tells it."""

    @property
    def date(self) -> date: ...
    @property
    def open_at(self) -> datetime: ...
    @property
    def close_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Session:
    """One trading session, open in `[open_at, close_at)`; `early` where it closes before its time."""

    date: date
    open_at: datetime
    close_at: datetime
    early: bool

    @property
    def trade_from(self) -> datetime:
        """First instant new orders may be sent: 5 minutes after the open."""
        return self.open_at + AFTER_OPEN

    @property
    def trade_until(self) -> datetime:
        """Instant from which no new order may be sent: 10 minutes before the close."""
        return self.close_at - BEFORE_CLOSE

    def is_open(self, now: datetime) -> bool:
        return self.open_at <= now < self.close_at

    def may_trade(self, now: datetime) -> bool:
        """Whether `now` lies in the trading window, early closes included."""
        return self.trade_from <= now < self.trade_until


@dataclass(frozen=True, slots=True)
class Difference:
    """Where our calendar and the broker's disagree on a date; None means that one has no session then."""

    date: date
    ours: str | None
    theirs: str | None

    @property
    def sentence(self) -> str:
        return (
            f"{self.date.isoformat()}: we expect {self.ours or 'no session'}, "
            f"the broker says {self.theirs or 'no session'}."
        )


def session_on(day: date) -> Session | None:
    """The session of that New York date, or None on a day without one. Raises `OutsideCalendar`."""
    return _decade(_decade_of(day)).get(day)


def session_at(now: datetime) -> Session | None:
    """The session open at `now`, or None. Raises `OutsideCalendar`."""
    session = session_on(date_of(now))
    return session if session is not None and session.is_open(now) else None


def date_of(now: datetime) -> date:
    """The New York date at `now`: the day books roll over by."""
    if now.tzinfo is None:
        raise ValueError("An instant without a time zone has no New York date; pass an aware one.")
    return now.astimezone(NEW_YORK).date()


def may_trade(now: datetime) -> bool:
    """Whether `now` lies in the trading window of a session. Raises `OutsideCalendar`."""
    session = session_at(now)
    return session is not None and session.may_trade(now)


def upcoming(now: datetime) -> Session:
    """The first session that opens after `now`. Raises `OutsideCalendar`."""
    return next(session for session in _onward(date_of(now)) if session.open_at > now)


def next_open(now: datetime) -> datetime:
    """The first open after `now`. Raises `OutsideCalendar`."""
    return upcoming(now).open_at


def previous(day: date) -> Session:
    """The last session before that date. Raises `OutsideCalendar`."""
    return next(session for session in _backward(day - timedelta(days=1)))


def last_closed(now: datetime) -> Session:
    """The last session that closed at or before `now`. Raises `OutsideCalendar`."""
    return next(session for session in _backward(date_of(now)) if session.close_at <= now)


def between(first: date, last: date) -> tuple[Session, ...]:
    """The sessions from `first` to `last`, both included. Raises `OutsideCalendar`."""
    decades = range(_decade_of(first), _decade_of(last) + 1, 10)
    every = chain.from_iterable(_decade(start).values() for start in decades)
    return tuple(session for session in every if first <= session.date <= last)


def differences(rows: Iterable[CalendarRow], first: date, last: date) -> tuple[Difference, ...]:
    """Where the broker's calendar from `first` to `last` is not ours, in order of date; empty when they agree."""
    ours = {session.date: _hours(session) for session in between(first, last)}
    theirs = {row.date: _hours(row) for row in rows if first <= row.date <= last}
    return tuple(
        Difference(day, ours.get(day), theirs.get(day))
        for day in sorted(ours.keys() | theirs.keys())
        if ours.get(day) != theirs.get(day)
    )


def _hours(row: CalendarRow | Session) -> str:
    opened, closed = (at.astimezone(NEW_YORK) for at in (row.open_at, row.close_at))
    return f"{opened:%H:%M:%S} to {closed:%H:%M:%S}"


def _decade_of(day: date) -> int:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise OutsideCalendar(f"{day.isoformat()} is outside the calendar, {_FIRST_YEAR} to {_LAST_YEAR}.")
    return day.year // 10 * 10


def _onward(day: date) -> Iterator[Session]:
    yield from between(day, day + timedelta(days=14))


def _backward(day: date) -> Iterator[Session]:
    yield from reversed(between(day - timedelta(days=14), day))


@cache
def _decade(start: int) -> dict[date, Session]:
    # Imported here: every process knows what a session is, few look one up, and the library brings pandas with it.
    import exchange_calendars

    # Its default bounds move with the clock of the day it was loaded; fixed ones do not, and a decade at a
    # time keeps the load short.
    calendar = exchange_calendars.get_calendar(_CALENDAR, start=f"{start}-01-01", end=f"{start + 9}-12-31")
    early, sessions = set(calendar.early_closes), {}
    for row in calendar.schedule.itertuples():
        opened, closed = (at.to_pydatetime().astimezone(UTC) for at in (row.open, row.close))
        day = row.Index.date()
        sessions[day] = Session(day, opened, closed, early=row.Index in early)
    return sessions
