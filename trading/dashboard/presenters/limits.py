"""The risk page: every limit in force with its use, breaches, halts with their receipts."""

from itertools import groupby
from typing import Any

from django.db.models import Case, Q, When

from risk import policy, wording
from risk.models import Breach, Halt, Limit
from trading.dashboard import words
from trading.dashboard.presenters import equity, halts, holdings, uses
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account, AccountState

_MOST = 50
_SHOWN = 8
"""Breaches on the page; what was prevented earlier stands in the blotter."""


def read(account: Account, time: DeskTime) -> dict[str, Any]:
    """Everything the page shows."""
    held = holdings.read(account)
    hero = equity.hero(account, AccountState.objects.filter(account=account).first(), time)
    standing = uses.measure(account, held, hero["equity"], hero["mark"], time)
    limits = uses.in_force(account)
    binding = {limit.pk for limit in uses.strictest(limits).values()}
    rows = [_limit(limit, standing, limit.pk in binding) for limit in limits if limit.name != "allowed"]
    day, found, breaches = words.exchange_date(time.wall), _halts(account), _breaches(account)
    return {
        "tiles": uses.tiles(standing, limits),
        "groups": [
            {"scope": scope, "rows": list(found)} for scope, found in groupby(_by_scope(rows), lambda r: r["scope"])
        ],
        "choices": [_choice(limit) for limit in limits if limit.name != "allowed"],
        "allowed": [limit.scope_key for limit in limits if limit.name == "allowed" and limit.value],
        "breaches": [_breach(breach, time) for breach in breaches[:_SHOWN]],
        "more_breaches": len(breaches) - _SHOWN if len(breaches) > _SHOWN else 0,
        "halts": [_halt(halt, time) for halt in found if not halt.is_drill],
        "drill": next((words.moment(halt.engaged_at, day) for halt in found if halt.is_drill), ""),
        "today": day.isoformat(),
    }


def _by_scope(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = {"firm": 0, "account": 1, "strategy": 2, "symbol": 3}
    return sorted(rows, key=lambda row: (order[row["kind"]], row["scope"]))


def _limit(limit: Limit, standing: uses.Standing, binds: bool) -> dict[str, Any]:
    bound = policy.BOUNDS.get(limit.name)
    value = standing.measured.get(limit.name) if binds else None
    return {
        "kind": limit.scope_kind,
        "scope": limit.scope,
        "name": limit.name,
        "title": wording.title(limit.name),
        "meaning": bound.meaning if bound else "",
        "control": bound.control if bound else "",
        "value": uses.figure(limit.unit, limit.value),
        "ceiling": uses.figure(limit.unit, bound.ceiling) if bound else words.NOTHING,
        "now": uses.figure(limit.unit, value) if value is not None else "",
        "bar": uses.use(limit, value),
        "version": limit.version,
        "set_by": limit.set_by,
        "since": f"{limit.active_from:%Y-%m-%d}",
        "reason": limit.reason,
    }


def _choice(limit: Limit) -> dict[str, str]:
    title = f"{wording.title(limit.name)} · {limit.scope} · now {uses.figure(limit.unit, limit.value)}"
    return {"value": f"{limit.name}|{limit.scope_kind}|{limit.scope_key}", "title": title}


def _breaches(account: Account) -> list[Breach]:
    found = Breach.objects.filter(Q(account=account.number) | Q(account=""))
    # Those that were broken and are not closed come first: a person has to close them.
    waiting = Case(When(stage=Breach.Stage.BROKEN, closed_at__isnull=True, then=0), default=1)
    return list(found.order_by(waiting, "-opened_at")[:_MOST])


def _breach(breach: Breach, time: DeskTime) -> dict[str, Any]:
    broken = breach.stage == Breach.Stage.BROKEN
    return {
        "at": words.moment(breach.opened_at, words.exchange_date(time.wall)),
        "symbol": breach.symbol,
        "code": breach.code,
        "sentence": breach.sentence,
        "title": wording.title(breach.limit_name),
        "broken": broken,
        "done": breach.done,
        "tone": "bad" if broken else "deny",
        "stage": "broken" if broken else "prevented",
        "open": breach.closed_at is None,
        "closed": f"closed by {breach.closed_by}: {breach.closing_reason}" if breach.closed_at else "",
    }


def _halts(account: Account) -> list[Halt]:
    reach = Q(scope_kind__in=("firm", "strategy", "symbol")) | Q(scope_kind="account", scope_key=account.number)
    return list(Halt.objects.filter(reach).prefetch_related("receipts").order_by("-engaged_at")[:_MOST])


def _halt(halt: Halt, time: DeskTime) -> dict[str, Any]:
    day = words.exchange_date(time.wall)
    newest = {receipt.subject: receipt for receipt in sorted(halt.receipts.all(), key=lambda each: each.pk)}
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
