"""Catching up with the broker by REST: working orders, missing fills, sends without an answer.

Runs at the start of every pass, after every gap of the stream, and before every comparison. Start and recovery are the
same path.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from audit import crash_points, trail
from trading import orders
from trading.broker.gateway import BrokerGateway, FillReport, OrderReport
from trading.choices import OrderClass, OrderStatus
from trading.models import Account, AccountState, Order
from trading.reading import books

logger = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=5)
"""Fills are read again this far back: an activity may appear after a later one. Known fills are no news."""


LOOK_BACK = timedelta(days=1)
"""How far before a fill of an unknown order its order is looked for among those submitted."""


DRILL = "drill-"
"""Beginning of the client id of a drill's order: it has no row of ours, and is canceled wherever it was left behind."""

DRILL_TAKES = timedelta(minutes=1)
"""An order of a drill that is older (venue's clock) was left behind: its drill has given up, or its process ended."""


@dataclass(slots=True)
class Healed:
    """What a healing found: news applied, what at the broker is not ours, and how our books stand after it."""

    held: books.Books
    news: int = 0
    stranger_orders: list[OrderReport] = field(default_factory=list)
    stranger_fills: list[FillReport] = field(default_factory=list)


def heal(
    account: Account,
    gateway: BrokerGateway,
    *,
    now: datetime,
    market_now: datetime,
    state: AccountState | None = None,
) -> Healed:
    """Bring orders and books up to the broker. Raises what the gateway raises for a read; what was applied stays.

    `now` is the wall clock; `market_now` the venue's, on which fills are dated. `state` is read where it is not given.
    """
    state = state or AccountState.objects.get(account=account)
    held = books.read(account.pk)
    healed = Healed(held)
    asked = _ask_about_the_unresolved(account, gateway, held, now=now)
    crash_points.reach("heal.asked")
    reports = gateway.open_orders()
    _ask_for_the_vanished(account, gateway, reports, healed, now=now)
    _apply_news(account, gateway, reports, healed, now=now)
    crash_points.reach("heal.news_applied")
    _cancel_left_drills(account, gateway, healed.stranger_orders, now=now, market_now=market_now)
    unseen = orders.unseen(_after_opening(gateway.fills_since(_since(held, state, market_now)), state))
    strangers = orders.apply_fills(account, unseen, now=now) if unseen else []
    if strangers and _adopt(account, gateway, strangers, now=now):
        strangers = orders.apply_fills(account, strangers, now=now)
    crash_points.reach("heal.fills_applied")
    healed.stranger_fills = strangers
    AccountState.objects.filter(account=account).update(heard_at=market_now)
    if asked or healed.news or unseen:
        healed.held = books.read(account.pk)
    return healed


def _ask_about_the_unresolved(account: Account, gateway: BrokerGateway, held: books.Books, *, now: datetime) -> int:
    return orders.resolve(account, gateway=gateway, now=now) if any(order.unresolved for order in held.orders) else 0


def _since(held: books.Books, state: AccountState, market_now: datetime) -> datetime:
    """Where fills are read from: what was heard last, or the oldest order that a fill is missing of."""
    heard = state.heard_at or state.ledger_opened_at or market_now
    oldest = min((order.decided_at for order in held.orders if order.lacks_fill), default=heard)
    return min(heard, oldest) - OVERLAP


def _adopt(account: Account, gateway: BrokerGateway, strangers: list[FillReport], *, now: datetime) -> bool:
    """Look for orders of ours behind fills of broker ids we do not know; True where one was found.

    A fill may be told before the answer to its order, and a leg may fill before its parent's report was seen. A list
    may show an order late; one whose legs were never heard is asked for by its id.
    """
    missed = {fill.broker_order_id for fill in strangers}
    told = [
        report
        for report in gateway.orders_since(min(fill.at for fill in strangers) - LOOK_BACK)
        if missed.intersection(part.broker_order_id for part in flatten([report]))
    ]
    missed.difference_update(part.broker_order_id for part in flatten(told))
    if missed:
        symbols = {fill.symbol for fill in strangers if fill.broker_order_id in missed}
        legless = Order.objects.filter(account=account, parent=None, legs=None, instrument__symbol__in=symbols)
        ids = legless.exclude(order_class=OrderClass.SIMPLE).exclude(broker_order_id=None)
        asked = (gateway.order(each) for each in ids.values_list("broker_order_id", flat=True) if each)
        told += [report for report in asked if report is not None and report.legs]
    return len(_apply(account, gateway, told, now=now)) < len(told)


def _apply(account: Account, gateway: BrokerGateway, told: list[OrderReport], *, now: datetime) -> list[OrderReport]:
    """Apply reports; returns those that are not ours. One that replaces another is traced back to an order of ours."""
    strangers = orders.apply_reports(account, told, now=now, heard=orders.Heard.POLL)
    return [report for report in strangers if not _is_traced(account, gateway, report, now=now)]


def _is_traced(account: Account, gateway: BrokerGateway, report: OrderReport, *, now: datetime) -> bool:
    chain = [report]
    while chain[-1].replaces and len(chain) <= orders.LONGEST_CHAIN:
        old = gateway.order(chain[-1].replaces)
        if old is None:
            break
        chain.append(old)
    if len(chain) == 1:
        return False
    return report not in orders.apply_reports(account, chain[::-1], now=now, heard=orders.Heard.POLL)


def flatten(reports: Iterable[OrderReport]) -> Iterator[OrderReport]:
    """Each order and each of its legs."""
    for report in reports:
        yield report
        yield from flatten(report.legs)


def _apply_news(
    account: Account, gateway: BrokerGateway, reports: Iterable[OrderReport], healed: Healed, *, now: datetime
) -> None:
    known = _known(healed.held, reports)
    news = [
        report
        for report in reports
        if not all(_is_old_news(known.get(part.broker_order_id), part) for part in flatten([report]))
    ]
    healed.stranger_orders = _apply(account, gateway, news, now=now)
    healed.news += len(news) - len(healed.stranger_orders)


def _known(held: books.Books, reports: Iterable[OrderReport]) -> dict[str | None, tuple[str, object, object, object]]:
    """Status and shares (ordered, filled, booked) of each order told, by the broker's id.

    A filled entry is told as long as its legs rest, and the books hold it no more: such rows take one statement.
    """
    known: dict[str | None, tuple[str, object, object, object]] = {
        order.broker_order_id: (order.status, order.quantity, order.filled_quantity, order.booked_quantity)
        for order in held.orders
    }
    ended = [part.broker_order_id for part in flatten(reports) if part.broker_order_id not in known]
    if ended:
        rows = Order.objects.filter(broker_order_id__in=ended).values_list(
            "broker_order_id", "status", "quantity", "filled_quantity", "booked_quantity"
        )
        known |= {broker_id: (status, wanted, done, booked) for broker_id, status, wanted, done, booked in rows}
    return known


def _is_old_news(known: tuple[str, object, object, object] | None, report: OrderReport) -> bool:
    return known == (report.status, report.quantity, report.filled_quantity, report.filled_quantity)


def _ask_for_the_vanished(
    account: Account, gateway: BrokerGateway, reports: Iterable[OrderReport], healed: Healed, *, now: datetime
) -> None:
    """Orders working by our books that the broker no longer lists as open: each is asked for by id."""
    listed = {report.broker_order_id for report in flatten(reports)}
    gone = [
        order.pk
        for order in healed.held.working
        if not order.unresolved and order.broker_order_id is not None and order.broker_order_id not in listed
    ]
    if not gone:
        return
    rows = list(Order.objects.filter(pk__in=gone).select_related("account", "instrument", "intent").order_by("pk"))
    told = orders.reports_of(rows, gateway)
    orders.apply_reports(account, told, now=now, heard=orders.Heard.POLL, rows=rows)
    healed.news += len(told)
    if any(part.replaced_by for part in flatten(told)):
        orders.resolve(account, gateway=gateway, now=now)


def is_drill(report: OrderReport) -> bool:
    """Whether the order is one of a drill's: sent to be canceled, never a stranger's."""
    return report.client_order_id.startswith(DRILL)


def _cancel_left_drills(
    account: Account, gateway: BrokerGateway, strangers: Iterable[OrderReport], *, now: datetime, market_now: datetime
) -> None:
    for report in filter(is_drill, strangers):
        at = report.submitted_at
        if at is None or market_now - at < DRILL_TAKES or report.status == OrderStatus.PENDING_CANCEL:
            continue
        obstacle = orders.cancel(gateway, report.broker_order_id)
        if obstacle:
            logger.warning("an order that a drill left behind stays: %s", obstacle, extra={"account": account.number})
            continue
        with transaction.atomic():
            trail.record(
                event="drill.swept",
                account=account.number,
                mode=account.mode,
                subject=report.symbol,
                sentence=f"{report.symbol}: an order that a drill left behind is canceled",
                by="healing",
                now=now,
                data={"broker_order_id": report.broker_order_id, "client_order_id": report.client_order_id},
            )


def _after_opening(fills: Iterable[FillReport], state: AccountState) -> list[FillReport]:
    """Fills before our books were opened belong to the opening balance."""
    opened = state.ledger_opened_at
    return [fill for fill in fills if opened is None or fill.at >= opened]
