"""Letting trading go on after a halt takes two people, books equal to the broker's, and a preflight that passed since.

The halt itself is the one thing a preflight may be red for no longer: it is what the release ends.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from risk import halts, signoff_terms
from risk.models import ChangeRequest, Halt
from trading.halting.reach import Reach
from trading.models import Account, PreflightRun, ReconciliationBreak, ReconciliationRun

FRESH = timedelta(minutes=15)
"""How old the preflight and the comparison behind a release may be (wall clock)."""


def request(halt: Halt, *, reason: str, by_user: User, now: datetime) -> ChangeRequest:
    """Ask another person to let trading go on. Raises `halts.HaltRefused` and `signoff.NotAllowed` as they do."""
    return halts.request_release(
        halt, reason=reason, evidence=evidence(halt), by=by_user, now=now, place=signoff_terms.here(_account_of(halt))
    )


def carry_out(asked: ChangeRequest, *, by_user: User, now: datetime) -> Halt:
    """End the halt by an approved request, once. Raises `halts.HaltRefused` while something is not clear."""
    return halts.release(
        asked,
        still_clear=lambda halt: why_not(halt, now=now),
        by=by_user.get_username(),
        now=now,
        place=signoff_terms.here(asked.account),
    )


def why_not(halt: Halt, *, now: datetime) -> str:
    """Why trading may not go on now, with the remedy; empty when it may."""
    for account in _accounts(halt):
        if ReconciliationBreak.objects.filter(account=account, status=ReconciliationBreak.Status.OPEN).exists():
            return f"{account} has an open reconciliation break; work it off first."
        run = _latest_comparison(account)
        if run is None or run.outcome != ReconciliationRun.Outcome.CLEAN or now - run.ran_at > FRESH:
            return f"the books of {account} were not found equal to the broker's within 15 minutes; compare again."
        preflight = _latest_preflight(account)
        if preflight is None or not preflight.passed or now - preflight.ran_at > FRESH:
            return f"{account} has no preflight that passed within 15 minutes; run it."
    return ""


def evidence(halt: Halt) -> dict[str, Any]:
    """What the request rests on, by account number: the latest preflight and the latest comparison."""
    found: dict[str, Any] = {}
    for account in _accounts(halt):
        run, preflight = _latest_comparison(account), _latest_preflight(account)
        found[account.number] = {
            "preflight": f"{preflight}" if preflight else "never run",
            "books": f"{run.get_outcome_display()} at {run.ran_at:%Y-%m-%d %H:%M} UTC" if run else "never compared",
        }
    return found


def _accounts(halt: Halt) -> list[Account]:
    """The halted account whether or not it trades; of a wider halt those that trade or still have something open."""
    number = _account_of(halt)
    return list(Account.objects.filter(number=number)) if number else Reach().accounts()


def _account_of(halt: Halt) -> str:
    return halt.scope_key if halt.scope_kind == "account" else ""


def _latest_comparison(account: Account) -> ReconciliationRun | None:
    return ReconciliationRun.objects.filter(account=account).order_by("-ran_at").first()


def _latest_preflight(account: Account) -> PreflightRun | None:
    return PreflightRun.objects.filter(account=account).order_by("-ran_at").first()
