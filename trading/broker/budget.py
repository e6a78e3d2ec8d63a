"""How often an account may ask its broker: a token bucket by the broker's own headers, with a share kept for cancels.

In this process for now; whatever shares it between processes answers the same three calls.
"""

import threading
import time
from collections.abc import Callable, Mapping
from enum import IntEnum

from trading.broker.gateway import BrokerUnavailable

WINDOW = 60.0
"""Seconds the broker's limit speaks of."""

RESERVE = 0.5
"""Fraction of the bucket only urgent calls may take."""

PROBE_EVERY = 1.0
"""Seconds between the urgent calls that are let through a stop sign."""


class Urgency(IntEnum):
    """What a call is for; URGENT is what makes the account safer: cancel, halt, close."""

    ORDINARY = 0
    URGENT = 1


class RateBudget:
    """One account's bucket at one host. `per_minute` 0 limits nothing until the broker's headers tell a limit."""

    def __init__(
        self,
        per_minute: int = 0,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        unix_time: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic, self._unix_time = monotonic, unix_time
        self._lock = threading.Lock()
        self._limit: float = per_minute
        self._tokens: float = per_minute
        self._filled_at = monotonic()
        self._stopped_until = 0.0
        self._probed_at = -PROBE_EVERY

    def take(self, urgency: Urgency) -> None:
        """Take one call from the budget. Raises `BrokerUnavailable`, nothing being sent, and says when to ask again."""
        with self._lock:
            now = self._monotonic()
            if now < self._stopped_until:
                self._pass_stop_sign(now, urgency)
                return
            if not self._limit:
                return
            self._refill(now)
            floor = 0.0 if urgency is Urgency.URGENT else self._limit * RESERVE
            if self._tokens - 1 < floor:
                wait = (floor + 1 - self._tokens) * WINDOW / self._limit
                raise BrokerUnavailable(f"request budget of {self._limit:.0f} a minute is spent; again in {wait:.1f} s")
            self._tokens -= 1

    def left(self, urgency: Urgency) -> int | None:
        """How many such calls would pass at once now; None where nothing limits them."""
        with self._lock:
            now = self._monotonic()
            if now < self._stopped_until:
                return 0
            if not self._limit:
                return None
            self._refill(now)
            floor = 0.0 if urgency is Urgency.URGENT else self._limit * RESERVE
            return max(0, int(self._tokens - floor))

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over what the broker says of its limit and of what is left in its window."""
        limit, remaining = _whole(headers.get("X-RateLimit-Limit")), _whole(headers.get("X-RateLimit-Remaining"))
        if not limit:
            return
        with self._lock:
            if self._limit:
                self._refill(self._monotonic())
            else:
                self._tokens, self._filled_at = limit, self._monotonic()
            self._limit = limit
            self._tokens = min(self._tokens, self._limit)
            if remaining is not None:
                self._tokens = min(self._tokens, remaining)

    def stop(self, headers: Mapping[str, str]) -> float:
        """Obey a 429: nothing ordinary until the broker's window turns. Returns the seconds until then."""
        reset = _whole(headers.get("X-RateLimit-Reset"))
        wait = WINDOW / 2 if reset is None else min(max(reset - self._unix_time(), 1.0), WINDOW)
        with self._lock:
            self._stopped_until = max(self._stopped_until, self._monotonic() + wait)
        return wait

    def _pass_stop_sign(self, now: float, urgency: Urgency) -> None:
        if urgency is Urgency.URGENT and now - self._probed_at >= PROBE_EVERY:
            self._probed_at = now
            return
        left = self._stopped_until - now
        raise BrokerUnavailable(f"the broker's rate limit was reached (429); again in {left:.1f} s")

    def _refill(self, now: float) -> None:
        grown = (now - self._filled_at) * self._limit / WINDOW
        self._tokens = min(self._limit, self._tokens + grown)
        self._filled_at = now


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 16 else None
