"""Daily reports in the desk's words."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import reverse

from trading.dashboard import words
from trading.models import Account, DailyReport

_PAGE = 60
_AMOUNTS = {"realised_pnl": True, "unrealised_pnl": True, "day_pnl": True, "equity": False, "cash": False}
"""Figures in USD, and whether they carry a sign."""


_ORDER = (
    *("equity", "day_pnl", "realised_pnl", "unrealised_pnl", "cash", "positions"),
    *("passes", "signals", "intents", "orders", "fills"),
)
"""Figures of a report in the order people ask for them; others follow by name."""


def read(account: Account, number: int) -> tuple[dict[str, Any], Page[DailyReport]]:
    """Newest sessions first; two queries."""
    found = Paginator(_of(account), _PAGE).get_page(number)
    return {"rows": [_line(report) for report in found.object_list]}, found


def _of(account: Account) -> QuerySet[DailyReport]:
    return DailyReport.objects.filter(account=account).select_related("signature").order_by("-session_date")


def full(report: DailyReport) -> dict[str, Any]:
    """One report with every figure it holds."""
    figures = [
        {"name": key.replace("_", " ").replace("pnl", "P&L"), **_figure(key, value)}
        for key, value in sorted(report.figures.items(), key=_place)
        if not isinstance(value, dict)
    ]
    return {
        **_line(report),
        "figures": figures,
        "tables": [
            {"name": key.replace("_", " "), "rows": [(_said(name), count) for name, count in sorted(value.items())]}
            for key, value in report.figures.items()
            if isinstance(value, dict) and value
        ],
        "written": words.clock(report.created_at),
    }


def _place(item: tuple[str, Any]) -> tuple[int, str]:
    return (_ORDER.index(item[0]) if item[0] in _ORDER else len(_ORDER), item[0])


def _said(name: str) -> str:
    """A denial's code as words; anything else as it is."""
    return name.replace("_", " ").lower() if name.isupper() else name.replace("_", " ")


def _line(report: DailyReport) -> dict[str, Any]:
    held = report.figures
    day = _figure("day_pnl", held.get("day_pnl"))
    denied = held.get("denied") or {}
    return {
        "href": reverse("daily-report", args=[report.session_date.isoformat()]),
        "session": report.session_date.isoformat(),
        "day": day["value"],
        "day_tone": day["tone"],
        "realised": _figure("realised_pnl", held.get("realised_pnl")),
        "equity": _figure("equity", held.get("equity"))["value"],
        "intents": held.get("intents", words.NOTHING),
        "denied": sum(denied.values()) if isinstance(denied, dict) else denied,
        "fills": held.get("fills", words.NOTHING),
        "equal": report.books_equal_broker,
        "signed": _signed(report),
    }


def _signed(report: DailyReport) -> dict[str, str] | None:
    """Who signed and when, with the digest then; None while nobody has."""
    signature = getattr(report, "signature", None)
    if signature is None:
        return None
    return {"by": signature.signed_by, "at": words.clock(signature.signed_at), "digest": signature.digest}


def _figure(key: str, value: Any) -> dict[str, str]:
    if key not in _AMOUNTS or value is None:
        return {"value": words.NOTHING if value is None else f"{value}", "tone": ""}
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return {"value": str(value), "tone": ""}
    return (
        {"value": words.signed(amount), "tone": words.tone(amount)}
        if _AMOUNTS[key]
        else {
            "value": words.money(amount),
            "tone": "",
        }
    )
