"""A circuit breaker per group of endpoints: after failures in a row nothing more is sent until a probe succeeds.

The one here is a process's own. `shared_memory` keeps the one all processes share, by the same figures.
"""

import threading
import time
from collections.abc import Callable
from enum import StrEnum

from trading import error_rules
from trading.broker.budget import Urgency
from trading.broker.gateway import BrokerUnavailable

TRIPS_AFTER = error_rules.TRIPS_AFTER
"""Failures in a row that open a breaker."""

WITHIN = error_rules.TRIPS_WITHIN
"""Seconds in which they must come; an older one is forgotten."""

FIRST_PAUSE, LONGEST_PAUSE = error_rules.FIRST_PAUSE, error_rules.LONGEST_PAUSE
"""Seconds until the first probe, doubled after each that fails, and their limit."""


class Group(StrEnum):
    """Endpoints that fail together."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    ORDERS = "orders"
    ACCOUNT = "account"
    MARKET = "market"
    PRICES = "prices"


class Breaker:
    """One group's breaker. Urgent calls always pass: a cancel that may fail is better than none."""

    def __init__(self, group: Group, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._group, self._monotonic = group, monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._first_at = 0.0
        self._probe_at = 0.0

    @property
    def failures(self) -> int:
        """Failures in a row so far."""
        return self._failures

    @property
    def is_open(self) -> bool:
        return self._failures >= TRIPS_AFTER

    def enter(self, urgency: Urgency) -> None:
        """Ask to call. Raises `BrokerUnavailable` while open; after a pause one caller goes through as a probe."""
        with self._lock:
            if not self.is_open or urgency is Urgency.URGENT:
                return
            now = self._monotonic()
            if now < self._probe_at:
                raise broken(self._group, self._failures, self._probe_at - now)
            # The others wait for this probe's answer, or for a whole pause should it never come.
            self._probe_at = now + self._pause()

    def succeeded(self) -> None:
        """The broker answered, whatever it said: close."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """No trustworthy answer came."""
        with self._lock:
            now = self._monotonic()
            if not self.is_open and now - self._first_at > WITHIN:
                self._failures = 0
            if not self._failures:
                self._first_at = now
            self._failures += 1
            if self.is_open:
                self._probe_at = now + self._pause()

    def _pause(self) -> float:
        return min(FIRST_PAUSE * 2.0 ** min(max(self._failures - TRIPS_AFTER, 0), 10), LONGEST_PAUSE)


def broken(group: Group, failures: int, seconds: float) -> BrokerUnavailable:
    """The refusal of a call whose breaker is open."""
    return BrokerUnavailable(f"{group} calls failed {failures} times in a row; the next try is in {seconds:.1f} s")
