"""What one seed decides before its first step: how big the desk is, how wild its market, how often things go wrong."""

from dataclasses import asdict, dataclass
from random import Random
from typing import Any

SYMBOLS = ("AAPL", "MSFT", "GOOG", "IBM")
NUMBERS = ("PA0000001", "PA0000002")


@dataclass(frozen=True, slots=True)
class Options:
    """Derived from the seed alone. Weights say how many of a hundred steps are of a kind."""

    seed: int
    accounts: int
    symbols: int
    wildness: int
    """Hundredths of a percent that a price moves in a minute, about."""
    thin: bool
    """Bars of few shares, so that orders fill in parts."""
    faults: int
    """Weight of faults at the venue and on the way to it."""
    strikes: int
    """Weight of crashes and failures of the database in the middle of the next piece of work."""
    meanwhiles: int
    """Weight of what happens in the middle of a call to the broker: a second worker, a halt, a long pause."""
    others: int
    """Weight of acts of people, other programs and clocks."""
    halts: int
    """How many halts the trace holds, at most."""
    lossy: bool
    """Whether messages of the stream are lost, doubled or late on their way beyond what the venue's faults do."""

    def told(self) -> dict[str, Any]:
        """As they are printed."""
        return asdict(self)


def of(seed: int) -> Options:
    """The options of a seed."""
    draw = Random(f"options {seed}")
    quiet = draw.random() < 0.1  # what breaks without any fault should be told without any
    return Options(
        seed=seed,
        accounts=draw.choice((1, 1, 1, 2)),
        symbols=draw.choice((1, 2, 3, 4, 4)),
        wildness=draw.choice((5, 20, 60)),
        thin=draw.random() < 0.5,
        faults=0 if quiet else draw.randint(8, 24),
        strikes=0 if quiet else draw.randint(1, 8),
        meanwhiles=0 if quiet else draw.randint(1, 8),
        others=0 if quiet else draw.randint(1, 6),
        halts=draw.choice((0, 1, 1, 2)),
        lossy=not quiet and draw.random() < 0.5,
    )
