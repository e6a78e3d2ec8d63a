"""In a process of the rig: what happens where the point it is to end at is reached. Once in a run, whoever is first."""

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from audit import crash_points

KILL, KILL_ALL, STOP, SLOW = "kill", "kill all", "stop", "slow"
WAYS = (KILL, KILL_ALL, STOP)
PAUSE = 0.8
"""Seconds a slow step takes."""


@dataclass(frozen=True, slots=True)
class Strike:
    """At the `nth` time that any process of the run reaches the point, that process dies or stands still."""

    point: str
    way: str = KILL
    nth: int = 1


def arm(strikes: list[Strike], folder: Path) -> None:
    """Wait for the points; `folder` belongs to the run and is shared by its processes."""
    wanted = {strike.point: strike for strike in strikes}

    def reach(name: str) -> None:
        strike = wanted.get(name)
        if strike is not None and _place_in_line(folder / f"{name}.reached") == strike.nth:
            _strike(strike, folder)

    crash_points.reach = reach


def _place_in_line(path: Path) -> int:
    """Add a line and tell its number: appended lines have an order that all processes agree on."""
    mine = f"{os.getpid()} {time.monotonic_ns()}\n"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), "r+b", buffering=0) as file:
        file.write(mine.encode())
        file.seek(0)
        lines = file.read().decode().splitlines(keepends=True)
    return lines.index(mine) + 1


def _strike(strike: Strike, folder: Path) -> None:
    told = {"point": strike.point, "pid": os.getpid(), "group": os.getpgrp(), "way": strike.way, "at": time.time()}
    part = folder / f"{strike.point}.part"
    part.write_text(json.dumps(told), encoding="utf-8")
    part.rename(folder / f"{strike.point}.struck")
    if strike.way == SLOW:
        time.sleep(PAUSE)
        return
    # One that is to die with its whole program stands still until the rig has ended the program.
    os.kill(os.getpid(), signal.SIGKILL if strike.way == KILL else signal.SIGSTOP)
