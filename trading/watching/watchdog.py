"""The watchdog: looks at the desk from outside the other processes, and halts when something is amiss.

It judges by work done, not by processes that exist. A halt it engages is like any other: two people lift it.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from audit import trail
from audit.models import AuditEvent
from audit.severity import Severity
from risk import halts
from trading.broker import credentials, factory
from trading.broker.gateway import BrokerError, ClockReport
from trading.models import Account, ProcessHeartbeat
from trading.watching import symptoms
from trading.watching.symptoms import Finding

logger = logging.getLogger(__name__)

STALE = {"worker": timedelta(seconds=60), "beat": timedelta(seconds=60), "stream": timedelta(seconds=60)}
"""How long after its last sign of life a process counts as dead (wall clock)."""

TOLD_AGAIN = timedelta(hours=1)
"""How often people hear of what is amiss and halts nothing."""

BY = "watchdog"


def look(*, now: datetime, since: datetime) -> list[Finding]:
    """Processes that gave no sign of life for too long. `since` is when the watchdog began: none is judged sooner."""
    newest: dict[str, datetime] = {}
    for process, beat_at in ProcessHeartbeat.objects.values_list("process", "beat_at"):
        newest[process] = max(beat_at, newest.get(process, beat_at))
    findings = []
    for process, patience in STALE.items():
        seen = max(newest.get(process, since), since)
        if now - seen > patience:
            age = int((now - seen).total_seconds())
            findings.append(Finding(process, f"no sign of life from {process} for {age} s"))
    return findings


def inspect(*, now: datetime, since: datetime, clock: ClockReport | None) -> list[Finding]:
    """Dead processes and every other sign that something is amiss; those are judged once all had time to begin."""
    dead = look(now=now, since=since)
    return dead + (symptoms.all_of(now=now, clock=clock) if now - since > min(STALE.values()) else [])


def market_clock() -> ClockReport | None:
    """The broker's clock by the first active account; None where there is none, or it cannot be read."""
    account = Account.objects.filter(active=True).order_by("pk").first()
    if account is None:
        return None
    try:
        return factory.gateway_for(account.number).clock()
    except (BrokerError, factory.NoSuchAccount, credentials.DoNotBelongTogether) as failure:
        logger.warning("the broker's clock cannot be read: %s", failure)
        return None


def act(findings: list[Finding], *, now: datetime) -> bool:
    """Engage H1 for the firm where something is amiss and an account is active; True when it halted.

    The latch only: what protects positions rests at the broker, and canceling entries is for people or the next pass.
    What halts nothing is told, once in `TOLD_AGAIN`.
    """
    if not findings or not Account.objects.filter(active=True).exists():
        return False
    for finding in findings:
        if not finding.halts:
            _tell(finding, now=now)
    reason = "; ".join(finding.sentence for finding in findings if finding.halts)
    if reason:
        halts.engage(level="H1", scope_kind="firm", scope_key="", reason=reason, by=BY, now=now)
    return bool(reason)


def _tell(finding: Finding, *, now: datetime) -> None:
    told = AuditEvent.objects.filter(event="watchdog.warned", subject=finding.process, at__gt=now - TOLD_AGAIN)
    if told.exists():
        return
    with transaction.atomic():
        trail.record(
            event="watchdog.warned",
            subject=finding.process,
            sentence=finding.sentence,
            by=BY,
            now=now,
            severity=Severity.SERIOUS,
        )
