"""Checks of what must hold when things go wrong: the emergency stop works, books are equal, positions are protected."""

from trading import drill
from trading.broker.gateway import BrokerError
from trading.models import ReconciliationBreak, ReconciliationRun
from trading.preflight.items import Context, Item, failed, passed, warned
from trading.proposing import protection
from trading.reading import books as our_books
from trading.reconciling import reconciliation


def emergency_stop(context: Context) -> Item:
    """The stop is exercised: the latch refuses, and the broker confirms a cancel."""
    try:
        proof = drill.exercise(context.account, context.gateway, now=context.now)
    except (drill.Failed, BrokerError) as failure:
        return failed(str(failure), "Do not trade: find out why the stop did not work, then run preflight again.")
    return passed(proof)


def books(context: Context) -> Item:
    """Positions, orders and cash are equal on both sides."""
    if context.market_now is None:
        return failed("nothing could be compared", "Check the connection to the broker.")
    run = reconciliation.compare(
        context.account,
        context.gateway,
        kind=ReconciliationRun.Kind.CONTINUOUS,
        now=context.now,
        market_now=context.market_now,
    )
    if run.outcome == ReconciliationRun.Outcome.UNREADABLE:
        return failed(f"{run.get_outcome_display()}: {run.note}", "Check the connection to the broker.")
    cases = ReconciliationBreak.objects.filter(account=context.account, status=ReconciliationBreak.Status.OPEN)
    if run.outcome != ReconciliationRun.Outcome.CLEAN or cases:
        told = "; ".join(f"{each.symbol or each.subject} {each.expected}, seen {each.seen}" for each in cases)
        return failed(f"differs: {told}", "Work off the open cases on the reconciliation page.")
    return passed(f"{run.positions} positions, {run.orders} open orders and cash are equal")


def positions_protected(context: Context) -> Item:
    """Every held share lies under a live stop."""
    naked = protection.naked(our_books.read(context.account.pk))
    if naked:
        return warned(f"{len(naked)} positions have no stop", "The next pass arms them; else close them by hand.")
    return passed("every held share lies under a stop")
