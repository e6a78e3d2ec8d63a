"""How often an account may ask its broker, kept by one process alone: where nothing is shared, or no longer can be."""

import threading
import time
from collections.abc import Callable, Mapping
from enum import IntEnum

from trading.broker import bucket, rate_headers
from trading.broker.gateway import BrokerUnavailable

clock: Callable[[], float] = time.time
"""Unix time of this machine, for headers that tell an instant and no `Date` beside it."""


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
        unix_time: Callable[[], float] = clock,
    ) -> None:
        self._monotonic, self._unix_time = monotonic, unix_time
        self._lock = threading.Lock()
        self._bucket = bucket.full(per_minute, monotonic())

    def take(self, urgency: Urgency) -> None:
        """Take one call from the budget. Raises `BrokerUnavailable`, nothing being sent, and says when to ask again."""
        urgent = urgency is Urgency.URGENT
        with self._lock:
            now, kept = self._monotonic(), self._bucket
            if now < kept.stopped_until:
                probed = bucket.probed(kept, now) if urgent else None
                if probed is None:
                    raise stop_sign(kept.stopped_until - now)
                self._bucket = probed
            elif kept.limit:
                if not bucket.room(kept, now, urgent=urgent):
                    raise spent(kept.limit, bucket.wait(kept, now, urgent=urgent))
                self._bucket = bucket.drawn(kept, 1, now)

    def left(self, urgency: Urgency) -> int | None:
        """How many such calls would pass at once now; None where nothing limits them."""
        with self._lock:
            now, kept = self._monotonic(), self._bucket
            if now < kept.stopped_until:
                return 0
            return bucket.room(kept, now, urgent=urgency is Urgency.URGENT) if kept.limit else None

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over what the broker says of its limit and of what is left in its window."""
        told = rate_headers.read(headers, self._unix_time())
        if told is None:
            return
        with self._lock:
            now = self._monotonic()
            kept = self._bucket if self._bucket.limit else bucket.full(told.limit, now)
            self._bucket = bucket.learned(kept, told, now)

    def stop(self, headers: Mapping[str, str]) -> float:
        """Obey a 429: nothing ordinary until the broker's window turns. Returns the seconds until then."""
        seconds = rate_headers.pause(headers, self._unix_time())
        with self._lock:
            self._bucket = bucket.stopped(self._bucket, seconds, self._monotonic())
        return seconds


def spent(limit: int, seconds: float) -> BrokerUnavailable:
    """The refusal of a call for which the budget has no room."""
    return BrokerUnavailable(f"request budget of {limit} a minute is spent; again in {seconds:.1f} s")


def stop_sign(seconds: float) -> BrokerUnavailable:
    """The refusal of a call while the broker's 429 holds."""
    return BrokerUnavailable(f"the broker's rate limit was reached (429); again in {seconds:.1f} s")
