"""Open halts in words, for the banner and the risk page; what a halt would meet, and what one has done."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from risk.models import Halt, HaltReceipt
from trading.dashboard import words
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account, Order

LEVELS = {
    "H1": "no new entries; exits and protective stops keep working",
    "H2": "no new entries, working entries canceled; protective stops keep working",
    "H3": "flatten: entries canceled, positions closed and what protected them canceled",
}
"""What each level does, in words."""


def banners(account: Account | None, time: DeskTime) -> list[dict[str, str]]:
    """Open halts that reach the account, the gravest first."""
    reach = Q(scope_kind="firm")
    if account is not None:
        reach |= Q(scope_kind="account", scope_key=account.number) | Q(scope_kind__in=("strategy", "symbol"))
    found = Halt.objects.open().in_earnest().filter(reach).order_by("-level", "engaged_at")
    return [{"sentence": sentence(halt, time), "href": f"{reverse('risk')}#halt-{halt.pk}"} for halt in found]


def sentence(halt: Halt, time: DeskTime) -> str:
    """Who stopped what, when and why."""
    scope = "everything" if halt.scope_kind == "firm" else halt.scope
    at = words.moment(halt.engaged_at, words.exchange_date(time.wall))
    return f"{scope}: {halt.get_level_display()}, since {at} by {halt.engaged_by}: {halt.reason}"


def meets(preview: dict[str, Any]) -> dict[str, Any]:
    """The kill switch's preview in words; `consequences` says by level what the button would do."""
    entries = words.plural(preview["orders"], "entry", "entries")
    held = words.plural(len(preview["positions"]), "position")
    return {
        "entries": entries,
        "consequences": {
            "H1": "stop entries",
            "H2": f"stop entries, cancel {entries}",
            "H3": f"stop entries, cancel {entries}, close {held}",
        },
        "protective": words.plural(preview.get("protective", 0), "protective order"),
        "positions": [f"{words.shares(each['quantity'])} {each['symbol']}" for each in preview["positions"]],
    }


_TONES = {
    HaltReceipt.Outcome.CONFIRMED: "ok",
    HaltReceipt.Outcome.STILL_OPEN: "warn",
    HaltReceipt.Outcome.UNKNOWN: "unk",
}


_SEEN = {"cancel": "no longer open", "close": "closed", "keep": "seen", "re-arm": "live", "suspend": "locked"}
"""What stands at the broker where a line is confirmed."""
_PLACE = " at the broker"  # the column says it already


def receipt(halt: Halt, wall: datetime) -> dict[str, Any]:
    """A halt with the newest line of every order and position it touched; two queries."""
    newest = {(line.account, line.subject): line for line in halt.receipts.order_by("pk")}
    named = _orders([line.subject for line in newest.values()])
    day = words.exchange_date(wall)
    lines = [
        {
            "account": line.account,
            "subject": line.subject,
            "order": named.get(line.subject),
            "action": line.action,
            "tone": _TONES[HaltReceipt.Outcome(line.outcome)],
            "outcome": _outcome(line),
            "detail": line.detail,
            "at": words.moment(line.at, day),
        }
        for line in newest.values()
    ]
    open_lines = sum(line["tone"] != "ok" for line in lines)
    return {
        "halt": {
            "id": halt.pk,
            "level": halt.level,
            "does": LEVELS[halt.level],
            "scope": "every account" if halt.scope_kind == "firm" else halt.scope,
            "reason": halt.reason,
            "by": halt.engaged_by,
            "at": words.moment(halt.engaged_at, day),
            "open": halt.released_at is None,
            "wide": halt.scope_kind != "account",
        },
        "lines": lines,
        "still": open_lines,
    }


def _outcome(line: HaltReceipt) -> str:
    said = str(line.get_outcome_display())
    return _SEEN.get(line.action, said) if line.outcome == HaltReceipt.Outcome.CONFIRMED else said.removesuffix(_PLACE)


def _orders(subjects: list[str]) -> dict[str, dict[str, str]]:
    """Orders of ours by the id a receipt names them with: what they are for people, and where their story is told."""
    found = Order.objects.filter(client_order_id__in=subjects).select_related("instrument")
    return {
        each.client_order_id: {
            "title": f"{each.instrument.symbol} {each.side} {words.shares(each.quantity)}",
            "purpose": each.get_purpose_display(),
            "href": reverse("intent", args=[each.intent_id]),
        }
        for each in found
    }
