"""What stands before an account's calls at one host: request budget, stop sign and circuit breakers.

`Own` keeps them in this process. `Shared` keeps them for all processes: the database grants calls, Redis hands them on,
and where neither answers this process lets only urgent calls through, sparingly.
"""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from audit import crash_points
from trading.broker import breaker, bucket, budget, rate_headers
from trading.broker.breaker import Breaker, Group
from trading.broker.bucket import SAME_TURN, Bucket, Told
from trading.broker.budget import RateBudget, Urgency
from trading.broker.gateway import BrokerUnavailable
from trading.broker.shared_ledger import Gone, SharedLedger
from trading.broker.shared_memory import Away, Circuit, Entry, Said, SharedMemory

BLOCK = 10
"""Calls taken from the row at once; what is not used before the window turns is lost."""

PROMPT = 0.6
"""Seconds an ordinary call may be kept here: one that waited longer was judged by a state that may have changed."""

ALONE = 10
"""Urgent calls a minute this process allows itself when nobody can say what the others do."""


class Safeguards(Protocol):
    """Asked before each call, and told of its end."""

    def enter(self, group: Group, urgency: Urgency) -> None:
        """Take leave for one call. Raises `BrokerUnavailable`, nothing being sent, and says when to ask again."""

    def answered(self, group: Group, headers: Mapping[str, str]) -> None:
        """The broker answered, whatever it said."""

    def failed(self, group: Group, headers: Mapping[str, str]) -> None:
        """No trustworthy answer came."""

    def stop(self, headers: Mapping[str, str]) -> float:
        """Obey a 429. Returns the seconds nothing ordinary goes out."""

    def left(self, urgency: Urgency) -> int | None:
        """How many such calls would pass at once now; None where nothing limits them."""


class Own:
    """One process's own, where there is nobody to share with."""

    def __init__(self, per_minute: int = 0) -> None:
        self.budget = RateBudget(per_minute)
        self.breakers = {group: Breaker(group) for group in Group}

    def enter(self, group: Group, urgency: Urgency) -> None:
        self.breakers[group].enter(urgency)
        self.budget.take(urgency)

    def answered(self, group: Group, headers: Mapping[str, str]) -> None:
        self.breakers[group].succeeded()
        self.budget.learn(headers)

    def failed(self, group: Group, headers: Mapping[str, str]) -> None:
        self.breakers[group].failed()
        self.budget.learn(headers)

    def stop(self, headers: Mapping[str, str]) -> float:
        return self.budget.stop(headers)

    def left(self, urgency: Urgency) -> int | None:
        return self.budget.left(urgency)


@dataclass(frozen=True, slots=True)
class _Known:
    """What this process last read of the row: only what differs from it is told."""

    limit: int
    turns_at: float
    left: int


class Shared:
    """All processes' together. `per_minute` 0: no limit, and nobody is asked, until an answer's headers tell one."""

    def __init__(self, per_minute: int, memory: SharedMemory, ledger: SharedLedger) -> None:
        self._limit, self._memory, self._ledger = per_minute, memory, ledger
        self._breakers = {group: Breaker(group) for group in Group}
        self._failures = dict.fromkeys(Group, 0)
        self._unlimited, self._alone = RateBudget(), RateBudget(ALONE)
        self._known: _Known | None = None

    def enter(self, group: Group, urgency: Urgency) -> None:
        if not self._limit and not self._breakers[group].failures:
            self._unlimited.take(urgency)
            return
        began = time.monotonic()
        entry = self._ask(group, urgency)
        if self._limit:
            self._take(urgency, entry)
        else:
            self._unlimited.take(urgency)
        if urgency is Urgency.ORDINARY and time.monotonic() - began > PROMPT:
            raise BrokerUnavailable("the request budget could not be asked in time")

    def answered(self, group: Group, headers: Mapping[str, str]) -> None:
        if self._failures[group] or self._breakers[group].failures:
            self._failures[group] = 0
            self._breakers[group].succeeded()
            with contextlib.suppress(Away):
                self._memory.closed(group)
        self._learn(headers)

    def failed(self, group: Group, headers: Mapping[str, str]) -> None:
        self._breakers[group].failed()
        with contextlib.suppress(Away):
            self._memory.failed(group)
        self._learn(headers)

    def stop(self, headers: Mapping[str, str]) -> float:
        self._learn(headers)
        self._unlimited.stop(headers)
        seconds = self._alone.stop(headers)
        if self._limit:
            with contextlib.suppress(Gone):
                self._ledger.stop(seconds)
            self._post_stop(seconds)
        return seconds

    def left(self, urgency: Urgency) -> int | None:
        if not self._limit:
            return self._unlimited.left(urgency)
        try:
            found = self._ledger.read()
        except Gone:
            return self._alone.left(urgency) if urgency is Urgency.URGENT else 0
        row, now = found or (bucket.full(self._limit, 0.0), 0.0)
        return 0 if now < row.stopped_until else bucket.room(row, now, urgent=urgency is Urgency.URGENT)

    def row(self) -> tuple[int, tuple[Bucket, float] | None]:
        """The limit this process knows, and the shared row with its clock. Raises `Gone`."""
        return self._limit, self._ledger.read()

    def circuits(self) -> dict[Group, Circuit]:
        """The breakers that count failures now. Raises `Away`."""
        return self._memory.circuits()

    def _ask(self, group: Group, urgency: Urgency) -> Entry | None:
        try:
            entry = self._memory.enter(group, urgency, limited=bool(self._limit))
        except Away:
            self._breakers[group].enter(urgency)
            return None
        self._failures[group] = entry.failures
        if entry.said is Said.BROKEN:
            raise breaker.broken(group, entry.failures, entry.wait)
        return entry

    def _take(self, urgency: Urgency, entry: Entry | None) -> None:
        """One call of those that are granted; where none lies ready the row grants some, this one among them."""
        if entry is not None and entry.said is Said.STOPPED:
            raise budget.stop_sign(entry.wait)
        if entry is not None and entry.said is Said.GRANTED:
            return
        try:
            draw = self._ledger.draw(urgency, BLOCK if entry else 1)
        except Gone:
            self._last_resort(urgency)
            return
        crash_points.reach("budget.granted")
        self._limit = draw.bucket.limit
        if draw.stopped:
            self._post_stop(draw.wait)
        if not draw.count:
            raise budget.stop_sign(draw.wait) if draw.stopped else budget.spent(self._limit, draw.wait)
        if self._known is not None:
            self._known = replace(self._known, left=_left(draw.bucket))
        if entry is not None and draw.count > 1:
            with contextlib.suppress(Away):
                self._memory.add(urgency, draw.count - 1, ends=entry.at + int(draw.lasts * 1000))

    def _last_resort(self, urgency: Urgency) -> None:
        if urgency is not Urgency.URGENT:
            raise BrokerUnavailable("neither Redis nor the database answers, so the request budget is not known")
        self._alone.take(urgency)

    def _post_stop(self, seconds: float) -> None:
        with contextlib.suppress(Away):
            self._memory.stop(seconds)

    def _learn(self, headers: Mapping[str, str]) -> None:
        told = rate_headers.read(headers, budget.clock())
        if told is None or not self._is_news(told):
            return
        self._limit = told.limit
        try:
            row, less = self._ledger.learn(told)
        except Gone:
            return
        self._known = _Known(row.limit, time.monotonic() + (told.turns_in or 0.0), _left(row))
        if less:
            with contextlib.suppress(Away):
                self._memory.drop()

    def _is_news(self, told: Told) -> bool:
        known = self._known
        if known is None or told.limit != known.limit:
            return True
        if told.left is None or (told.turns_in is not None and told.turns_in <= 0):
            return False
        turned = told.turns_in is not None and abs(time.monotonic() + told.turns_in - known.turns_at) > SAME_TURN
        return turned or told.left < known.left


def _left(row: Bucket) -> int:
    return row.window_left if row.window_ends else int(row.tokens)
