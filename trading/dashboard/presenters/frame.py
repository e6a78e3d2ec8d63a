"""What stands around every page: mode, account, clock, halts, places to go, and the health of each process."""

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, User
from django.db.models import Max
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from audit.models import AuditEvent
from risk.models import ChangeRequest
from trading.dashboard import access, chosen, modes
from trading.dashboard.presenters import calls, evidence, halts, market_clock, processes
from trading.models import Account, ReconciliationBreak

_SEED = re.compile(r"drawn .*by seed (\d+)")
"""How the venue says that its minutes are drawn; prices from a file are not."""

PLACES = (
    ("desk", "Desk", "d", access.SEE),
    ("blotter", "Blotter", "b", access.SEE),
    ("positions", "Positions", "p", access.SEE),
    ("risk", "Risk", "r", access.SEE_LIMITS),
    ("requests", "Requests", "q", access.SEE_LIMITS),
    ("reconciliation", "Reconciliation", "c", access.SEE),
    ("preflight", "Preflight", "f", access.SEE),
    ("reports", "Reports", "s", access.SEE),
    ("audit", "Audit", "a", access.SEE_AUDIT),
)
"""Url name, title, key after g, permission; in the order of the questions a desk asks."""


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `frame`, read from the database only when a template uses it."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not access.may_see(user):
        return _outside(user)
    now = timezone.now()
    accounts = chosen.accounts(request)
    account = chosen.account(request)
    time = market_clock.read(account, now)
    return {
        "person": user.get_username(),
        "may": {"halt": user.has_perm(access.HALT), "admin": user.is_staff},
        "own": _own_links(),
        "mode": modes.of_account(account.mode) if account else modes.of_house(),
        "account": _account(account) if account else None,
        "accounts": [_account(each) for each in accounts],
        "path": request.get_full_path(),
        **_data(time),
        "clock": market_clock.shown(time),
        "halts": halts.banners(account, time),
        "evidence": evidence.strip(account),
        **_places(request, user, account, now),
        "processes": processes.health(now),
        "calls": calls.line(account, now),
        "sequence": f"{AuditEvent.objects.aggregate(newest=Max('id'))['newest'] or 0:,}",
        "build": settings.BUILD_ID,
        "socket": "/ws/desk/",
    }


def _outside(user: Any) -> dict[str, Any]:
    """For someone who is not signed in, or may not see the desk: the mode and the build, no query."""
    return {"person": "", "mode": modes.of_house(), "data": "", "build": settings.BUILD_ID, "may": {}}


def _account(account: Account) -> dict[str, Any]:
    return {"id": account.pk, "number": account.number, "name": account.name, "mode": account.mode}


def _data(time: market_clock.DeskTime) -> dict[str, str]:
    """Where prices come from, short for the banner and in full for its tooltip."""
    if not time.simulated:
        said = f"prices from Alpaca, {settings.MARKET_DATA_FEED} feed"
        return {"data": said, "data_full": said}
    note = processes.venue_note()
    seed = _SEED.search(note)
    drawn = f", real daily bars of {time.session_date.isoformat()}, minutes drawn by seed {seed[1]}" if seed else ""
    return {"data": f"simulated venue{drawn or ', session of ' + time.session_date.isoformat()}", "data_full": note}


def _places(request: HttpRequest, user: AbstractUser | User, account: Account | None, now: datetime) -> dict[str, Any]:
    here = request.resolver_match.url_name if request.resolver_match else ""
    counts = {
        "requests": (ChangeRequest.objects.open(now).count(), ""),
        "reconciliation": (_open_breaks(account), "bad"),
    }
    nav = [
        {
            "href": reverse(name),
            "title": title,
            "key": key,
            "current": _within(here, name),
            "count": counts.get(name, (0, ""))[0],
            "tone": counts.get(name, (0, ""))[1],
        }
        for name, title, key, permission in PLACES
        if user.has_perm(permission)
    ]
    return {"nav": nav, "here": next((place["title"] for place in nav if place["current"]), "")}


def _within(here: str | None, name: str) -> bool:
    """Whether the page is the place itself or a part of it, for instance one intent of the blotter."""
    parts = {"intent": "blotter", "request": "requests", "daily-report": "reports", "preflight-run": "preflight"}
    return bool(here) and parts.get(here or "", here) == name


def _open_breaks(account: Account | None) -> int:
    open_ones = ReconciliationBreak.objects.filter(status=ReconciliationBreak.Status.OPEN)
    return open_ones.filter(account=account).count() if account else open_ones.count()


def _own_links() -> list[dict[str, str]]:
    links = (
        ("mfa_index", "Second factors"),
        ("account_change_password", "Password"),
        ("usersessions_list", "Sessions"),
    )
    found = []
    for name, title in links:
        try:
            found.append({"href": reverse(name), "title": title})
        except NoReverseMatch:
            continue
    return found
