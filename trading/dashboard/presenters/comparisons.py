"""Reconciliation as people read it: open cases with both sides, resolved ones, and every run."""

import json
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator

from trading.dashboard import words
from trading.models import Account, ReconciliationBreak, ReconciliationRun

_PAGE = 30
_MOST_RESOLVED = 30
_TONES = {"clean": "ok", "breaks": "bad", "unreadable": "warn"}


def read(account: Account, wall: datetime, number: int) -> tuple[dict[str, Any], Page[ReconciliationRun]]:
    """The page, and the part of the list it shows; four queries."""
    today = words.exchange_date(wall)
    cases = ReconciliationBreak.objects.filter(account=account)
    runs = Paginator(ReconciliationRun.objects.filter(account=account).order_by("-ran_at"), _PAGE).get_page(number)
    page = {
        "breaks": [_case(each, wall) for each in cases.filter(status="open").order_by("opened_at")],
        "resolved": [
            _case(each, wall) for each in cases.filter(status="resolved").order_by("-resolved_at")[:_MOST_RESOLVED]
        ],
        "runs": [_run(run, today) for run in runs.object_list],
    }
    return page, runs


def _case(case: ReconciliationBreak, wall: datetime) -> dict[str, Any]:
    today = words.exchange_date(wall)
    return {
        "id": case.pk,
        "kind": case.get_kind_display(),
        "subject": case.subject,
        "symbol": case.symbol,
        "expected": case.expected,
        "seen": case.seen,
        "age": words.age((wall - case.opened_at).total_seconds()),
        "opened": words.moment(case.opened_at, today),
        "blocks": f"entries in {case.symbol} are blocked" if case.symbol else "all entries are blocked",
        "evidence": json.dumps(case.evidence, indent=2, sort_keys=True) if case.evidence else "",
        "resolved": words.moment(case.resolved_at, today),
        "resolved_by": case.resolved_by,
        "resolution": case.resolution,
    }


def _run(run: ReconciliationRun, today: date) -> dict[str, Any]:
    return {
        "at": words.moment(run.ran_at, today),
        "kind": run.get_kind_display(),
        "session": run.session_date.isoformat(),
        "tone": _TONES[run.outcome],
        "outcome": run.get_outcome_display(),
        "positions": run.positions,
        "orders": run.orders,
        "cash": words.signed(run.cash_difference) if run.cash_difference is not None else words.NOTHING,
        "note": run.note,
    }
