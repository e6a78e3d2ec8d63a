"""Telling people of what is not watched: once a session for each judge that cannot see."""

import logging
from datetime import date, datetime

from django.db import transaction

from audit import trail
from audit.models import AuditEvent
from audit.severity import Severity
from risk.blindness import Blind

logger = logging.getLogger(__name__)


def tell(blind: Blind, *, called: str, account: str, mode: str, session_date: date, by: str, now: datetime) -> None:
    """Say once a session that a judge cannot see: what it watches may not be well. `called` is what it is."""
    subject = f"{called} {blind.number} {session_date}"
    if AuditEvent.objects.filter(event="monitor.blind", account=account, subject=subject).exists():
        return
    logger.error("%s %s is blind: %s", called, blind.number, blind.sentence, extra={"account": account})
    with transaction.atomic():
        trail.record(
            event="monitor.blind",
            account=account,
            mode=mode,
            subject=subject,
            sentence=f"{blind.name} is not watched: {blind.sentence}",
            by=by,
            now=now,
            severity=Severity.SERIOUS,
        )
