"""Reconciliation as people read it: open cases with both sides, resolved ones, and every run."""

import json
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse

from trading.dashboard import words
from trading.models import Account, AdjustingEntry, ReconciliationBreak, ReconciliationRun
from trading.reconciling import acceptance
from trading.reconciling.differences import Difference

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


def full(case: ReconciliationBreak, wall: datetime) -> dict[str, Any]:
    """One case with its evidence in words and what was booked for it; one query."""
    acceptable, said = _acceptance(case)
    booked = AdjustingEntry.objects.filter(case=case).select_related("order").order_by("pk")
    facts = [(key, value) for key, value in case.evidence.items() if key in _FACTS and value]
    return {
        **_case(case, wall),
        "title": case.symbol or ("" if case.kind == "cash" else case.subject),
        "open": case.status == ReconciliationBreak.Status.OPEN,
        "status": case.get_status_display(),
        "stranger": bool(case.evidence.get("stranger")),
        "facts": [
            {"name": _FACTS[key], "value": value, "kind": "mono" if key.endswith("id") else ""} for key, value in facts
        ],
        "acceptable": acceptable,
        "acceptance": said,
        "priced": case.kind == "position",
        "entries": [_entry(each, wall) for each in booked],
    }


_FACTS = {
    "broker_order_id": "Order at the broker",
    "side": "Side",
    "at": "When",
    "price": "The broker's price, USD",
}


def _acceptance(case: ReconciliationBreak) -> tuple[bool, str]:
    """Whether the broker's side can be booked, and what that would do."""
    evidence = (
        {**case.evidence, "price": case.evidence.get("price") or "1"} if case.kind == "position" else case.evidence
    )
    found = Difference(case.kind, case.subject, case.symbol, case.expected, case.seen, evidence)
    try:
        said = acceptance.of(found)
    except acceptance.NotAcceptable as problem:
        return False, str(problem)
    what = "The difference in shares is booked at a price you give." if case.kind == "position" else said.sentence
    return True, f"{what} Another person decides; nothing is traded."


def _entry(entry: AdjustingEntry, wall: datetime) -> dict[str, Any]:
    order = entry.order
    what = f"{words.signed(entry.cash)} USD of cash" if order is None else f"{order} at {order.filled_average_price}"
    return {
        "at": words.moment(entry.booked_at, words.exchange_date(wall)),
        "by": entry.booked_by,
        "what": what,
        "href": reverse("intent", args=[order.intent_id]) if order else "",
    }


def _case(case: ReconciliationBreak, wall: datetime) -> dict[str, Any]:
    today = words.exchange_date(wall)
    return {
        "id": case.pk,
        "href": reverse("case", args=[case.pk]),
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
