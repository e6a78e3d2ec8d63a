"""Comparing our books with the broker's, twice before it is believed. A difference is a case: no overwrite, no trade.

Healing comes first, so that news still on its way is not taken for a difference.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from audit import trail
from trading import differences, healing, sessions
from trading.broker.gateway import BrokerError, BrokerGateway, OrderReport
from trading.choices import UNRESOLVED
from trading.differences import Difference, Side
from trading.models import Account, AccountState, Order, Position, ReconciliationBreak, ReconciliationRun

BY = "reconciliation"


class Unreadable(Exception):
    """The broker could not be read, so nothing was compared."""


def compare(
    account: Account,
    gateway: BrokerGateway,
    *,
    kind: ReconciliationRun.Kind,
    now: datetime,
    market_now: datetime,
) -> ReconciliationRun:
    """Compare positions, orders and cash; write the run, open confirmed breaks, and close those that are equal again.

    A broker that cannot be read is written down as such and changes no case.
    """
    day = sessions.date_of(market_now)
    try:
        found, theirs = _look(account, gateway, now=now, market_now=market_now)
        if found:
            again, theirs = _look(account, gateway, now=now, market_now=market_now)
            found = differences.confirmed(found, again)
    except BrokerError as failure:
        return ReconciliationRun.objects.create(
            account=account, kind=kind, outcome="unreadable", note=str(failure), session_date=day, ran_at=now
        )
    return _write(account, kind, found, theirs, day=day, now=now)


def _look(
    account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime
) -> tuple[list[Difference], Side]:
    healed = healing.heal(account, gateway, now=now, market_now=market_now)
    reports = gateway.open_orders()
    theirs = Side(
        positions={p.symbol: p.quantity for p in gateway.positions()},
        orders=_their_orders(account, reports),
        cash=gateway.account().cash,
    )
    found = differences.differences(_ours(account), theirs)
    found += [
        Difference("fill", fill.activity_id, fill.symbol, "no order of ours", f"{fill.quantity} @ {fill.price}")
        for fill in healed.stranger_fills
    ]
    return found, theirs


def _ours(account: Account) -> Side:
    held = Position.objects.filter(account=account).exclude(quantity=0)
    working = Order.objects.working().filter(account=account, broker_order_id__isnull=False)
    return Side(
        positions=dict(held.values_list("instrument__symbol", "quantity")),
        orders={
            broker_id or "": (symbol, filled)
            for broker_id, symbol, filled in working.values_list(
                "broker_order_id", "instrument__symbol", "filled_quantity"
            )
        },
        cash=AccountState.objects.get(account=account).ledger_cash,
    )


def _their_orders(account: Account, reports: Iterable[OrderReport]) -> dict[str, tuple[str, Decimal]]:
    """Open orders at the broker, without those we have just sent and not yet heard of by their broker id."""
    in_flight = set(
        Order.objects.filter(account=account, status__in=UNRESOLVED, broker_order_id=None).values_list(
            "client_order_id", flat=True
        )
    )
    settled = [report for report in reports if report.client_order_id not in in_flight]
    return {r.broker_order_id: (r.symbol, r.filled_quantity) for r in healing.flatten(settled)}


def _write(
    account: Account,
    kind: ReconciliationRun.Kind,
    found: list[Difference],
    theirs: Side,
    *,
    day: date,
    now: datetime,
) -> ReconciliationRun:
    with transaction.atomic():
        state = AccountState.objects.select_for_update().get(account=account)
        gap = None if theirs.cash is None or state.ledger_cash is None else state.ledger_cash - theirs.cash
        run = ReconciliationRun.objects.create(
            account=account,
            kind=kind,
            outcome="breaks" if found else "clean",
            positions=len(theirs.positions),
            orders=len(theirs.orders),
            cash_difference=gap,
            session_date=day,
            ran_at=now,
        )
        _close_equal_again(account, found, now=now)
        for difference in found:
            _open(account, run, difference, now=now)
        if kind == ReconciliationRun.Kind.CLOSE or found:
            _tell(account, run, now=now)
    return run


def _open(account: Account, run: ReconciliationRun, difference: Difference, *, now: datetime) -> None:
    _, fresh = ReconciliationBreak.objects.get_or_create(
        account=account,
        kind=difference.kind,
        subject=difference.subject,
        status=ReconciliationBreak.Status.OPEN,
        defaults={
            "run": run,
            "symbol": difference.symbol,
            "expected": difference.expected,
            "seen": difference.seen,
            "evidence": difference.evidence,
            "opened_at": now,
        },
    )
    if fresh:
        where = difference.symbol or difference.subject
        trail.record(
            event="reconciliation.break_opened",
            account=account.number,
            mode=account.mode,
            subject=where,
            sentence=f"{where}: our books say {difference.expected}, the broker says {difference.seen}",
            by=BY,
            now=now,
            severity="critical",
        )


def _close_equal_again(account: Account, found: list[Difference], *, now: datetime) -> None:
    still = {(difference.kind, difference.subject) for difference in found}
    for case in ReconciliationBreak.objects.select_for_update().filter(account=account, status="open"):
        # A fill that is not ours stays a case until a person closes it: it leaves the window it was read through.
        if case.kind == ReconciliationBreak.Kind.FILL or (case.kind, case.subject) in still:
            continue
        case.status, case.resolved_at, case.resolved_by = ReconciliationBreak.Status.RESOLVED, now, BY
        case.resolution = "both sides were equal again at a later comparison"
        case.save(update_fields=["status", "resolved_at", "resolved_by", "resolution"])
        trail.record(
            event="reconciliation.break_resolved",
            account=account.number,
            mode=account.mode,
            subject=case.symbol or case.subject,
            sentence=f"{case.symbol or case.subject}: {case.resolution}",
            by=BY,
            now=now,
        )


def _tell(account: Account, run: ReconciliationRun, *, now: datetime) -> None:
    equal = run.outcome == ReconciliationRun.Outcome.CLEAN
    trail.record(
        event="reconciliation.clean" if equal else "reconciliation.differs",
        account=account.number,
        mode=account.mode,
        sentence=f"{run.positions} positions, {run.orders} orders, cash: {'equal' if equal else 'not equal'}",
        data={"kind": run.kind, "cash_difference": run.cash_difference},
        by=BY,
        now=now,
        severity="info" if equal else "critical",
    )
