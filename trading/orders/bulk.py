"""Applying many reports in one transaction with a handful of statements: a halt has hundreds to take over at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from audit import trail
from trading.broker.gateway import OrderReport
from trading.choices import OrderStatus
from trading.models import Account, AccountState, Order
from trading.orders import chains, legs, reports, saving
from trading.orders.reports import Heard


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
        strangers = [report for report in told if known.order(report, now=now) is None]
        known.open_legs(told, now=now)
        changed, entries = [], []
        for order, report in _pairs(known, told, now=now):
            before = reports.standing(order)
            reports.take_over(order, report, now=now)
            if before != reports.standing(order):
                changed.append(order)
            if before[:2] != (order.status, order.filled_quantity):
                revived = before[0] == OrderStatus.WITHDRAWN
                entries.append(reports.entry(order, now=now, heard=heard, revived=revived))
            known.take(chains.follow(order, report, now=now))
        saving.save(changed)
        trail.record_many(entries)
    return strangers


class _Known:
    """Our rows behind the reports, locked; the broker's own id is the stronger evidence."""

    def __init__(self, account: Account, told: Sequence[OrderReport], rows: Sequence[Order]) -> None:
        self._by_id: dict[str, Order] = {}
        self._by_word: dict[str, Order] = {}
        _bring_up_to_date(rows)
        self._take_all(rows)
        every = [part for report in told for part in (report, *report.legs)]
        told_of = [each for part in every for each in (part.broker_order_id, part.replaces) if each]
        ids = [each for each in told_of if each not in self._by_id]
        words = [part.client_order_id for part in every if part.client_order_id and part.broker_order_id in set(ids)]
        if ids:
            self._take_all(_read(account, ids, words))

    def _take_all(self, rows: Iterable[Order]) -> None:
        for row in rows:
            self.take(row)

    def take(self, row: Order | None) -> None:
        if row is not None:
            self._by_word.setdefault(row.client_order_id, row)
            if row.broker_order_id:
                self._by_id.setdefault(row.broker_order_id, row)

    def order(self, report: OrderReport, *, now: datetime) -> Order | None:
        found, old = self._by_id.get(report.broker_order_id), self._by_id.get(report.replaces)
        if found is None and old is not None:
            found = chains.open_successor(old, report.broker_order_id, now=now)
            self.take(found)
        return found or (self._by_word.get(report.client_order_id) if report.client_order_id else None)

    def open_legs(self, told: Iterable[OrderReport], *, now: datetime) -> None:
        """Legs at first sight, all at once. One that takes another's place, or is half told, waits for its turn."""
        wanted = [
            (parent, part)
            for report in told
            if report.legs and (parent := self.order(report, now=now)) is not None
            for part in report.legs
            if part.broker_order_id not in self._by_id and not part.replaces and legs.is_told(part)
        ]
        if wanted:
            self._take_all(legs.open_all(wanted, now=now))

    def leg(self, parent: Order, report: OrderReport, *, now: datetime) -> Order | None:
        return self._by_id.get(report.broker_order_id) or legs.find_or_open(parent, report, now=now)


def _read(account: Account, ids: Sequence[str], words: Sequence[str]) -> Iterable[Order]:
    return (
        Order.objects.select_for_update(of=("self",))
        .filter(Q(broker_order_id__in=ids) | Q(client_order_id__in=words), account=account)
        .select_related("account", "instrument", "intent")
        .defer(*reports.HEAVY)
        .order_by("pk")
    )


_MUTABLE = (*saving.COLUMNS, "booked_quantity", "reason")


def _bring_up_to_date(rows: Sequence[Order]) -> None:
    """Lock rows at hand and let them show what is true now."""
    found = Order.objects.select_for_update().filter(pk__in=[row.pk for row in rows]).order_by("pk")
    fresh = {values[0]: values[1:] for values in found.values_list("pk", *_MUTABLE)} if rows else {}
    for row in rows:
        for name, value in zip(_MUTABLE, fresh[row.pk], strict=True):
            setattr(row, name, value)


def _pairs(known: _Known, told: Iterable[OrderReport], *, now: datetime) -> Iterable[tuple[Order, OrderReport]]:
    for report in told:
        order = known.order(report, now=now)
        if order is None:
            continue
        yield order, report
        for part in report.legs:
            leg = known.leg(order, part, now=now)
            if leg is not None:
                yield leg, part
