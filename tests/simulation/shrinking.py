"""The shortest trace that still fails in the same way: steps are left out while it does."""

import time
from collections.abc import Callable, Sequence

from tests.simulation.steps import Step

PATIENCE = 45.0
"""Seconds of effort; what is left then is short enough to read, if not the shortest."""


def shortest(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool], patience: float = PATIENCE) -> list[Step]:
    """Leave out halves, quarters, … and single steps for as long as `fails` says that the same is broken."""
    deadline = time.monotonic() + patience
    kept, size = list(steps), max(len(steps) // 2, 1)
    while True:
        shorter = _once(kept, size, fails, deadline)
        if time.monotonic() >= deadline or (size == 1 and len(shorter) == len(kept)):
            return shorter
        size = max(size // 2, 1) if len(shorter) == len(kept) else min(size, max(len(shorter) // 2, 1))
        kept = shorter


def _once(steps: list[Step], size: int, fails: Callable[[Sequence[Step]], bool], deadline: float) -> list[Step]:
    """Try once to leave out each run of `size` steps, the last one first."""
    kept = steps
    for end in range(len(steps), 0, -size):
        if time.monotonic() >= deadline:
            break
        without = kept[: max(end - size, 0)] + kept[end:]
        if len(without) < len(kept) and fails(without):
            kept = without
    return kept
