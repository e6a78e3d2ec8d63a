"""What is told of a failing seed, and the last line of a whole run."""

import json
from collections.abc import Mapping, Sequence

from tests.simulation import options
from tests.simulation.runs import Run


def failure(run: Run, shrunk: Run, count: int) -> str:
    """The seed, what it decides, the shortest trace that fails, what was seen, and how to see it again."""
    assert shrunk.failure is not None
    told = [
        f"seed {run.seed} breaks {shrunk.failure}",
        f"  options: {json.dumps(options.of(run.seed).told())}",
        f"  {len(shrunk.done)} of {len(run.done)} steps are enough:",
        *(f"    {step}" for step in shrunk.done),
        "  what happened in them:",
        *(f"    {line}" for line in shrunk.story),
        f"  again: make simulate SEED={run.seed} STEPS={count}",
    ]
    return "\n".join(told)


CLAIMED = tuple(f"F{number:02}" for number in (*range(1, 24), 25, *range(28, 38), 40, 42, 44, 45))
"""Faults of the matrix that this rig tries; the others are told in `docs/reliability.md`."""

MANY_SEEDS, MANY_HITS = 2_000, 100


def hits(faults: Mapping[str, int], seeds: int) -> str:
    """How often each fault struck, the rarest first, and what struck too seldom for so many seeds."""
    counted = sorted((faults.get(number, 0), number) for number in CLAIMED)
    told = ["faults that struck: " + ", ".join(f"{number} {count}" for count, number in counted if count)]
    never = [number for count, number in counted if not count]
    seldom = [number for count, number in counted if 0 < count < MANY_HITS and seeds >= MANY_SEEDS]
    if never:
        told.append(f"never struck in {seeds} seeds: {', '.join(never)}")
    if seldom:
        told.append(f"struck less than {MANY_HITS} times: {', '.join(seldom)}")
    return "\n".join(told)


def last_line(seeds: int, steps: int, faults: Mapping[str, int], violations: int) -> str:
    """One line of JSON for machines."""
    return json.dumps(
        {"seeds": seeds, "steps": steps, "faults": dict(sorted(faults.items())), "violations": violations}
    )


def progress(done: int, wanted: int, found: int, seconds: float) -> str:
    """One line while a run goes on."""
    return f"{done} of {wanted} seeds, {found} violations, {seconds:.0f} s"


def lists(seeds: Sequence[int], workers: int) -> list[list[int]]:
    """The seeds dealt out to workers in turn."""
    return [list(seeds[place::workers]) for place in range(workers)]
