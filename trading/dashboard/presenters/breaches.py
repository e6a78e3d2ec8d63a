"""Breaches: what was seen, the limit, what was done about it, and how a person settled it."""

from typing import Any

from django.db.models import Case, Q, QuerySet, When

from risk import wording
from risk.models import Breach
from trading.dashboard import words
from trading.dashboard.presenters import recorded
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account

SHOWS = {"open": "open", "closed": "closed", "prevented": "prevented", "all": "all"}
"""Which breaches a page lists -> its word on the page."""

_STAGES = {
    Breach.Stage.PREVENTED: ("deny", "prevented"),
    Breach.Stage.WARNED: ("warn", "warned"),
    Breach.Stage.BROKEN: ("bad", "broken"),
}
SEEN_AT_TRADE = (Breach.Stage.WARNED, Breach.Stage.BROKEN)
"""What stands until a person has looked into it; a prevented one is settled by its denial."""


def of(account: Account) -> QuerySet[Breach]:
    """Breaches of the account and of the house; those that wait for a person first, then the newest."""
    waiting = Case(When(stage__in=SEEN_AT_TRADE, closed_at__isnull=True, then=0), default=1)
    return Breach.objects.filter(Q(account=account.number) | Q(account="")).order_by(waiting, "-opened_at", "-pk")


def listed(account: Account, show: str) -> QuerySet[Breach]:
    """The breaches of one list of the page."""
    found = of(account)
    match show:
        case "open":
            return found.filter(closed_at__isnull=True, stage__in=SEEN_AT_TRADE)
        case "closed":
            return found.filter(closed_at__isnull=False)
        case "prevented":
            return found.filter(stage=Breach.Stage.PREVENTED)
    return found


def line(breach: Breach, time: DeskTime) -> dict[str, Any]:
    """One breach in words."""
    today = words.exchange_date(time.wall)
    tone, stage = _STAGES[Breach.Stage(breach.stage)]
    closed = words.moment(breach.closed_at, today) if breach.closed_at else ""
    return {
        "id": breach.pk,
        "at": words.moment(breach.opened_at, today),
        "session": breach.session_date.isoformat(),
        "symbol": breach.symbol,
        "strategy": breach.strategy,
        "code": breach.code,
        "control": breach.control,
        "title": wording.title(breach.limit_name),
        "sentence": breach.sentence,
        "seen": recorded.value(breach.limit_name, breach.seen),
        "limit": recorded.value(breach.limit_name, breach.limit_value),
        "version": breach.limit_version,
        "done": breach.done,
        "tone": tone,
        "stage": stage,
        "open": breach.closed_at is None,
        "waits": breach.closed_at is None and breach.stage in SEEN_AT_TRADE,
        "closed": f"closed {closed} by {breach.closed_by}: {breach.closing_reason}" if breach.closed_at else "",
    }
