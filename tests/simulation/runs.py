"""What came of one seed, as values."""

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.steps import Step
from tests.simulation.violations import Violation


@dataclass(slots=True)
class Run:
    """What came of one seed. `done` are the steps that were taken, the last one being the one that failed."""

    seed: int
    done: list[Step]
    hits: Counter[str] = field(default_factory=Counter)
    failure: Violation | None = None
    story: list[str] = field(default_factory=list)
    statements: int = 0
    orders: int = 0
    """Orders that left for the broker."""
