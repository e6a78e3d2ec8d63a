"""One run: a desk at work on a fresh venue, what strikes it, its rest, and the judgement."""

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from tests import databases
from tests.crash import desk, judging, market, programs, tempo
from tests.crash.family import Family, Member, Nursery, Stuck
from tests.crash.grounds import Postgres
from tests.crash.ledger import Ledger
from tests.crash.market import Arrival
from tests.crash.striking import KILL_ALL, STOP, Strike
from tests.crash.wires import Network
from tests.valkey import Valkey
from tests.venue import RunningVenue
from trading.venue import walk

PASS_PATIENCE = 5.0
"""Seconds a minute's pass may take, a dead worker's lease and the next tick included; then the market goes on."""

REST = 20.0
"""Seconds within which everything must be settled after the last act."""


@dataclass
class Rig:
    """What lasts over the runs."""

    postgres: Postgres
    valkey: Valkey
    home: Path
    nursery: Nursery
    venue_port: int
    site_port: int
    token: str
    wire_up: Callable[[], tuple[Network, Nursery]]
    """Makes the proxy, and a nursery whose programs reach everything through it."""
    _wired: tuple[Network, Nursery] | None = None

    def wired(self) -> tuple[Network, Nursery]:
        """The proxy and its nursery, made when they are first asked for."""
        self._wired = self._wired or self.wire_up()
        return self._wired

    @property
    def network(self) -> Network:
        """The wires of a run that goes over them."""
        return self.wired()[0]

    def close(self) -> None:
        """End what was made here."""
        self.nursery.close()
        if self._wired is not None:
            self._wired[1].close()
            self._wired[0].close()


@dataclass
class Session:
    """A run under way."""

    rig: Rig
    family: Family
    venue: RunningVenue
    arrivals: list[Arrival]
    ledger: Ledger
    halted_at: float | None = None
    strangers: bool = False
    struck: dict[str, dict[str, Any]] = field(default_factory=dict)
    late_passes: int = 0
    doubts: list[str] = field(default_factory=list)
    """What an act of the run found wrong by itself."""
    _asleep: dict[int, float] = field(default_factory=dict)
    _looked: float = 0.0

    def look(self) -> None:
        """See what was struck, wake what slept long enough, note when a halt is first seen to be committed."""
        for path in self.family.folder.glob("*.struck"):
            if path.stem not in self.struck:
                self._strike(path.stem, json.loads(path.read_text(encoding="utf-8")))
        for pid, since in list(self._asleep.items()):
            if time.monotonic() - since > tempo.FROZEN:
                del self._asleep[pid]
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        if self.halted_at is None and time.monotonic() - self._looked > 0.05:
            self._looked = time.monotonic()
            self._note_halt()

    def _strike(self, point: str, told: dict[str, Any]) -> None:
        self.struck[point] = told
        if told["way"] == KILL_ALL:
            self.family.kill_all_of(told["pid"])
        elif told["way"] == STOP:
            self._asleep[told["pid"]] = time.monotonic()

    def _note_halt(self) -> None:
        with contextlib.suppress(psycopg.OperationalError):
            if self.ledger.one("SELECT count(*) FROM risk_halt WHERE scope_kind <> 'strategy'"):
                self.halted_at = time.time()

    def hears(self) -> bool:
        """Whether order updates are heard."""
        sql = "SELECT count(*) FROM trading_hearing WHERE heard_from IS NOT NULL AND expires_at > now()"
        return bool(self.ledger.one(sql))

    def minutes(self, count: int, *, patience: float = PASS_PATIENCE) -> None:
        """Play minutes of the market, each after the pass over the one before, or after `patience` without it."""
        for _ in range(count):
            self.minute(patience=patience)

    def minute(self, *, patience: float = PASS_PATIENCE) -> None:
        played = self.venue.step()
        if isinstance(played, walk.Done):
            raise Stuck("the script of the market has no further minute")
        bar_at = played.at - timedelta(minutes=1)
        self.late_passes += not self.family.wait_for(lambda: self._passed(bar_at), patience)

    def _passed(self, bar_at: Any) -> bool:
        try:
            return self.ledger.passed(bar_at)
        except psycopg.OperationalError:
            return False

    def command(self, member: Member) -> None:
        """Let a person give a command, again if it was struck down."""
        for _ in range(3):
            started = member.starts
            self.family.start(member)
            self.family.wait(lambda: member.code is not None, patience=30, what=f"the end of `{member.name}`")
            if member.code is not None and member.code >= 0:
                return
        raise Stuck(f"`{member.name}` did not end by itself after {member.starts - started} tries")

    def rest(self) -> list[str]:
        """Let time pass until every invariant holds; what does not hold at the end."""
        began, stepped = time.monotonic(), time.monotonic()
        left = ["nothing was looked at"]
        while left and time.monotonic() - began < REST:
            self.family.wait_for(lambda: False, 0.1)
            if self._asleep:
                continue
            left = self.judge()
            if time.monotonic() - stepped > 1.5:
                self.minute(patience=1.0)
                stepped = time.monotonic()
        return left

    def judge(self) -> list[str]:
        try:
            books = self.ledger.read()
        except psycopg.OperationalError as away:
            return [f"the database is away: {away}"]
        found = judging.violations(books, self.venue, self.arrivals, halted_at=self.halted_at, strangers=self.strangers)
        return self.doubts + found

    def once(self, event: str) -> None:
        """Doubt it where an event is not on the record exactly once."""
        count = self.ledger.one("SELECT count(*) FROM audit_auditevent WHERE event = %s", event)
        if count != 1:
            self.doubts.append(f"{event} is on the record {count} times")

    def off_the_record(self, do: Callable[[], object]) -> None:
        """Do something in the rig's own process, and leave no connection behind."""
        _off_the_record(do)

    def record(self) -> list[str]:
        """Seal what is left and check the record from its first seal on; the programs have ended."""
        found: list[str] = []
        _off_the_record(lambda: found.extend(judging.record()))
        return found


@contextmanager
def session(
    rig: Rig,
    name: str,
    strikes: tuple[Strike, ...] = (),
    *,
    rate_limit: int = 0,
    streams: int = 1,
    wired: bool = False,
    dry: bool = False,
    patches: Mapping[str, Any] | None = None,
) -> Iterator[Session]:
    """A desk at work, its stream heard; everything is ended afterwards."""
    folder = rig.home / "runs" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.rmtree(rig.home / "halts", ignore_errors=True)
    databases.restore(rig.postgres.owner_url)
    rig.valkey.flush()
    nursery = rig.wired()[1] if wired else rig.nursery
    family = Family(nursery, folder, [(each.point, each.way, each.nth) for each in strikes])
    ledger = Ledger(rig.postgres.owner_url)
    with market.running(rig.venue_port, rig.token, rate_limit=rate_limit, dry=dry) as (venue, arrivals):
        made = Session(rig, family, venue, arrivals, ledger)
        try:
            for _ in range(market.FIRST):
                venue.step()
            _off_the_record(desk.furnish)
            family.look = made.look
            for each in (programs.worker(**patches or {}), programs.beat(folder), programs.watchdog()):
                family.start(each)
            for number in range(streams):
                family.start(programs.stream("stream" if not number else f"stream-{number + 1}", **patches or {}))
            family.wait(made.hears, patience=20, what="the order stream")
            yield made
        finally:
            family.end()
            ledger.close()


def _off_the_record(do: Callable[[], object]) -> None:
    from django.db import connections

    do()
    connections.close_all()
