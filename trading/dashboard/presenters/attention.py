"""What needs a person now, gravest first, each with where to look."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from risk import wording
from risk.models import Breach
from trading.choices import UNRESOLVED
from trading.dashboard import words
from trading.dashboard.presenters import holdings
from trading.dashboard.presenters.holdings import Held
from trading.models import Account, Order, ReconciliationBreak

_MOST = 6


def items(account: Account, held: list[Held], processes: list[dict[str, Any]], wall: datetime) -> list[dict[str, str]]:
    """Everything open that a person should know; three queries."""
    found = [
        *_breaks(account, wall),
        *_unknown(account, wall),
        *_silent(processes),
        *_bare(held),
        *_breaches(account, wall),
    ]
    shown = found[:_MOST]
    if len(found) > _MOST:
        more = {
            "tone": "warn",
            "subject": f"{len(found) - _MOST} more",
            "words": "on the risk page",
            "href": reverse("risk"),
        }
        shown.append(more)
    return shown


def _item(tone: str, subject: str, text: str, href: str) -> dict[str, str]:
    return {"tone": tone, "subject": subject, "words": text, "href": href}


def _unknown(account: Account, wall: datetime) -> list[dict[str, str]]:
    orders = Order.objects.filter(account=account, status__in=tuple(UNRESOLVED)).select_related("instrument")
    return [
        _item(
            "unk",
            f"{order.instrument.symbol} order {order.get_status_display()}",
            f"{_ago(order.submitted_at or order.created_at, wall)} · symbol blocked · {_asked(order.times_asked)}",
            reverse("intent", args=[order.intent_id]),
        )
        for order in orders.order_by("created_at")
    ]


def _breaks(account: Account, wall: datetime) -> list[dict[str, str]]:
    found = ReconciliationBreak.objects.filter(account=account, status=ReconciliationBreak.Status.OPEN)
    return [
        _item(
            "bad",
            f"Break: {each.get_kind_display()} {each.subject}",
            f"our books {each.expected}, broker {each.seen} · {_ago(each.opened_at, wall)} · entries blocked",
            f"{reverse('reconciliation')}#break-{each.pk}",
        )
        for each in found.order_by("opened_at")
    ]


def _breaches(account: Account, wall: datetime) -> list[dict[str, str]]:
    found = Breach.objects.open().broken().filter(Q(account=account.number) | Q(account=""))
    return [
        _item(
            "bad",
            f"Breach: {wording.title(each.limit_name)}",
            f"{each.sentence} · {_ago(each.opened_at, wall)}",
            reverse("risk"),
        )
        for each in found.order_by("-opened_at")[: _MOST + 1]
    ]


def _silent(processes: list[dict[str, Any]]) -> list[dict[str, str]]:
    silent = [each for each in processes if each["silent"]]
    if not silent:
        return []
    names = ", ".join(each["name"] for each in silent)
    verb = "is" if len(silent) == 1 else "are"
    return [_item("bad", f"{names} {verb} silent", f"last heard {silent[0]['age']} ago · look at the log", "#foot")]


def _bare(held: list[Held]) -> list[dict[str, str]]:
    return [
        _item("warn", each.position.instrument.symbol, text, reverse("positions"))
        for each in held
        for tone, text in (holdings.protection_of(each),)
        if tone
    ]


def _asked(times: int) -> str:
    return f"asked {words.plural(times, 'time')}" if times else "not asked about yet"


def _ago(at: datetime, wall: datetime) -> str:
    return words.age((wall - at).total_seconds())
