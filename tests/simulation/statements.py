"""Between the program and its database: a process dies there, or the database fails it, at a chosen statement.

A process that died does nothing more: every later statement of its piece of work, clean-up included, is refused, and
the open transaction is rolled back, as the server does when it loses a client.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection

PLACES = {("die", "trading_orderintent"): "F01", ("die", "trading_fill"): "F07"}
WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)")
READS = re.compile(r"\s*(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK)")
UNJUDGED = frozenset(
    {"audit_auditevent", "trading_accountlease", "trading_accountstate", "trading_bar", "trading_enginepass",
     "trading_equitymark", "trading_losstrack", "trading_processheartbeat", "trading_signal", "trading_streammessage"}
)  # fmt: skip
"""Tables whose rows no invariant looks at after a step; a lease's token is judged with the next look at the rest."""


class Died(BaseException):
    """A process of the desk was killed here; nothing of it may catch this."""


@dataclass(slots=True)
class Strike:
    """What happens at the `left`-th statement from now: `die_before`, `die_after`, `fail_before`, `fail_after`
    (the database carries it out and its answer is lost), or `lost_commit` (of the next commit)."""

    how: str
    left: int
    table: str = ""
    """Where given, statements that write into this table are counted alone."""


class Statements:
    """Watches every statement of the program's connection."""

    def __init__(self) -> None:
        self.dead = False
        self.strike: Strike | None = None
        self.wrote = True
        """Whether anything was written that is judged, since this was last set to False."""
        self.count = 0
        self.aside = False
        """Whether the rig itself is reading now: nothing strikes it."""
        self.struck: list[str] = []
        """Strikes that fell, since this was last emptied."""
        self.where: list[str] = []
        """Numbers of the fault matrix that they stand for besides."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Stand between for the length of a block."""
        real = connection._commit  # type: ignore[attr-defined]
        connection._commit = lambda: self._commit(real)  # type: ignore[attr-defined]
        try:
            with connection.execute_wrapper(self):
                yield
        finally:
            del connection._commit  # type: ignore[attr-defined]

    @contextmanager
    def put_aside(self) -> Iterator[None]:
        """Let the rig read for the length of a block."""
        before, self.aside = self.aside, True
        try:
            yield
        finally:
            self.aside = before

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if self.dead:
            raise Died
        self.count += 1
        text = sql if isinstance(sql, str) else ""
        if not self.wrote and not self.aside:
            self.wrote = _is_judged(text)
        how = self._due(text)
        if how == "die_before":
            self.die()
        if how == "fail_before":
            raise OperationalError("could not serialize access: planned")
        answer = execute(sql, params, many, context)
        if how == "die_after":
            self.die()
        if how == "fail_after":
            raise OperationalError("server closed the connection unexpectedly: planned")
        return answer

    def die(self) -> None:
        """Kill whoever is at work."""
        self.dead = True
        raise Died

    def _due(self, text: str) -> str:
        strike = self.strike
        if self.aside or strike is None or strike.how == "lost_commit" or "SAVEPOINT" in text[:24]:
            return ""
        if strike.table and not text.startswith(f'INSERT INTO "{strike.table}"'):
            return ""
        strike.left -= 1
        if strike.left > 0:
            return ""
        self.strike = None
        self.struck.append(strike.how)
        if (strike.how[:3], strike.table) in PLACES:
            self.where.append(PLACES[strike.how[:3], strike.table])
        return strike.how

    def _commit(self, real: Callable[[], None]) -> None:
        if self.dead:
            raise Died
        real()
        if self.strike is not None and self.strike.how == "lost_commit":
            self.strike.left -= 1
            if self.strike.left <= 0:
                self.strike = None
                self.struck.append("lost_commit")
                raise OperationalError("server closed the connection unexpectedly: planned, at the commit")


def _is_judged(text: str) -> bool:
    """Whether a statement may have written what an invariant looks at; in doubt it has."""
    written = WRITES.match(text)
    return written[1] not in UNJUDGED if written else not READS.match(text)
