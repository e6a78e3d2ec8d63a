"""Catching up with the broker by REST: working orders, missing fills, sends without an answer.

Runs at the start of every pass, after every gap of the stream, and before every comparison. Start and recovery are the
same path.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from trading import orders, portfolio
from trading.broker.gateway import BrokerGateway, FillReport, OrderReport
from trading.choices import UNRESOLVED, OrderStatus
from trading.models import Account, AccountState, Order
from trading.orders import moves

OVERLAP = timedelta(minutes=5)
"""Fills are read again this far back: an activity may appear after a later one. Known fills are no news."""


@dataclass(slots=True)
class Healed:
    """What a healing found: news applied, and what at the broker is not ours."""

    news: int = 0
    stranger_orders: list[OrderReport] = field(default_factory=list)
    stranger_fills: list[FillReport] = field(default_factory=list)


def heal(account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime) -> Healed:
    """Bring orders and books up to the broker. Raises what the gateway raises for a read; what was applied stays.

    `now` is the wall clock; `market_now` the venue's, on which fills are dated.
    """
    healed = Healed()
    for order in orders.unresolved(account, now=now):
        orders.ask_about(order, gateway=gateway, now=now)
    reports = gateway.open_orders()
    _apply_news(account, reports, healed, now=now)
    _ask_for_the_vanished(account, gateway, reports, healed, now=now)
    state = AccountState.objects.get(account=account)
    since = (state.heard_at or state.ledger_opened_at or market_now) - OVERLAP
    healed.stranger_fills = orders.apply_fills(account, _after_opening(gateway.fills_since(since), state), now=now)
    AccountState.objects.filter(account=account).update(heard_at=market_now)
    return healed


def withdraw_unsent(account: Account, *, now: datetime) -> int:
    """End approved orders that an earlier pass left behind: they were certainly never sent, for sending is saved first.

    Only the holder of the account's lease may call it. The next signal makes a new intent if it still wants one.
    """
    with transaction.atomic():
        portfolio.lock(account)
        left = Order.objects.select_for_update(of=("self",)).select_related("account", "instrument")
        rows = list(left.filter(account=account, status=OrderStatus.APPROVED))
        for order in rows:
            moves.withdraw(order, reason="a pass ended between approval and sending", now=now)
    return len(rows)


def flatten(reports: Iterable[OrderReport]) -> Iterator[OrderReport]:
    """Each order and each of its legs."""
    for report in reports:
        yield report
        yield from flatten(report.legs)


def _apply_news(account: Account, reports: Iterable[OrderReport], healed: Healed, *, now: datetime) -> None:
    known = {
        broker_id: (status, filled, booked)
        for broker_id, status, filled, booked in Order.objects.filter(
            account=account, broker_order_id__in=[r.broker_order_id for r in flatten(reports)]
        ).values_list("broker_order_id", "status", "filled_quantity", "booked_quantity")
    }
    for report in reports:
        if all(_is_old_news(known.get(part.broker_order_id), part) for part in flatten([report])):
            continue
        outcome = orders.apply_report(account, report, now=now, heard=orders.Heard.POLL)
        if outcome == orders.Outcome.UNRECOGNISED:
            healed.stranger_orders.append(report)
        elif outcome != orders.Outcome.NOTHING_NEW:
            healed.news += 1


def _is_old_news(known: tuple[str, object, object] | None, report: OrderReport) -> bool:
    return known == (report.status, report.filled_quantity, report.filled_quantity)


def _ask_for_the_vanished(
    account: Account, gateway: BrokerGateway, reports: Iterable[OrderReport], healed: Healed, *, now: datetime
) -> None:
    """Orders working by our books that the broker no longer lists as open: each is asked for by id."""
    listed = {report.broker_order_id for report in flatten(reports)}
    ours = Order.objects.working().filter(account=account, broker_order_id__isnull=False)
    for order in ours.exclude(broker_order_id__in=listed).exclude(status__in=UNRESOLVED):
        report = gateway.order(order.broker_order_id or "")
        if report is None:
            continue
        if orders.apply_report(account, report, now=now, heard=orders.Heard.POLL) != orders.Outcome.NOTHING_NEW:
            healed.news += 1


def _after_opening(fills: Iterable[FillReport], state: AccountState) -> list[FillReport]:
    """Fills before our books were opened belong to the opening balance."""
    opened = state.ledger_opened_at
    return [fill for fill in fills if opened is None or fill.at >= opened]
