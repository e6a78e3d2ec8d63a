"""Applying many reports in one transaction with a handful of statements: a halt has hundreds to take over at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Q

from audit import trail
from trading.broker.gateway import OrderReport
from trading.choices import OrderStatus
from trading.models import Account, AccountState, Order
from trading.orders import legs, reports
from trading.orders.reports import Heard

_TYPES = {
    "status": "text",
    "broker_status": "text",
    "broker_order_id": "text",
    "quantity": "numeric",
    "filled_quantity": "numeric",
    "filled_average_price": "numeric",
    "stop_price": "numeric",
    "answered_at": "timestamptz",
    "finished_at": "timestamptz",
}
assert tuple(_TYPES) == reports.TAKEN_OVER  # noqa: S101 a column forgotten here would be lost in silence


def apply_reports(
    account: Account, told: Sequence[OrderReport], *, now: datetime, heard: Heard, rows: Sequence[Order] = ()
) -> list[OrderReport]:
    """Bring orders and their legs up to what reports read by REST say; returns those that are not ours.

    Means the same as `apply_report` for each. Reports of the stream, which carry executions, are not for here. `rows`
    are rows at hand: they are brought up to date under the lock instead of being read anew.
    """
    if not told and not rows:
        return []
    with transaction.atomic():
        AccountState.objects.select_for_update().get(account=account)
        known = _Known(account, told, rows)
        strangers = [report for report in told if known.order(report) is None]
        changed, entries = [], []
        for order, report in _pairs(known, told, now=now):
            before = reports.standing(order)
            reports.take_over(order, report, now=now)
            if before != reports.standing(order):
                changed.append(order)
            if before[:2] != (order.status, order.filled_quantity):
                revived = before[0] == OrderStatus.WITHDRAWN
                entries.append(reports.entry(order, report, now=now, heard=heard, revived=revived))
        _save(changed)
        trail.record_many(entries)
    return strangers


class _Known:
    """Our rows behind the reports, locked; the broker's own id is the stronger evidence."""

    def __init__(self, account: Account, told: Sequence[OrderReport], rows: Sequence[Order]) -> None:
        self._by_id: dict[str, Order] = {}
        self._by_word: dict[str, Order] = {}
        _bring_up_to_date(rows)
        self._take(rows)
        every = [part for report in told for part in (report, *report.legs)]
        ids = [part.broker_order_id for part in every if part.broker_order_id not in self._by_id]
        words = [part.client_order_id for part in every if part.client_order_id and part.broker_order_id in set(ids)]
        if ids:
            self._take(_read(account, ids, words))

    def _take(self, rows: Iterable[Order]) -> None:
        for row in rows:
            self._by_word.setdefault(row.client_order_id, row)
            if row.broker_order_id:
                self._by_id.setdefault(row.broker_order_id, row)

    def order(self, report: OrderReport) -> Order | None:
        found = self._by_id.get(report.broker_order_id)
        return found or (self._by_word.get(report.client_order_id) if report.client_order_id else None)

    def leg(self, parent: Order, report: OrderReport, *, now: datetime) -> Order | None:
        return self._by_id.get(report.broker_order_id) or legs.find_or_open(parent, report, now=now)


def _read(account: Account, ids: Sequence[str], words: Sequence[str]) -> Iterable[Order]:
    return (
        Order.objects.select_for_update(of=("self",))
        .filter(Q(broker_order_id__in=ids) | Q(client_order_id__in=words), account=account)
        .select_related("account", "instrument", "intent")
        # Evidence and verdict of hundreds of intents are not wanted here.
        .defer("intent__inputs", "intent__verdict", "intent__limit_versions")
        .order_by("pk")
    )


_MUTABLE = (*_TYPES, "booked_quantity", "reason")


def _bring_up_to_date(rows: Sequence[Order]) -> None:
    """Lock rows at hand and let them show what is true now."""
    found = Order.objects.select_for_update().filter(pk__in=[row.pk for row in rows]).order_by("pk")
    fresh = {values[0]: values[1:] for values in found.values_list("pk", *_MUTABLE)} if rows else {}
    for row in rows:
        for name, value in zip(_MUTABLE, fresh[row.pk], strict=True):
            setattr(row, name, value)


def _pairs(known: _Known, told: Iterable[OrderReport], *, now: datetime) -> Iterable[tuple[Order, OrderReport]]:
    for report in told:
        order = known.order(report)
        if order is None:
            continue
        yield order, report
        for part in report.legs:
            leg = known.leg(order, part, now=now)
            if leg is not None:
                yield leg, part


def _save(changed: Sequence[Order]) -> None:
    """One UPDATE whatever their number; the table's triggers look at each row."""
    if not changed:
        return
    columns = ", ".join(f"{name} = new.{name}" for name in _TYPES)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _TYPES.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Order._meta.db_table} AS o SET {columns}"  # noqa: S608 names of our own columns
            f" FROM unnest(%s::bigint[], {arrays}) AS new (id, {', '.join(_TYPES)}) WHERE o.id = new.id",
            [
                [order.pk for order in changed],
                *([_value(order, name) for order in changed] for name in _TYPES),
            ],
        )


def _value(order: Order, name: str) -> object:
    """A column's new value; a row made a moment ago holds its defaults as whole numbers, and arrays are of one type."""
    value = getattr(order, name)
    return Decimal(value) if isinstance(value, int) else value
