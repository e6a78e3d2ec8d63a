"""Carrying on with a halt that is not at its end: its process died, the broker was away, a position would not close.

A halt stands for what it demands, not for one try at it. People may ask at any time too; both are safe at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, Q

from risk.models import Halt
from risk.models.scope import ScopeKind
from trading.choices import Purpose
from trading.halting import kill_switch
from trading.halting.reach import Reach
from trading.models import Account, Order

SOONEST, LATEST = timedelta(seconds=30), timedelta(minutes=5)
"""Between two tries. The first is left to the one who pulled it, who may still be at work."""

SLOWER = 10
"""A halt that stands for so many times the pause is tried again only after that pause."""


def carry_on(account: Account, *, by: str, now: datetime) -> list[kill_switch.Receipt]:
    """Stop at the broker what open halts of level H2 and H3 still find of the account. Safe to run twice at once.

    Meant for sessions: by night nothing closes. Raises RuntimeError inside a transaction.
    """
    return [kill_switch.carry_on(halt, reach, by=by, now=now) for halt, reach in _unfinished(account, now)]


def _unfinished(account: Account, now: datetime) -> Iterator[tuple[Halt, Reach]]:
    """Halts whose next try has come, the gravest first; looked at one by one, for one may end what another wants."""
    names = account.strategies.values("name")
    mine = (
        Q(scope_kind__in=(ScopeKind.FIRM, ScopeKind.SYMBOL))
        | Q(scope_kind=ScopeKind.ACCOUNT, scope_key=account.number)
        | Q(scope_kind=ScopeKind.STRATEGY, scope_key__in=names)
    )
    open_ = Halt.objects.open().in_earnest().filter(mine, level__in=(Halt.Level.H2, Halt.Level.H3))
    for halt in open_.order_by("-level", "engaged_at"):
        tried = halt.receipts.filter(account=account.number).aggregate(at=Max("at"))["at"]
        reach = _reach(halt, account)
        if _is_due(halt.engaged_at, tried, now) and _is_left(halt, reach):
            yield halt, reach


def _is_due(engaged_at: datetime, tried_at: datetime | None, now: datetime) -> bool:
    last = tried_at or engaged_at
    return now - last >= min(max(SOONEST, (last - engaged_at) / SLOWER), LATEST)


def _reach(halt: Halt, account: Account) -> Reach:
    strategy = halt.scope_key if halt.scope_kind == ScopeKind.STRATEGY else ""
    return Reach(account, strategy, halt.scope_key if halt.scope_kind == ScopeKind.SYMBOL else "")


def _is_left(halt: Halt, reach: Reach) -> bool:
    """Whether anything is there that the halt must not leave: a working entry, and under H3 a position."""
    if Order.objects.working().filter(reach.within(), purpose=Purpose.ENTRY).exists():
        return True
    return halt.level == Halt.Level.H3 and reach.held().exists()
