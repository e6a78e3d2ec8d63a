"""Comparing our books with the broker's, twice before it is believed. A difference is a case: no overwrite, no trade.

Healing comes first, so that news still on its way is not taken for a difference.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from audit import crash_points, trail
from trading import healing, sessions, strangers
from trading.broker.gateway import BrokerError, BrokerGateway, FillReport, OrderReport, PositionReport
from trading.choices import TERMINAL, UNRESOLVED
from trading.models import Account, AccountState, Order, Position, ReconciliationBreak, ReconciliationRun
from trading.reconciling import differences, executions, own_sums
from trading.reconciling.differences import Difference, Side

BY = "reconciliation"

STRANGER = "no order of ours"
"""What our books say of a fill that is not ours."""

DRILL_LASTS = timedelta(minutes=15)
"""An order of a drill that rests longer than this (venue's clock) could not be canceled by healing: it is a case."""


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
        with_fills = kind == ReconciliationRun.Kind.CLOSE
        found, theirs = _look(account, gateway, now=now, market_now=market_now, with_fills=with_fills)
        if found:
            again, theirs = _look(account, gateway, now=now, market_now=market_now, with_fills=with_fills)
            found = differences.confirmed(found, again)
    except BrokerError as failure:
        return ReconciliationRun.objects.create(
            account=account, kind=kind, outcome="unreadable", note=str(failure), session_date=day, ran_at=now
        )
    crash_points.reach("reconcile.compared")
    return _write(account, kind, found, theirs, day=day, now=now)


def standing(account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime) -> list[Difference]:
    """Every difference at this moment, fills of the session too; opens and closes no case. Raises as the gateway."""
    return _look(account, gateway, now=now, market_now=market_now, with_fills=True)[0]


def _look(
    account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime, with_fills: bool
) -> tuple[list[Difference], Side]:
    healed = healing.heal(account, gateway, now=now, market_now=market_now)
    reports = gateway.open_orders()
    held = gateway.positions()
    theirs = Side(
        positions={p.symbol: p.quantity for p in held},
        orders=_their_orders(account, reports, market_now=market_now),
        cash=gateway.account().cash,
    )
    found = differences.differences(_ours(account), theirs)
    found += [case_of(fill) for fill in healed.stranger_fills]
    found += _missing_fills(account)
    found += own_sums.differences(account)
    # Activities are read where something may be wrong with them, and at every close.
    if with_fills or found or _fill_case_is_open(account):
        found += executions.differences(account, gateway, market_now=market_now)
    return [_with_evidence(each, account, held, found) for each in found], theirs


def case_of(fill: FillReport) -> Difference:
    """What a fill of an order that is not ours is, with all that is needed to take it over."""
    seen = f"{fill.quantity.normalize():f} @ {fill.price}"
    evidence = {
        "stranger": True,
        "broker_order_id": fill.broker_order_id,
        "side": str(fill.side),
        "at": fill.at.isoformat(),
    }
    return Difference("fill", fill.activity_id, fill.symbol, STRANGER, seen, evidence)


def _fill_case_is_open(account: Account) -> bool:
    cases = ReconciliationBreak.objects.filter(account=account, kind="fill", status="open")
    return cases.exclude(expected=STRANGER).exists()


def _with_evidence(
    each: Difference, account: Account, held: Iterable[PositionReport], found: list[Difference]
) -> Difference:
    """What a person needs to decide, and whether it stands in none of our books."""
    evidence = dict(each.evidence)
    if each.kind == "position":
        price = next((report.average_price for report in held if report.symbol == each.symbol), None)
        evidence["price"] = None if price is None else f"{price:f}"
        explained = any(other.kind == "fill" and other.symbol == each.symbol for other in found)
        evidence["stranger"] = each.expected == "0 shares" and not explained
    if each.kind == "order":
        evidence["stranger"] = bool(strangers.unknown(account, [each.subject]))
    return replace(each, evidence=evidence)


def _missing_fills(account: Account) -> list[Difference]:
    """Orders of which the broker filled more than it has told fills for."""
    short = Order.objects.filter(account=account, booked_quantity__lt=F("filled_quantity"))
    return [
        Difference(
            "fill",
            order.broker_order_id or order.client_order_id,
            order.instrument.symbol,
            f"{order.booked_quantity.normalize():f} shares booked",
            f"{order.filled_quantity.normalize():f} shares filled",
        )
        for order in short.select_related("instrument").order_by("pk")
    ]


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


def _their_orders(
    account: Account, reports: Iterable[OrderReport], *, market_now: datetime
) -> dict[str, tuple[str, Decimal]]:
    """Open orders at the broker, without running drills and those just sent whose broker id is not heard yet."""
    in_flight = set(
        Order.objects.filter(account=account, status__in=UNRESOLVED, broker_order_id=None).values_list(
            "client_order_id", flat=True
        )
    )
    settled = [
        report
        for report in reports
        if report.client_order_id not in in_flight and not _is_running_drill(report, market_now)
    ]
    # A filled entry is listed while its legs are open.
    open_ = [report for report in healing.flatten(settled) if report.status not in TERMINAL]
    return {report.broker_order_id: (report.symbol, report.filled_quantity) for report in open_}


def _is_running_drill(report: OrderReport, market_now: datetime) -> bool:
    at = report.submitted_at
    return healing.is_drill(report) and (at is None or market_now - at < DRILL_LASTS)


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
        before = _last_outcome(account)
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
        own_sums.put_right(account, found)
        if kind == ReconciliationRun.Kind.CLOSE or run.outcome != (before or "clean"):
            _tell(account, run, now=now)
    crash_points.reach("reconcile.written")
    return run


def _last_outcome(account: Account) -> str:
    """How the last comparison that could be made ended; empty when there was none."""
    readable = ReconciliationRun.objects.filter(account=account).exclude(outcome="unreadable")
    return readable.order_by("-ran_at", "-pk").values_list("outcome", flat=True).first() or ""


def _open(account: Account, run: ReconciliationRun, difference: Difference, *, now: datetime) -> None:
    if _was_settled(account, difference):
        return
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
        crash_points.reach("reconcile.break_written")
        trail.record(
            event="reconciliation.break_opened",
            account=account.number,
            mode=account.mode,
            subject=where,
            sentence=f"{where}: {difference.words}",
            by=BY,
            now=now,
            severity="critical",
        )


def _was_settled(account: Account, difference: Difference) -> bool:
    """Whether a person closed the case of this very fill: it is read again for as long as it is in the window."""
    return (
        difference.expected == STRANGER
        and ReconciliationBreak.objects.filter(
            account=account, kind=difference.kind, subject=difference.subject, status="resolved"
        ).exists()
    )


def _close_equal_again(account: Account, found: list[Difference], *, now: datetime) -> None:
    still = {(difference.kind, difference.subject) for difference in found}
    for case in ReconciliationBreak.objects.select_for_update().filter(account=account, status="open"):
        # A fill that is not ours stays a case until a person closes it: it leaves the window it was read through.
        if case.expected == STRANGER or (case.kind, case.subject) in still:
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
