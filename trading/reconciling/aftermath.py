"""What follows a trade is watched: comparisons that are late, cases that grow old, strangers at the broker.

Reads in four statements, whatever the history, and does what the findings call for. What it stops two people let go on.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from risk import breaches, halts, limits, post_trade
from risk.at_trade.values import Action
from risk.models import Breach, Halt
from risk.post_trade import comparing
from risk.post_trade.values import Compared, Finding, OpenCase
from risk.standing import Unjudgeable
from trading import sessions
from trading.choices import TERMINAL
from trading.models import Account, Order, ProcessHeartbeat, ReconciliationBreak, ReconciliationRun
from trading.watching import blind_spots

logger = logging.getLogger(__name__)

BY = "aftermath"

_DONE = {
    Action.WARN: "a warning was told; nothing was stopped",
    Action.H1: "H1 engaged for the account: entries stop until two people release it",
}


def read(account: Account, *, now: datetime, market_now: datetime) -> Compared:
    """How the account stands between both books. `now` is the wall clock, `market_now` the venue's."""
    readable = ReconciliationRun.objects.filter(account=account).exclude(outcome="unreadable")
    cases = ReconciliationBreak.objects.filter(account=account, status=ReconciliationBreak.Status.OPEN)
    rows = cases.values_list("subject", "symbol", "opened_at", "evidence")
    return Compared(
        account=account.number,
        mode=account.mode,
        now=now,
        session_date=sessions.date_of(market_now),
        watched_since=ProcessHeartbeat.objects.filter(process="worker").aggregate(newest=Max("started_at"))["newest"],
        compared_at=readable.order_by("-ran_at", "-pk").values_list("ran_at", flat=True).first(),
        working=Order.objects.filter(account=account).exclude(status__in=TERMINAL).count(),
        cases=tuple(OpenCase(who, symbol, at, not held.get("stranger", False)) for who, symbol, at, held in rows),
    )


def comparison_is_due(account: Account, *, now: datetime) -> bool:
    """Whether the books should be compared now (control 41). Without a limit in force they are."""
    try:
        return comparing.is_due(
            read(account, now=now, market_now=now), limits.in_force(account=account.number, now=now)
        )
    except Unjudgeable:
        return True


def watch(account: Account, *, now: datetime, market_now: datetime) -> list[Finding]:
    """Judge how the account stands and act; returns what was acted on. Safe to run twice at once."""
    compared = read(account, now=now, market_now=market_now)
    findings, blind = post_trade.judge(compared, limits.in_force(account=account.number, now=now))
    for each in blind:
        blind_spots.tell(
            each,
            called="control",
            account=compared.account,
            mode=compared.mode,
            session_date=compared.session_date,
            by=BY,
            now=compared.now,
        )
    return [finding for finding in findings if _act(compared, finding)]


def _act(compared: Compared, finding: Finding) -> bool:
    """Keep the breach and engage its halt in one transaction; False for a repeat."""
    stops = finding.action == Action.H1
    if stops and _stands(compared.account):
        return False
    if not stops and _is_open(compared, finding):
        return False
    with transaction.atomic():
        seen = breaches.sighting(
            finding, account=compared.account, mode=compared.mode, session_date=compared.session_date, done=_DONE
        )
        opened = breaches.open_sighting(seen, by=BY, now=compared.now)
        if stops:
            scope = {"scope_kind": "account", "scope_key": compared.account}
            halts.engage(level="H1", reason=finding.sentence, by=BY, now=compared.now, **scope)
    return stops or opened is not None


def _stands(account: str) -> bool:
    return Halt.objects.open().filter(level="H1", scope_kind="account", scope_key=account).exists()


def _is_open(compared: Compared, finding: Finding) -> bool:
    found = Breach.objects.open().filter(account=compared.account, code=finding.code.value)
    return found.filter(session_date=compared.session_date, symbol=finding.symbol).exists()
