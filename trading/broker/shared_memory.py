"""The part of budget and breakers that all processes share through Redis: fast, and never needed for safety.

A call waits for it at most `PATIENCE`; after a failure Redis is left alone for a while, and the caller goes without.
"""

import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from trading import error_rules
from trading.broker import breaker, bucket, shared_scripts
from trading.broker.breaker import Group
from trading.broker.budget import Urgency

PATIENCE = 0.1
"""Seconds for each step of an exchange with Redis."""

LEFT_ALONE = error_rules.LEFT_ALONE
"""Seconds without a try after one that failed."""

BREAKER_KEPT = 120.0
"""Seconds after its last failure until a breaker nobody asks is forgotten."""


class Away(Exception):
    """Redis does not answer, or is left alone after it did not."""


class Said(StrEnum):
    """What Redis answers to a call that wants to go."""

    GRANTED = "granted"
    EMPTY = "empty"
    STOPPED = "stopped"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Entry:
    """The answer, failures of the group in a row, seconds to wait where it refuses, and Redis's clock (ms)."""

    said: Said
    failures: int
    wait: float
    at: int


@dataclass(frozen=True, slots=True)
class Circuit:
    """One group's breaker as it stands: seconds since it opened, and until the next probe."""

    failures: int
    open_for: float | None
    probe_in: float


class Line:
    """A process's connections to Redis, with the memory of when it was last not there."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            driver_info=None,
        )
        self._scripts = {
            name: self._client.register_script(getattr(shared_scripts, name))
            for name in ("ENTER", "ADD", "STOP", "DROP", "FAIL")
        }
        self._lock = threading.Lock()
        self._away_until = 0.0

    def run(self, script: str, keys: list[str], arguments: list[Any]) -> Any:
        """Run a script. Raises `Away`."""
        return self._asked(lambda: self._scripts[script](keys=keys, args=arguments))

    def forget(self, key: str) -> None:
        """Remove a key. Raises `Away`."""
        self._asked(lambda: self._client.unlink(key))

    def read(self, keys: list[str]) -> tuple[list[dict[bytes, bytes]], float]:
        """Return several hashes and Redis's clock (ms). Raises `Away`."""

        def ask() -> list[Any]:
            with self._client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.hgetall(key)
                pipe.time()
                return list(pipe.execute())

        *hashes, (seconds, micros) = self._asked(ask)
        return hashes, seconds * 1000 + micros / 1000

    def _asked(self, ask: Any) -> Any:
        began = time.monotonic()
        with self._lock:
            if began < self._away_until:
                raise Away
            if self._away_until:
                # One caller tries again; the others go without until it has an answer.
                self._away_until = began + LEFT_ALONE
        try:
            answer = ask()
        except (redis.RedisError, OSError) as failure:
            self._away_until = time.monotonic() + LEFT_ALONE
            raise Away(type(failure).__name__) from None
        self._away_until = 0.0
        return answer


@cache
def line(url: str) -> Line:
    """Return this process's line to a Redis. The client below it notices a fork by itself."""
    return Line(url)


class SharedMemory:
    """Pool and breakers of one account at one host. Every method raises `Away`."""

    def __init__(self, url: str, prefix: str, place: str) -> None:
        self._line = line(url)
        self._pool = f"{prefix}:broker:{{{place}}}:pool"
        self._breakers = {group: f"{prefix}:broker:{{{place}}}:{group}" for group in Group}

    def enter(self, group: Group, urgency: Urgency, *, limited: bool) -> Entry:
        """Pass the breaker and, where a limit is known, take one granted call out of the pool: one round trip."""
        said, failures, wait, now = self._line.run(
            "ENTER",
            [self._pool, self._breakers[group]],
            [int(urgency), int(limited), breaker.TRIPS_AFTER, *_PAUSES, _ms(bucket.PROBE_EVERY)],
        )
        return Entry(Said(said.decode()), failures, wait / 1000, now)

    def add(self, urgency: Urgency, count: int, *, ends: int) -> None:
        """Put granted calls into the pool until `ends` (ms of Redis's clock)."""
        self._line.run("ADD", [self._pool], [_KINDS[urgency], count, ends])

    def stop(self, seconds: float) -> None:
        """Hold everything ordinary for so long, in every process."""
        self._line.run("STOP", [self._pool], [_ms(seconds)])

    def drop(self) -> None:
        """Throw granted calls away: the broker has less left than was thought."""
        self._line.run("DROP", [self._pool], [])

    def failed(self, group: Group) -> None:
        """Count a failure."""
        arguments = [breaker.TRIPS_AFTER, *_PAUSES, _ms(breaker.WITHIN), _ms(BREAKER_KEPT)]
        self._line.run("FAIL", [self._breakers[group]], arguments)

    def closed(self, group: Group) -> None:
        """Close the breaker: an answer came."""
        self._line.forget(self._breakers[group])

    def circuits(self) -> dict[Group, Circuit]:
        """Return the breakers that count failures now."""
        hashes, now = self._line.read(list(self._breakers.values()))
        return {group: _circuit(kept, now) for group, kept in zip(self._breakers, hashes, strict=True) if kept}


_KINDS = {Urgency.ORDINARY: "ordinary", Urgency.URGENT: "urgent"}


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


_PAUSES = (_ms(breaker.FIRST_PAUSE), _ms(breaker.LONGEST_PAUSE))


def _circuit(kept: dict[bytes, bytes], now: float) -> Circuit:
    opened = kept.get(b"opened_at")
    return Circuit(
        int(kept.get(b"failures", 0)),
        None if opened is None else max(0.0, now - int(opened)) / 1000,
        max(0.0, int(kept.get(b"probe_at", 0)) - now) / 1000,
    )
