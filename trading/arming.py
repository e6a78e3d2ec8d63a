"""Whether a live account may send orders now: the one function that answers, with every missing reason.

Reads only; `trading.golive` writes the arming. A paper account needs none. It stands before entries alone: what reduces
a holding must always be able to leave, and a halt revokes the arming that it would need.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import rfc8785
from django.conf import settings
from django.db.models import Q

from risk.models import Breach, Halt, Limit
from risk.post_trade import governing
from risk.post_trade.values import Governed
from risk.standing import Limits
from trading import sessions
from trading.choices import Mode
from trading.models import Account, LiveArming, PreflightRun, Strategy

FRESH = timedelta(hours=24)
"""How old the latest preflight may be between sessions and at a simulated venue, whose clock is not the wall's.

At the real market, in a session, it must have been made from 15 minutes before the open on (control 47).
"""


def reasons_not_live(account: Account, *, now: datetime) -> list[str]:
    """Every reason why this account may not send orders now; empty when it may. Wall clock."""
    if account.mode == Mode.PAPER:
        return []
    reasons = switches_missing()
    arming = in_force(account)
    if arming is None:
        reasons.append("no approved go-live is in force: request one and have another person approve it")
        return [*reasons, *in_the_way(account)]
    return [*reasons, *ends(arming, account, now=now), *_preflight_missing(account, now)]


def in_force(account: Account) -> LiveArming | None:
    """The account's arming that nobody has revoked, whether or not it still holds."""
    return LiveArming.objects.filter(account=account, revoked_at=None).first()


def ends(arming: LiveArming, account: Account, *, now: datetime) -> list[str]:
    """Why this arming is over for good; empty while it holds. What happened since it counts, settled or not."""
    reasons = []
    if arming.expires_at <= now:
        reasons.append(f"the go-live approval expired at {arming.expires_at:%Y-%m-%d %H:%M} UTC: request a new one")
    if arming.fingerprint != fingerprint(account):
        reasons.append("the build, a strategy or a limit changed after the approval: request go-live again")
    return [*reasons, *in_the_way(account, since=arming.armed_at)]


def in_the_way(account: Account, *, since: datetime | None = None) -> list[str]:
    """Open halts and broken limits of the account, and with `since` also those begun then and settled meanwhile."""
    halts = Halt.objects.filter(
        Q(scope_kind="firm") | Q(scope_kind="account", scope_key=account.number), _open_or_since("engaged_at", since)
    )
    breaches = Breach.objects.broken().filter(_open_or_since("opened_at", since, "closed_at"), account=account.number)
    return [
        *(
            f"a halt is engaged: {halt}" if halt.released_at is None else f"a halt was engaged: {halt}"
            for halt in halts
        ),
        *(f"a limit was broken: {code}" for code in sorted(set(breaches.values_list("code", flat=True)))),
    ]


def _open_or_since(began: str, since: datetime | None, ended: str = "released_at") -> Q:
    still = Q(**{ended: None})
    return still if since is None else still | Q(**{f"{began}__gte": since})


def _preflight_missing(account: Account, now: datetime) -> list[str]:
    latest = PreflightRun.objects.filter(account=account).order_by("-ran_at", "-pk").first()
    session = None if settings.VENUE_CONTROL_URL else sessions.session_at(now)
    if session is not None:
        found = governing.preflight(
            Governed(
                mode=account.mode,
                now=now,
                market_now=now,
                last_session=None,
                drilled_at=None,
                preflight_at=latest.ran_at if latest else None,
                preflight_passed=latest is not None and latest.passed,
                start_at=session.open_at,
            ),
            Limits(),
        )
        return [finding.sentence for finding in found]
    if latest is None or now - latest.ran_at > FRESH:
        return ["no preflight ran within 24 hours: run it"]
    return [] if latest.passed else [f"the latest preflight ({latest.ran_at:%Y-%m-%d %H:%M} UTC) is red: run it again"]


def switches_missing() -> list[str]:
    missing = []
    if settings.TRADING_MODE != Mode.LIVE:
        missing.append("TRADING_MODE is not live")
    if not settings.LIVE_TRADING_ENABLED:
        missing.append("LIVE_TRADING_ENABLED is not true")
    return missing


def fingerprint(account: Account) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of all that an approval covers: build, strategies, limits."""
    return hashlib.sha256(rfc8785.dumps(covered(account))).hexdigest()


def covered(account: Account) -> dict[str, Any]:
    """What a go-live approval covers, in words and figures a person can compare."""
    strategies = Strategy.objects.filter(account=account, active=True).order_by("name")
    limits = Limit.objects.filter(active_to=None).order_by("scope_kind", "scope_key", "name")
    return {
        "account": account.number,
        "build": settings.BUILD_ID,
        "strategies": [
            {
                "name": s.name,
                "rule": s.rule,
                "version": s.version,
                "parameters": s.parameters,
                "symbols": s.symbols,
                "risk_fraction": f"{s.risk_fraction.normalize():f}",
            }
            for s in strategies
        ],
        "limits": [
            {"scope": f"{x.scope_kind}:{x.scope_key}", "name": x.name, "version": x.version, "value": f"{x.value:f}"}
            for x in limits
        ],
    }
