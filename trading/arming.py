"""Whether a live account may send orders now: the one function that answers, with every missing reason.

Reads only; `trading.golive` writes the arming. A paper account needs none.
"""

import hashlib
from datetime import datetime
from typing import Any

import rfc8785
from django.conf import settings

from risk.models import Halt, Limit
from trading.choices import Mode
from trading.models import Account, LiveArming, Strategy


def reasons_not_live(account: Account, *, now: datetime) -> list[str]:
    """Every reason why this account may not send orders now; empty when it may. Wall clock."""
    if account.mode == Mode.PAPER:
        return []
    reasons = switches_missing()
    arming = LiveArming.objects.filter(account=account, revoked_at=None).first()
    if arming is None:
        reasons.append("no approved go-live is in force: request one and have another person approve it")
        return reasons
    if arming.expires_at <= now:
        reasons.append(f"the go-live approval expired at {arming.expires_at:%Y-%m-%d %H:%M} UTC: request a new one")
    if arming.fingerprint != fingerprint(account):
        reasons.append("the build, a strategy or a limit changed after the approval: request go-live again")
    if Halt.objects.filter(released_at=None, scope_kind__in=("firm", "account"), scope_key__in=("", account.number)):
        reasons.append("a halt is engaged")
    return reasons


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
