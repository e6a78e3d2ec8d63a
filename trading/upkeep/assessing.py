"""The yearly self-assessment: a person goes through every control and says what was found (control 51)."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import rfc8785
from django.contrib.auth.models import User

from risk import at_trade, attesting, policy, post_trade, pre_trade
from risk.attesting import Kind
from risk.models import Attestation

PERMISSION = "risk.add_attestation"
SHORTEST = 40
"""Characters a finding takes: "ok" assesses nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One control of the register: its number, its name, whom it answers, when it acts."""

    number: int
    name: str
    demand: str
    acts: str


def register() -> list[Entry]:
    """Every control of the house in the order of its number."""
    return sorted(_entries(), key=lambda entry: entry.number)


def digest() -> str:
    """SHA-256 over the register and the policy's version as canonical JSON (RFC 8785)."""
    content: dict[str, Any] = {"policy": policy.VERSION, "controls": [asdict(entry) for entry in register()]}
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def assess(finding: str, *, shown: str, by: User, now: datetime) -> Attestation:
    """Keep a person's finding over the whole register. `shown` is the digest of the register the person went through.

    Raises attesting.NotRecorded without the permission, for another register than was shown, and for a finding of a
    few letters.
    """
    user = by.get_username()
    why = ""
    if not by.has_perm(PERMISSION):
        why = f"{user} may not assess the controls; a risk officer or an approver does."
    elif shown != digest():
        why = "The controls are not those that were shown; go through them again."
    elif len(finding.strip()) < SHORTEST:
        why = f"Say what was looked at, what was found and what is to change, in at least {SHORTEST} characters."
    return attesting.record(
        Kind.ASSESSMENT,
        subject=policy.VERSION,
        sentence=finding,
        by=user,
        now=now,
        why_not=why,
        evidence={"register": digest(), "controls": len(register())},
    )


def _entries() -> Iterator[Entry]:
    for control in pre_trade.CONTROLS:
        yield Entry(control.number, control.name, control.demand, "before a trade")
    for monitor in at_trade.MONITORS:
        yield Entry(monitor.number, monitor.name, monitor.demand, "at trade")
    for after in post_trade.CONTROLS:
        yield Entry(after.number, after.name, after.demand, "after a trade")
