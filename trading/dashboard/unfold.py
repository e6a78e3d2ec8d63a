"""How the admin looks: the desk's colours, words and mode, and one program to move in."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

from trading.dashboard import modes

_BASE = {
    "50": "#f5f5f2", "100": "#efefeb", "200": "#e3e3de", "300": "#c9c9c4", "400": "#9aa2a8", "500": "#63686c",
    "600": "#4a4f53", "700": "#32373b", "800": "#282d31", "900": "#17191c", "950": "#0f1113",
}  # fmt: skip
_PRIMARY = {
    "50": "#eef4f9", "100": "#d9e6f2", "200": "#b6cfe5", "300": "#8fb6d9", "400": "#79b0e6", "500": "#3a78ab",
    "600": "#1f4e79", "700": "#1a4266", "800": "#163754", "900": "#122c43", "950": "#0b1c2b",
}  # fmt: skip


def environment(request: HttpRequest) -> list[str]:
    """The mode, for the badge in the admin's header."""
    mode = modes.of_house()
    return [mode.label, "danger" if mode.word == "live" else "info"]


def _link(title: str, icon: str, name: str, permission: str = "") -> dict[str, Any]:
    item: dict[str, Any] = {"title": title, "icon": icon, "link": reverse_lazy(name)}
    if permission:
        item["permission"] = lambda request: request.user.has_perm(permission)
    return item


def _leaves(title: str, icon: str, name: str) -> dict[str, Any]:
    """A link out of the admin: never where one is, though its address may begin like a page's here."""
    return _link(title, icon, name) | {"active": lambda request: False}


def _record(title: str, icon: str, model: str) -> dict[str, Any]:
    app, name = model.split(".")
    return _link(title, icon, f"admin:{app}_{name}_changelist", f"{app}.view_{name}")


_SECTIONS = (
    (
        "Desk",
        [
            _leaves("Desk", "monitoring", "desk"),
            _leaves("Risk", "shield", "risk"),
            _leaves("Requests", "how_to_vote", "requests"),
        ],
    ),
    (
        "Trades",
        [
            _record("Intents", "gavel", "trading.orderintent"),
            _record("Orders", "receipt_long", "trading.order"),
            _record("Fills", "done_all", "trading.fill"),
            _record("Positions", "inventory_2", "trading.position"),
            _record("Lots", "stacks", "trading.lot"),
            _record("Signals", "sensors", "trading.signal"),
        ],
    ),
    (
        "Set-up",
        [
            _record("Accounts", "account_balance", "trading.account"),
            _record("Strategies", "psychology", "trading.strategy"),
            _record("Instruments", "show_chart", "trading.instrument"),
        ],
    ),
    (
        "Risk",
        [
            _record("Limits", "straighten", "risk.limit"),
            _record("Breaches", "report", "risk.breach"),
            _record("Halts", "front_hand", "risk.halt"),
            _record("Change requests", "rule", "risk.changerequest"),
            _record("People", "badge", "risk.person"),
        ],
    ),
    (
        "Running",
        [
            _record("Passes", "autorenew", "trading.enginepass"),
            _record("Preflight", "checklist", "trading.preflightrun"),
            _record("Reconciliation", "balance", "trading.reconciliationrun"),
            _record("Breaks", "difference", "trading.reconciliationbreak"),
            _record("Daily reports", "summarize", "trading.dailyreport"),
            _record("Live armings", "bolt", "trading.livearming"),
            _record("Processes", "memory", "trading.processheartbeat"),
        ],
    ),
    (
        "Record",
        [
            _record("Events", "history", "audit.auditevent"),
            _record("Alerts", "notifications", "audit.alert"),
            _record("Seals", "verified", "audit.auditseal"),
            _record("Snapshots", "photo_camera", "audit.statesnapshot"),
        ],
    ),
    ("Access", [_record("Users", "group", "auth.user"), _record("Roles", "groups", "auth.group")]),
)

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Gatehouse",
    "SITE_HEADER": "Gatehouse",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("dashboard/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("dashboard/mark.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "trading.dashboard.unfold.environment",
    "STYLES": [lambda request: static("dashboard/css/admin.css")],
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "base": _BASE,
        "primary": _PRIMARY,
        "font": {
            "subtle-light": "#63686c",
            "subtle-dark": "#9aa2a8",
            "default-light": "#32373b",
            "default-dark": "#c9c9c4",
            "important-light": "#1b1d1f",
            "important-dark": "#e8eaeb",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [{"title": title, "separator": True, "items": items} for title, items in _SECTIONS],
    },
}
"""The whole of django-unfold's settings."""
