"""Which events a person must hear of, and which of them are the same news. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from audit.models import AuditEvent
from audit.severity import Severity

GRAVE = (Severity.SERIOUS, Severity.CRITICAL)
"""Every event of these severities becomes an alert, whatever its word."""

NEVER = ("alert.undelivered", "alert.acknowledged")
"""Events about alerts: drawing alerts from them would go round in a circle."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Events that agree in the columns `same_by` within `window` of the first are one alert."""

    window: timedelta = timedelta(minutes=15)
    same_by: tuple[str, ...] = ("severity", "mode", "account", "event", "subject")


EVERYTHING_ELSE = Rule()

RULES: dict[str, Rule] = {
    "fill.booked": Rule(same_by=("severity", "mode", "account", "event")),
    "order.rejected": EVERYTHING_ELSE,
    "halt.engaged": Rule(window=timedelta(minutes=1)),
    "halt.released": Rule(window=timedelta(minutes=1)),
    "golive.approved": Rule(window=timedelta(minutes=1)),
    "person.permissions_changed": EVERYTHING_ELSE,
    "alert.tested": Rule(window=timedelta(0)),
}
"""Event word → its rule. A word that stands here becomes an alert even when it is not grave."""


def rule(event: str) -> Rule:
    """The rule for an event word."""
    return RULES.get(event, EVERYTHING_ELSE)


def key(event: AuditEvent) -> str:
    """What an event shares with others of the same alert."""
    return "|".join(_parts(event))


def _parts(event: AuditEvent) -> Iterator[str]:
    for column in rule(event.event).same_by:
        yield str(getattr(event, column))
