"""What budget and breakers of one host say at a moment, for people to see. Never waits long, never raises."""

from dataclasses import dataclass

from trading.broker import bucket
from trading.broker.breaker import TRIPS_AFTER, Group
from trading.broker.safeguards import Shared
from trading.broker.shared_ledger import Gone
from trading.broker.shared_memory import Away, Circuit


@dataclass(frozen=True, slots=True)
class Standing:
    """`limit` None: the broker told none. `circuits` None: what is shared cannot be seen now. Seconds throughout."""

    host: str
    limit: int | None
    ordinary_left: int = 0
    urgent_left: int = 0
    stopped_for: float = 0.0
    known: bool = True
    circuits: dict[Group, Circuit] | None = None

    @property
    def reserve(self) -> int:
        """Calls a minute that only cancels and halts may take."""
        return int((self.limit or 0) * bucket.RESERVE)

    @property
    def open_groups(self) -> dict[Group, Circuit]:
        """The groups that are not asked now, or only by a probe."""
        return {group: each for group, each in (self.circuits or {}).items() if each.failures >= TRIPS_AFTER}


def read(host: str, safeguards: Shared) -> Standing:
    """Return how an account stands at a host."""
    try:
        circuits: dict[Group, Circuit] | None = safeguards.circuits()
    except Away:
        circuits = None
    try:
        limit, found = safeguards.row()
    except Gone:
        return Standing(host, None, known=False, circuits=circuits)
    if found is None:
        # Nobody drew yet: what is known is the limit it will begin with.
        left = int(limit * (1 - bucket.RESERVE))
        return Standing(host, limit or None, left, limit, circuits=circuits)
    row, now = found
    return Standing(
        host,
        row.limit,
        bucket.room(row, now, urgent=False),
        bucket.room(row, now, urgent=True),
        max(0.0, row.stopped_until - now),
        circuits=circuits,
    )
