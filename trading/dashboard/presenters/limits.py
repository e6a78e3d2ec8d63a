"""The risk page: every limit in force with its use, breaches, halts with their receipts."""

from itertools import groupby
from typing import Any

from django.db.models import Q

from risk import policy, wording
from risk.models import Halt, Limit
from trading.dashboard import words
from trading.dashboard.presenters import breaches, halts, ramp, uses
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account
from trading.watching import limit_use

_MOST = 50
_SHOWN = 8
"""Breaches on the page; what was prevented earlier stands in the blotter."""


def read(account: Account, time: DeskTime) -> dict[str, Any]:
    """Everything the page shows."""
    used = limit_use.measure(account, market_now=time.market)
    standing = uses.Standing(used, used.get("drawdown_fraction"), used.get("open_risk_fraction"))
    limits = uses.in_force(account)
    binding = {limit.pk for limit in uses.strictest(limits).values()}
    rows = [_limit(limit, standing, limit.pk in binding, time) for limit in limits if limit.name != "allowed"]
    day, found, seen = words.exchange_date(time.wall), _halts(account), list(breaches.of(account)[: _SHOWN + 1])
    return {
        "stage": ramp.line(account),
        "tiles": uses.tiles(standing, limits),
        "groups": [
            {"scope": scope, "rows": list(found)} for scope, found in groupby(_by_scope(rows), lambda r: r["scope"])
        ],
        "choices": [_choice(limit) for limit in limits if limit.name != "allowed"],
        "allowed": [limit.scope_key for limit in limits if limit.name == "allowed" and limit.value],
        "breaches": [breaches.line(breach, time) for breach in seen[:_SHOWN]],
        "more_breaches": len(seen) > _SHOWN,
        "halts": [_halt(halt, time) for halt in found if not halt.is_drill],
        "drill": next((words.moment(halt.engaged_at, day) for halt in found if halt.is_drill), ""),
        "today": day.isoformat(),
    }


def _by_scope(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = {"firm": 0, "account": 1, "strategy": 2, "symbol": 3}
    return sorted(rows, key=lambda row: (order[row["kind"]], row["scope"]))


def _limit(limit: Limit, standing: uses.Standing, binds: bool, time: DeskTime) -> dict[str, Any]:
    bound = policy.BOUNDS.get(limit.name)
    value = standing.measured.get(limit.name) if binds else None
    return {
        "kind": limit.scope_kind,
        "scope": limit.scope,
        "name": limit.name,
        "title": wording.title(limit.name),
        "meaning": bound.meaning if bound else "",
        "control": bound.control if bound else "",
        "value": uses.figure(limit.unit, limit.value_at(time.wall)),
        "until": _until(limit, time),
        "ceiling": uses.figure(limit.unit, bound.ceiling) if bound else words.NOTHING,
        "now": uses.figure(limit.unit, value) if value is not None else "",
        "bar": uses.use(limit, value),
        "version": limit.version,
        "set_by": limit.set_by,
        "since": f"{limit.active_from:%Y-%m-%d}",
        "reason": limit.reason,
    }


def _until(limit: Limit, time: DeskTime) -> str:
    """When a temporary value ends and what returns then; empty for a lasting one."""
    if limit.expires_at is None or limit.expires_at <= time.wall:
        return ""
    end = words.moment(limit.expires_at, words.exchange_date(time.wall))
    return f"until {end} ET, then {uses.figure(limit.unit, limit.returns_to)}"


def _choice(limit: Limit) -> dict[str, str]:
    title = f"{wording.title(limit.name)} · {limit.scope} · now {uses.figure(limit.unit, limit.value)}"
    return {"value": f"{limit.name}|{limit.scope_kind}|{limit.scope_key}", "title": title}


def _halts(account: Account) -> list[Halt]:
    reach = Q(scope_kind__in=("firm", "strategy", "symbol")) | Q(scope_kind="account", scope_key=account.number)
    return list(Halt.objects.filter(reach).prefetch_related("receipts").order_by("-engaged_at")[:_MOST])


def _halt(halt: Halt, time: DeskTime) -> dict[str, Any]:
    day = words.exchange_date(time.wall)
    newest = {
        (receipt.account, receipt.subject): receipt for receipt in sorted(halt.receipts.all(), key=lambda each: each.pk)
    }
    still = [receipt for receipt in newest.values() if receipt.outcome != "CONFIRMED"]
    return {
        "id": halt.pk,
        "level": halt.level,
        "does": halts.LEVELS[halt.level],
        "scope": halt.scope,
        "reason": halt.reason,
        "by": halt.engaged_by,
        "at": words.moment(halt.engaged_at, day),
        "open": halt.released_at is None,
        "released": f"released {words.moment(halt.released_at, day)} by {halt.released_by}" if halt.released_at else "",
        "stopped": f"{len(newest) - len(still)} of {len(newest)} confirmed at the broker"
        if newest
        else "nothing to stop",
        "still": len(still),
    }
