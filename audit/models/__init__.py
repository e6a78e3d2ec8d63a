"""What audit remembers: events, their seals, snapshots of state, and the alerts drawn from events."""

from audit.models.alerts import Alert, AlertDelivery, AlertedEvent, AlertReader
from audit.models.events import AuditEvent
from audit.models.seals import AuditSeal
from audit.models.snapshots import StateSnapshot

__all__ = ["Alert", "AlertDelivery", "AlertReader", "AlertedEvent", "AuditEvent", "AuditSeal", "StateSnapshot"]
