"""The programs of one run, as the rig sees them: started through the nursery, ended, frozen, started again."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
AGAIN_AFTER = 0.2
"""Seconds until a program that ended is started again."""


class Stuck(AssertionError):
    """Something of the rig's did not come in time."""


class Nursery:
    """The process whose forks the programs are."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.crash.nursery"],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._told: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self._told.get(timeout=60)
        except queue.Empty:
            raise Stuck(f"the nursery did not start: {log.read_text(errors='replace')[-2000:]}") from None

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told.put(json.loads(line))

    def ask(self, **what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def told(self, timeout: float) -> dict[str, Any] | None:
        try:
            return self._told.get(timeout=timeout) if timeout > 0 else self._told.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass
class Member:
    """One program: how it is started, and its process while it lives."""

    name: str
    program: str
    arguments: list[str]
    lives_on: bool = True
    """Started again whenever it ends, as a supervisor does."""
    patches: dict[str, Any] = field(default_factory=dict)
    pid: int = 0
    """0 while it does not live, or is not known to."""
    starting: bool = False
    code: int | None = None
    ended_at: float = 0.0
    starts: int = 0


class Family:
    """All programs of one run."""

    def __init__(self, nursery: Nursery, folder: Path, strikes: list[tuple[str, str, int]]) -> None:
        self._nursery = nursery
        self.folder = folder
        self._strikes = strikes
        self.members: dict[str, Member] = {}
        self.keeps_up = True
        self.look: Callable[[], None] = lambda: None
        """Called at every tick."""

    def start(self, member: Member) -> Member:
        self.members[member.name] = member
        self._start(member)
        return member

    def _start(self, member: Member) -> None:
        member.code, member.pid, member.starting, member.starts = None, 0, True, member.starts + 1
        self._nursery.ask(
            name=member.name,
            program=member.program,
            arguments=member.arguments,
            strikes=self._strikes,
            folder=str(self.folder),
            log=str(self.folder / f"{member.name}.log"),
            patches=member.patches,
        )

    def tick(self, timeout: float = 0.0) -> None:
        """Hear of starts and ends; start again what is to live on."""
        told = self._nursery.told(timeout)
        while told is not None:
            member = self.members.get(told.get("started") or told.get("ended") or "")
            if member is not None and "started" in told:
                member.pid, member.starting = told["pid"], False
            elif member is not None and member.pid == told["pid"]:
                member.code, member.ended_at, member.pid = told["code"], time.monotonic(), 0
            told = self._nursery.told(0)
        self.look()
        now = time.monotonic()
        for member in self.members.values():
            gone = member.code is not None and now - member.ended_at > AGAIN_AFTER
            if gone and member.lives_on and self.keeps_up:
                self._start(member)

    def wait(self, done: Callable[[], bool], *, patience: float, what: str) -> None:
        """Look after the programs until `done`. Raises `Stuck`."""
        if not self.wait_for(done, patience):
            raise Stuck(f"{what} did not happen within {patience:.0f} s")

    def wait_for(self, done: Callable[[], bool], patience: float) -> bool:
        deadline = time.monotonic() + patience
        while not done():
            if time.monotonic() > deadline:
                return False
            self.tick(0.02)
        return True

    def signal(self, name: str, number: int) -> int:
        """Send a signal to the program's main process; returns its id."""
        member = self.members[name]
        self.wait(lambda: member.pid > 1, patience=5, what=f"the start of {name}")
        os.kill(member.pid, number)
        return member.pid

    def kill_all_of(self, pid: int) -> None:
        """Kill the program that this process belongs to, with all its processes: each program is a session."""
        with contextlib.suppress(ProcessLookupError):
            main = os.getsid(pid)
            if main in {member.pid for member in self.members.values()} and main > 1:
                _kill_tree(main)

    def end(self) -> None:
        """Kill everything that is left."""
        self.keeps_up = False
        self.wait_for(lambda: not any(member.starting for member in self.members.values()), 5)
        for member in self.members.values():
            if member.pid > 1:
                _kill_tree(member.pid)
        self.wait_for(lambda: all(member.pid == 0 for member in self.members.values()), 5)


def _kill_tree(pid: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        main = psutil.Process(pid)
        main.suspend()  # so that it forks no more
        for each in [*main.children(recursive=True), main]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
