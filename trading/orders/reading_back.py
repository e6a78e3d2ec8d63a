"""Reading orders back until the broker shows each as final, or patience ends: the one loop of all who must be sure."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from trading.broker.gateway import BrokerError, BrokerGateway, OrderReport
from trading.choices import TERMINAL, OrderStatus
from trading.models import Account, Order
from trading.orders import bulk
from trading.orders.reports import Heard

READ_AGAIN = 0.05
"""Seconds between two looks."""

MANY = 8
"""From so many orders on they are read as a list: one request for all instead of one for each."""

REACH = timedelta(days=2)
"""How far apart the decisions of listed orders may lie; older ones are read one by one."""

SLACK = timedelta(minutes=1)

type Ask = Callable[[Sequence[Order]], None]
type _Part = tuple[Sequence[OrderReport], Sequence[Order]]


@dataclass(slots=True)
class Urgent:
    """Orders whose end somebody waits for: `then` is called once, as soon as all of them have ended in our books."""

    rows: Sequence[Order]
    then: Callable[[], None]
    called: bool = False

    def first(self, told: Sequence[OrderReport], open_: Sequence[Order]) -> list[_Part]:
        """Reports and rows in two parts, the urgent ones first."""
        if self.called:
            return [(told, open_)]
        keys = {order.pk for order in self.rows}
        known = {str(order.intent_id) for order in self.rows} | {order.broker_order_id for order in self.rows}
        theirs = [bool(known & {report.client_order_id, report.broker_order_id}) for report in told]
        return [
            (
                [report for report, urgent in zip(told, theirs, strict=True) if urgent == now],
                [order for order in open_ if (order.pk in keys) == now],
            )
            for now in (True, False)
        ]

    def look(self) -> None:
        """Call `then` where it is time. What was replaced goes on at the broker under another id."""
        ended = TERMINAL - {OrderStatus.REPLACED}
        if not self.called and all(order.status in ended for order in self.rows):
            self.called = True
            self.then()


def until_final(
    account: Account,
    waiting: Iterable[Order],
    *,
    gateway: BrokerGateway,
    now: datetime,
    patience: float,
    ask: Ask | None = None,
    heard: Callable[[], None] | None = None,
    urgent: Urgent | None = None,
) -> list[Order]:
    """Take over what the broker says of each order until all are final; returns those that are not after `patience`.

    `patience` is in seconds; with 0 each is looked at once. `ask` is called before every look with what is still open,
    `heard` when the broker's answers are in and not yet taken over. What is said of `urgent` ones is taken over first.
    The rows handed in are brought up to date. A broker that cannot be read leaves orders open. What took an order's
    place at the broker is waited for, asked about and returned in its stead.
    """

    def look(open_: Sequence[Order]) -> Sequence[Order]:
        if ask is not None:
            ask(open_)
        told = _read(open_, gateway, _one_if_readable)
        if heard is not None:
            heard()
        parts = [(told, open_)] if urgent is None else urgent.first(told, open_)
        for reports, rows in parts:
            bulk.apply_reports(account, reports, now=now, heard=Heard.POLL, rows=rows)
            if urgent is not None:
                urgent.look()
        return [order for order in (*open_, *_successors(open_)) if order.status not in TERMINAL]

    return _repeat(look, list(waiting), patience)


def final_report(gateway: BrokerGateway, broker_order_id: str, *, patience: float) -> OrderReport | None:
    """The report of an order without a row of ours, once the broker shows it as final; None when patience ends.

    Raises what the gateway raises for a read.
    """
    seen: list[OrderReport] = []

    def look(ids: Sequence[str]) -> Sequence[str]:
        seen[:] = [report for each in ids if (report := gateway.order(each)) is not None]
        final = {report.broker_order_id for report in seen if report.status in TERMINAL}
        return [each for each in ids if each not in final]

    return None if _repeat(look, [broker_order_id], patience) else seen[0]


def seen_by_client_id(gateway: BrokerGateway, client_order_id: str, *, patience: float) -> OrderReport | None:
    """The report of an order without a row of ours whose answer was lost; None where it is not shown in time.

    Raises what the gateway raises for a read.
    """
    seen: list[OrderReport] = []

    def look(ids: Sequence[str]) -> Sequence[str]:
        seen[:] = [report for each in ids if (report := gateway.order_by_client_id(each)) is not None]
        return () if seen else ids

    return None if _repeat(look, [client_order_id], patience) else seen[0]


def _successors(looked_at: Sequence[Order]) -> Iterable[Order]:
    replaced = [order.pk for order in looked_at if order.status == OrderStatus.REPLACED]
    if not replaced:
        return ()
    return Order.objects.filter(replaces__in=replaced).select_related("account", "instrument", "intent").order_by("pk")


def _repeat[T](look: Callable[[Sequence[T]], Sequence[T]], waiting: list[T], patience: float) -> list[T]:
    deadline = time.monotonic() + patience
    while waiting:
        waiting = list(look(waiting))
        if not waiting or time.monotonic() >= deadline:
            break
        time.sleep(READ_AGAIN)
    return waiting


def reports_of(rows: Sequence[Order], gateway: BrokerGateway) -> list[OrderReport]:
    """What the broker says of orders now, as a list where they are many; an order it does not show is left out.

    Raises what the gateway raises for a read.
    """
    return _read(rows, gateway, _one)


def _read(
    open_: Sequence[Order], gateway: BrokerGateway, one: Callable[[Order, BrokerGateway], OrderReport | None]
) -> list[OrderReport]:
    told = listed(open_, gateway) if len(open_) >= MANY else []
    seen = {part.broker_order_id for report in told for part in (report, *report.legs)}
    words = {report.client_order_id for report in told}
    missing = [each for each in open_ if each.broker_order_id not in seen and each.client_order_id not in words]
    return told + [report for order in missing if (report := one(order, gateway)) is not None]


def listed(open_: Sequence[Order], gateway: BrokerGateway) -> list[OrderReport]:
    """Reports of the young among the orders, by the root's client id; legs come with their parents.

    Empty where the list cannot be read.
    """
    decided = [order.intent.decided_at for order in open_]
    since = max(decided) - REACH
    young = min(each for each in decided if each >= since) - SLACK
    roots = {str(order.intent_id) for order in open_}
    try:
        return [report for report in gateway.orders_since(young, wanted=roots) if report.client_order_id in roots]
    except BrokerError:
        return []


def _one(order: Order, gateway: BrokerGateway) -> OrderReport | None:
    if order.broker_order_id is None:
        return gateway.order_by_client_id(order.client_order_id)
    return gateway.order(order.broker_order_id)


def _one_if_readable(order: Order, gateway: BrokerGateway) -> OrderReport | None:
    try:
        return _one(order, gateway)
    except BrokerError:
        return None
