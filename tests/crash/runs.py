"""Playing one point once, and telling what came of it."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.family import Stuck
from tests.crash.legs import LEGS
from tests.crash.rigging import kept_logs
from tests.crash.scenarios import COURSES
from tests.crash.session import Rig, Session, session
from tests.crash.striking import WAYS, Strike

OFTEN = (
    "lease.",
    "pass.",
    "heal.asked",
    "heal.news",
    "heal.fills",
    "signal.",
    "intent.",
    "order.",
    "report.",
    "inbox.",
)
"""Points that every run reaches many times: each further run strikes at a later one."""

PATIENCE = 8.0
"""Seconds to wait for a point that the schedule alone reaches."""

KEPT = Path(__file__).resolve().parents[2] / "var" / "crash"


@dataclass(slots=True)
class Told:
    """One run: how often the point was reached, and what did not hold."""

    name: str
    seconds: float = 0.0
    reached: int = 0
    struck: bool = False
    violations: list[str] = field(default_factory=list)


def strike_of(point: str, number: int) -> Strike:
    """The strike of the point's run of this number, from 0 on: the ways in turn, at the first time or a later one."""
    way = WAYS[number % len(WAYS)]
    # A point that a run reaches once or twice has no later time.
    nth = 1 + number // len(WAYS) + number % len(WAYS) if point.startswith(OFTEN) else 1
    return Strike(point, way, nth)


def play(rig: Rig, point: str, number: int) -> Told:
    """One run of one point."""
    course, strike = COURSES[point], strike_of(point, number)
    told = Told(f"{point} {strike.way} {strike.nth}")

    def look(made: Session) -> None:
        course.play(made)
        made.family.wait_for(lambda: point in made.struck, PATIENCE)
        told.violations += made.rest()
        told.struck = point in made.struck
        reached = made.family.folder / f"{point}.reached"
        told.reached = len(reached.read_text().splitlines()) if reached.exists() else 0
        if not told.struck:
            told.violations.append(f"the point was reached {told.reached} time(s), not {strike.nth}")

    return _run(rig, told, (strike,), course.settings, look)


def play_leg(rig: Rig, name: str) -> Told:
    """One run of one leg."""
    leg, told = LEGS[name], Told(name)

    def look(made: Session) -> None:
        leg.play(made)
        told.violations += made.rest()
        told.struck = True

    return _run(rig, told, leg.strikes, {**leg.settings, "wired": leg.wired}, look)


def _run(
    rig: Rig, told: Told, strikes: tuple[Strike, ...], settings: dict[str, Any], look: Callable[[Session], None]
) -> Told:
    began, name = time.monotonic(), told.name.replace(" ", "-")
    try:
        with session(rig, name, strikes, **settings) as made:
            look(made)
        told.violations += made.record()
    except Stuck as stuck:
        told.violations.append(f"stuck: {stuck}")
    except Exception as failure:
        traceback.print_exc()
        told.violations.append(f"the rig failed: {type(failure).__name__}: {failure}")
    told.seconds = time.monotonic() - began
    if told.violations:
        kept_logs(rig.home / "runs" / name, KEPT / name)
    return told
