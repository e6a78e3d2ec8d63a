"""Applying what the broker says of our orders, however it was heard. Idempotent: the same news twice is no news.

Stream, poll, heal and reconciliation hand the same values to the same two functions. Late news never undoes newer: a
status moves only along the table of legal moves, a filled quantity only grows, and a fill is known by its order and
cumulative quantity.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import batched

from django.db import DataError, IntegrityError, transaction
from django.db.models import Q, QuerySet

from audit import crash_points, trail
from trading import positions
from trading.broker.gateway import FillReport, OrderReport
from trading.choices import TERMINAL, OrderStatus, Purpose
from trading.models import Account, AccountState, FillSighting, Order
from trading.orders import chains, legs, moves, saving

HEAVY = ("intent__inputs", "intent__verdict", "intent__limit_versions")
"""Evidence and verdict, which nobody wants here."""

AT_ONCE = 250
"""Fills booked in one transaction: so long the account's row is locked."""


class Heard(StrEnum):
    """How a report reached us."""

    ANSWER = "answer"
    STREAM = "stream"
    POLL = "poll"


class Outcome(StrEnum):
    """What a report led to."""

    APPLIED = "applied"
    NOTHING_NEW = "nothing new"
    FILL_MISSING = "fill missing"  # the broker has filled more than is booked: ask for the fills
    UNRECOGNISED = "unrecognised"  # no order of ours has this id: heal, and else it is a reconciliation case


def apply_report(account: Account, report: OrderReport, *, now: datetime, heard: Heard) -> Outcome:
    """Bring the order, its legs and the books up to what the report says. Takes the account's row lock."""
    with transaction.atomic():
        AccountState.objects.select_for_update().get(account=account)
        order = _find(account, report, now=now)
        if order is None:
            return Outcome.UNRECOGNISED
        changed = _apply_to(order, report, now=now, heard=heard)
        for leg_report in report.legs:
            leg = legs.find_or_open(order, leg_report, now=now)
            changed |= leg is not None and _apply_to(leg, leg_report, now=now, heard=heard)
        crash_points.reach("report.before_commit")
    crash_points.reach("report.committed")
    order.refresh_from_db(fields=["filled_quantity", "booked_quantity"])
    if order.booked_quantity < order.filled_quantity:
        return Outcome.FILL_MISSING
    return Outcome.APPLIED if changed else Outcome.NOTHING_NEW


def apply_fills(account: Account, fills: Iterable[FillReport], *, now: datetime) -> list[FillReport]:
    """Book every fill activity that is not booked yet; returns those of orders that are not ours.

    Many are booked in one transaction. Where one cannot be booked at all, those before it are kept and it raises.
    """
    strangers: list[FillReport] = []
    for part in batched(sorted(unseen(fills), key=lambda f: (f.at, f.cumulative_quantity)), AT_ONCE):
        try:
            strangers += _book_activities(account, part, now=now)
        except (DataError, IntegrityError):
            for fill in part:
                strangers += _book_activities(account, [fill], now=now)
    return strangers


def _book_activities(account: Account, fills: Sequence[FillReport], *, now: datetime) -> list[FillReport]:
    with transaction.atomic():
        AccountState.objects.select_for_update().get(account=account)
        found = _ours(account).filter(broker_order_id__in={fill.broker_order_id for fill in fills}).order_by("pk")
        ours = {order.broker_order_id: order for order in found}
        before = {order.pk: standing(order) for order in ours.values()}
        told = [
            (
                ours[fill.broker_order_id],
                positions.Execution(
                    quantity=fill.quantity,
                    price=fill.price,
                    cumulative_quantity=fill.cumulative_quantity,
                    at=fill.at,
                    source=FillSighting.Source.ACTIVITY,
                    broker_fill_id=fill.activity_id,
                ),
            )
            for fill in fills
            if fill.broker_order_id in ours
        ]
        positions.apply_fills(told, now=now)
        for order, execution in told:
            follow_fill(order, execution.cumulative_quantity, execution.at)
        changed = [order for order in ours.values() if before[order.pk] != standing(order)]
        saving.save(changed)
        moved = [order for order in changed if before[order.pk][0] != order.status]
        trail.record_many(entry(order, now=now, heard=Heard.POLL) for order in moved)
    crash_points.reach("fill.committed")
    return [fill for fill in fills if fill.broker_order_id not in ours]


def unseen(fills: Iterable[FillReport]) -> list[FillReport]:
    """Activities not heard before; one statement for all of them, none where there are none."""
    told = list(fills)
    if not told:
        return []
    seen = FillSighting.objects.filter(
        source=FillSighting.Source.ACTIVITY, broker_fill_id__in=[fill.activity_id for fill in told]
    )
    known = set(seen.values_list("broker_fill_id", flat=True))
    return [fill for fill in told if fill.activity_id not in known]


def _ours(account: Account) -> QuerySet[Order]:
    return (
        Order.objects.select_for_update(of=("self",))
        .filter(account=account)
        .select_related("account", "instrument", "intent")
        .defer(*HEAVY)
    )


def _find(account: Account, report: OrderReport, *, now: datetime) -> Order | None:
    known = Q(broker_order_id=report.broker_order_id)
    if report.client_order_id:
        known |= Q(client_order_id=report.client_order_id)
    if report.replaces:
        known |= Q(broker_order_id=report.replaces)
    rows = list(_ours(account).filter(known))
    # The broker's own id is the strongest evidence, and a replacement may have been given the old one's words.
    for row in rows:
        if row.broker_order_id == report.broker_order_id:
            return row
    for row in rows:
        if report.replaces and row.broker_order_id == report.replaces:
            return chains.open_successor(row, report.broker_order_id, now=now)
    return rows[0] if rows else None


def _apply_to(order: Order, report: OrderReport, *, now: datetime, heard: Heard) -> bool:
    """One order's row, its fill and its event; True when anything changed."""
    before = standing(order)
    booked = _book_execution(order, report, now=now) if report.execution is not None else False
    take_over(order, report, now=now)
    changed = before != standing(order)
    if changed:
        order.save(update_fields=saving.COLUMNS)
    if before[:2] != (order.status, order.filled_quantity):
        trail.record_many([entry(order, now=now, heard=heard, revived=before[0] == OrderStatus.WITHDRAWN)])
    chains.follow(order, report, now=now)
    return changed or booked


def standing(order: Order) -> tuple[object, ...]:
    """What of the row is news when a report changes it; status and filled quantity come first."""
    figures = order.quantity, order.filled_average_price, order.limit_price, order.stop_price
    return order.status, order.filled_quantity, order.broker_order_id, *figures


def take_over(order: Order, report: OrderReport, *, now: datetime) -> None:
    """Move the row in memory to what the report says, along legal moves alone. The caller holds its lock and saves."""
    _take_shape(order, report)
    order.broker_order_id = order.broker_order_id or report.broker_order_id
    order.broker_status = report.raw_status[:32]
    order.answered_at = order.answered_at or now
    if 0 < report.filled_quantity >= order.filled_quantity:
        order.filled_quantity = min(report.filled_quantity, order.quantity)
        order.filled_average_price = report.filled_average_price or order.filled_average_price
    status = _status(order, report)
    if status is not None and status != order.status and moves.may_move(order, status):
        order.status = status
        if status in TERMINAL:
            order.finished_at = report.updated_at or now
    _settle(order, report.updated_at or now)


def _take_shape(order: Order, report: OrderReport) -> None:
    """Quantity and prices of what works at the broker; the type is never changed there."""
    # A leg that found no shares to sell ends with a quantity of nothing: that is no shape.
    if report.quantity and order.filled_quantity <= report.quantity:
        # The other exit has sold a part: the broker makes this one smaller in place. It never grows again; only what
        # took another order's place may be larger than that.
        smaller = report.quantity < order.quantity
        order.quantity = report.quantity if smaller or chains.takes_shape(order) else order.quantity
    if report.limit_price is not None and order.limit_price is not None:
        order.limit_price = report.limit_price
    if report.stop_price is not None and order.stop_price is not None:
        order.stop_price = report.stop_price


def follow_fill(order: Order, cumulative_quantity: Decimal, at: datetime) -> None:
    """Let the row in memory tell of a fill, whether or not a report has told of it. The caller saves."""
    order.filled_quantity = max(order.filled_quantity, min(cumulative_quantity, order.quantity))
    _settle(order, at)


def _settle(order: Order, at: datetime) -> None:
    """Let an order whose every share is filled be FILLED, whatever word of the broker's came last."""
    if order.filled_quantity == order.quantity and moves.may_move(order, OrderStatus.FILLED):
        order.status, order.finished_at = OrderStatus.FILLED, at
    elif order.filled_quantity and order.status == OrderStatus.ACCEPTED:
        order.status = OrderStatus.PARTIALLY_FILLED


def _status(order: Order, report: OrderReport) -> OrderStatus | None:
    """The state the report puts the order in; None where it has no word of ours and says nothing by itself."""
    if report.status == OrderStatus.REPLACED and not report.replaced_by:
        # Half heard: its exposure is held until the broker tells what took its place.
        return OrderStatus.PENDING_REPLACE
    if report.status is not None:
        return report.status
    known = order.status not in (OrderStatus.SUBMITTED, OrderStatus.UNKNOWN)
    return None if known else OrderStatus.ACCEPTED


def _book_execution(order: Order, report: OrderReport, *, now: datetime) -> bool:
    execution = report.execution
    assert execution is not None  # noqa: S101 the caller looked
    told = positions.Execution(
        quantity=execution.quantity,
        price=execution.price,
        cumulative_quantity=report.filled_quantity,
        at=execution.at,
        source=FillSighting.Source.STREAM,
        broker_fill_id=execution.execution_id,
    )
    return positions.apply_fill(order, told, now=now)


def entry(order: Order, *, now: datetime, heard: Heard, revived: bool = False) -> trail.Entry:
    """The event of an order that the broker's word has moved."""
    word = OrderStatus(order.status)
    symbol = order.instrument.symbol
    done = f" {order.filled_quantity.normalize():f} of {order.quantity.normalize():f}" if order.filled_quantity else ""
    at = f" @ {order.filled_average_price.normalize():f}" if order.filled_average_price else ""
    late = ", though it had been withdrawn as never sent" if revived else ""
    return trail.Entry(
        event=f"order.{word.value}",
        account=order.account.number,
        mode=order.mode,
        subject=symbol,
        sentence=f"{symbol} {Purpose(order.purpose).label} {order.side} {word.label}{done}{at}{late}",
        data={"broker_order_id": order.broker_order_id, "heard": heard.value, "broker_status": order.broker_status},
        by="broker",
        now=now,
        severity="critical" if revived else "warning" if word == OrderStatus.REJECTED else "info",
        pass_id=order.intent.pass_id,
        intent=str(order.intent_id),
        order=order.client_order_id,
    )
