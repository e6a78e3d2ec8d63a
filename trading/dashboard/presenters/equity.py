"""The account's worth: the hero of the overview, and the curve behind it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncMinute

from trading.dashboard import words
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account, AccountState, EquityMark

RANGES = ("day", "week", "month", "all")
_MOST_POINTS = 800


def hero(account: Account, state: AccountState | None, time: DeskTime) -> dict[str, Any]:
    """Equity with its change today, by our own books; by the broker's figures while there is no mark yet."""
    mark = EquityMark.objects.filter(account=account).order_by("-at").first()
    equity = mark.equity if mark else state.equity if state else None
    day = mark.day_pnl if mark else None
    base = equity - day if equity is not None and day is not None else None
    whole, _, cents = words.money(equity).partition(".")
    return {
        "known": equity is not None,
        "whole": whole,
        "cents": cents,
        "day": words.signed(day),
        "day_percent": words.signed_percent(day / base) if day is not None and base else words.NOTHING,
        "tone": words.tone(day),
        "realised": words.signed(mark.realised_pnl) if mark else words.NOTHING,
        "unrealised": words.signed(mark.unrealised_pnl) if mark else words.NOTHING,
        "word": "today" if mark and mark.session_date == time.session_date else "that session",
        "mark": mark,
        "equity": equity,
    }


def curve(account: Account, span: str, time: DeskTime, since: datetime | None = None) -> dict[str, Any]:
    """The equity curve of a range, oldest first: `[epoch seconds, USD as text]`, and the line it is compared with.

    `since` leaves out what the page already has. A long range is thinned evenly, its last point kept.
    """
    marks = _within(EquityMark.objects.filter(account=account), span, time)
    first = marks.order_by("at").values_list("equity", "day_pnl").first()
    if since is not None:
        marks = marks.filter(at__gt=since)
    rows = list(marks.order_by("at").values_list("at", "equity"))
    return {
        "range": span,
        "base": str(first[0] - first[1] if span == "day" else first[0]) if first else None,
        "points": [[int(at.timestamp()), str(equity)] for at, equity in _thinned(rows)],
    }


def _within(marks: QuerySet[EquityMark], span: str, time: DeskTime) -> QuerySet[EquityMark]:
    if span == "day":
        return marks.filter(session_date=time.session_date)
    if span == "week":
        return marks.filter(session_date__gt=time.session_date - timedelta(days=7))
    if span == "month":
        hourly = marks.filter(session_date__gt=time.session_date - timedelta(days=31))
        return hourly.filter(at=TruncMinute("at"))
    return marks


def _thinned(rows: list[tuple[datetime, Decimal]]) -> list[tuple[datetime, Decimal]]:
    if len(rows) <= _MOST_POINTS:
        return rows
    step = -(-len(rows) // _MOST_POINTS)
    return rows[:-1][::step] + rows[-1:]
