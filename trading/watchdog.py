"""The watchdog: looks at the desk from outside the other processes, and halts when nobody seems to be at work.

It judges by work done, not by processes that exist. A halt it engages is like any other: two people lift it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from risk import halts
from trading.models import Account, ProcessHeartbeat

STALE = {"worker": timedelta(seconds=60), "beat": timedelta(seconds=60), "stream": timedelta(seconds=60)}
"""How long after its last sign of life a process counts as dead (wall clock)."""

BY = "watchdog"


@dataclass(frozen=True, slots=True)
class Finding:
    """A process without a sign of life, in words."""

    process: str
    sentence: str


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


def act(findings: list[Finding], *, now: datetime) -> bool:
    """Engage H1 for the firm where something is dead and an account is active; True when it halted.

    The latch only: what protects positions rests at the broker, and canceling entries is for people or the next pass.
    """
    if not findings or not Account.objects.filter(active=True).exists():
        return False
    reason = "; ".join(finding.sentence for finding in findings)
    halts.engage(level="H1", scope_kind="firm", scope_key="", reason=reason, by=BY, now=now)
    return True
