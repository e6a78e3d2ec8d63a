"""The part of the budget that must not be lost: one row per account and host, drawn from by all processes.

Over a connection of its own: a caller's transaction would hold the row until its end, and roll a draw back that was
used. A statement that is not answered in time is given up, and the database left alone for a while.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from django.db import connections

from trading import error_rules
from trading.broker import bucket
from trading.broker.bucket import Bucket, Told
from trading.broker.budget import Urgency

PATIENCE = 0.5
"""Seconds for each statement."""

CONNECT_PATIENCE = 2
"""Seconds to connect within; the library takes no less."""

LEFT_ALONE = error_rules.LEFT_ALONE
"""Seconds without a try after one that failed."""

_ROW = """
    SELECT "limit", tokens::float8, extract(epoch FROM filled_at)::float8,
        coalesce(extract(epoch FROM window_ends_at), 0)::float8, window_left,
        coalesce(extract(epoch FROM stopped_until), 0)::float8, coalesce(extract(epoch FROM probed_at), 0)::float8
    FROM trading_brokerbudget WHERE account = %s AND host = %s
"""

_FIRST = """
    INSERT INTO trading_brokerbudget (account, host, "limit", tokens, filled_at, window_left)
    VALUES (%s, %s, %s, %s, to_timestamp(%s), 0) ON CONFLICT (account, host) DO NOTHING
"""

# Rounded down, so that no rounding ever gives a call.
_KEEP = """
    UPDATE trading_brokerbudget
    SET "limit" = %s, tokens = trunc(%s::numeric, 4), filled_at = to_timestamp(%s),
        window_ends_at = CASE WHEN %s > 0 THEN to_timestamp(%s) END, window_left = %s,
        stopped_until = CASE WHEN %s > 0 THEN to_timestamp(%s) END,
        probed_at = CASE WHEN %s > 0 THEN to_timestamp(%s) END
    WHERE account = %s AND host = %s
"""


class Gone(Exception):
    """The database does not answer, or is left alone after it did not."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Calls granted (0: none, `wait` seconds more), the row after it, and how long the grant may lie in a pool."""

    count: int
    bucket: Bucket
    wait: float
    lasts: float
    stopped: bool


class _Connection(psycopg.Connection[Any]):
    """A connection on which nothing waits for ever."""

    def wait(self, gen: Any, interval: float = PATIENCE, timeout: float | None = PATIENCE) -> Any:
        return super().wait(gen, interval, timeout)


class Line:
    """A process's own connection, with the memory of when the database was last not there."""

    def __init__(self, parameters: Callable[[], Mapping[str, Any]]) -> None:
        self._parameters = parameters
        self._lock = threading.Lock()
        self._connection: _Connection | None = None
        self._process = 0
        self._away_until = 0.0

    def run[T](self, work: Callable[[psycopg.Cursor[Any]], T]) -> T:
        """Do work within one transaction. Raises `Gone`."""
        if not self._lock.acquire(timeout=PATIENCE):
            raise Gone
        try:
            if time.monotonic() < self._away_until:
                raise Gone
            kept = self._kept()
            try:
                return self._once(kept or self._fresh(), work)
            except psycopg.errors._WaitTimeout:
                raise
            except psycopg.OperationalError:
                if kept is None:
                    raise
                # Closed while it lay idle. A draw that was made after all is lost, which only lets less out.
                return self._once(self._fresh(), work)
        except (psycopg.Error, OSError) as failure:
            self._away_until = time.monotonic() + LEFT_ALONE
            raise Gone(type(failure).__name__) from None
        finally:
            self._lock.release()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection, self._away_until = None, 0.0

    def _kept(self) -> _Connection | None:
        # A forked worker inherits its parent's memory, and must not speak over its parent's socket.
        usable = self._process == os.getpid() and self._connection is not None and not self._connection.closed
        return self._connection if usable else None

    def _fresh(self) -> _Connection:
        self._connection, self._process = _Connection.connect(**self._parameters()), os.getpid()
        return self._connection

    def _once[T](self, connection: _Connection, work: Callable[[psycopg.Cursor[Any]], T]) -> T:
        try:
            with connection.transaction(), connection.cursor() as cursor:
                return work(cursor)
        except (psycopg.Error, OSError):
            connection.close()
            raise


@cache
def line() -> Line:
    """Return this process's line to the program's database; it connects when it is first used."""
    return Line(_parameters)


def _parameters() -> dict[str, Any]:
    given = connections["default"].get_connection_params()
    plain = {name: value for name, value in given.items() if name not in {"cursor_factory", "context"}}
    return {**plain, "connect_timeout": CONNECT_PATIENCE, "autocommit": True}


class SharedLedger:
    """The row of one account at one host. Every method raises `Gone`."""

    def __init__(self, account: str, host: str, *, first_limit: int, to: Line | None = None) -> None:
        self._line, self._key = to or line(), (account, host)
        self.first_limit = first_limit
        """Calls a minute of a row that is not there yet."""

    def draw(self, urgency: Urgency, most: int) -> Draw:
        """Take up to `most` calls at once, as many as there is room for."""
        urgent = urgency is Urgency.URGENT

        def decide(kept: Bucket, now: float) -> tuple[Bucket, Draw]:
            if now < kept.stopped_until:
                probed = bucket.probed(kept, now) if urgent else None
                granted = 0 if probed is None else 1
                after = probed or kept
                return after, Draw(granted, after, kept.stopped_until - now, 0.0, stopped=True)
            count = min(most, bucket.room(kept, now, urgent=urgent))
            if not count:
                return kept, Draw(0, kept, bucket.wait(kept, now, urgent=urgent), 0.0, stopped=False)
            after = bucket.drawn(kept, count, now)
            return after, Draw(count, after, 0.0, _lasts(after, now), stopped=False)

        return self._change(decide)

    def learn(self, told: Told) -> tuple[Bucket, bool]:
        """Take over what the broker told; the row after it, and whether less is left than was thought."""

        self.first_limit = told.limit

        def decide(kept: Bucket, now: float) -> tuple[Bucket, tuple[Bucket, bool]]:
            before, after = bucket.at(kept, now), bucket.learned(kept, told, now)
            known = before.window_ends == after.window_ends
            return after, (after, not known or after.window_left < before.window_left or after.tokens < before.tokens)

        return self._change(decide)

    def stop(self, seconds: float) -> None:
        """Hold everything ordinary for so long."""
        self._change(lambda kept, now: (bucket.stopped(kept, seconds, now), None))

    def read(self) -> tuple[Bucket, float] | None:
        """Return the row and the database's clock, or None where nothing was ever drawn."""

        def look(cursor: psycopg.Cursor[Any]) -> tuple[Bucket, float] | None:
            found = cursor.execute(_ROW, self._key).fetchone()
            return None if found is None else (Bucket(*found), _now(cursor))

        return self._line.run(look)

    def _change[T](self, decide: Callable[[Bucket, float], tuple[Bucket, T]]) -> T:
        def change(cursor: psycopg.Cursor[Any]) -> T:
            found = cursor.execute(f"{_ROW} FOR UPDATE", self._key).fetchone()
            if found is None:
                cursor.execute(_FIRST, (*self._key, self.first_limit, self.first_limit, _now(cursor)))
                found = cursor.execute(f"{_ROW} FOR UPDATE", self._key).fetchone()
            # Asked only now: whoever waited for the row has the time of its turn.
            kept, now = Bucket(*found or ()), _now(cursor)
            after, answer = decide(kept, now)
            if after != kept:
                cursor.execute(_KEEP, _values(after) + self._key)
            return answer

        return self._line.run(change)


def _now(cursor: psycopg.Cursor[Any]) -> float:
    row = cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    now: float = row[0] if row else 0.0
    return now


def _values(kept: Bucket) -> tuple[Any, ...]:
    twice = [(each, each) for each in (kept.window_ends, kept.stopped_until, kept.probed_at)]
    return (kept.limit, kept.tokens, kept.filled_at, *twice[0], kept.window_left, *twice[1], *twice[2])


LIES = 10.0
"""Seconds granted calls may lie in the pool where the broker never told its window."""


def _lasts(kept: Bucket, now: float) -> float:
    return kept.window_ends - now if kept.window_ends else LIES
