"""How serious an event is: the words, their order, and the least severity of the events a person must hear of."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from django.db.models import TextChoices


class Severity(TextChoices):
    INFO = "info", "info"
    WARNING = "warning", "warning"
    SERIOUS = "serious", "serious"
    CRITICAL = "critical", "critical"


RANK: Mapping[str, int] = {word: rank for rank, word in enumerate(Severity.values)}
"""Severity word → its order, 0 is the mildest."""

LEAST: Mapping[str, Severity] = {
    "halt.engaged": Severity.CRITICAL,
    "breach.*": Severity.SERIOUS,
    "halt.incomplete": Severity.CRITICAL,
    "reconciliation.break_opened": Severity.CRITICAL,
    "order.unknown": Severity.SERIOUS,
    "order.rejected": Severity.WARNING,
    "stream.poison": Severity.SERIOUS,
    "position.short": Severity.CRITICAL,
    "market_data.stale": Severity.SERIOUS,
    "process.silent": Severity.CRITICAL,
    "broker.unavailable": Severity.SERIOUS,
    "preflight.failed": Severity.SERIOUS,
    "golive.refused": Severity.SERIOUS,
    "golive.revoked": Severity.CRITICAL,
    "signoff.refused": Severity.SERIOUS,
    "person.locked_out": Severity.SERIOUS,
    "person.permissions_changed": Severity.WARNING,
    "audit.tampered": Severity.CRITICAL,
    "audit.seal_failed": Severity.CRITICAL,
}
"""Event word (or pattern) → the least severity it is recorded with, whatever its writer said."""


def least(event: str, said: str) -> Severity:
    """The graver of what the writer `said` and what the table demands of `event`.

    Raises ValueError when `said` is no severity word.
    """
    demanded = [severity for pattern, severity in LEAST.items() if fnmatchcase(event, pattern)]
    return max([Severity(said), *demanded], key=lambda severity: RANK[severity])
