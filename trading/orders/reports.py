"""Applying what the broker says of our orders, however it was heard. Idempotent: the same news twice is no news.

Stream, poll, heal and reconciliation hand the same values to the same two functions. Late news never undoes newer: a
status moves only along the table of legal moves, a filled quantity only grows, and a fill is known by its order and
cumulative quantity.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet

from audit import crash_points, trail
from trading import positions
from trading.broker.gateway import FillReport, OrderReport
from trading.choices import TERMINAL, OrderStatus
from trading.models import Account, AccountState, FillSighting, Order
from trading.orders import legs, moves


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
        order = _find(account, report)
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
    """Book every fill activity that is not booked yet; returns those of orders that are not ours."""
    strangers: list[FillReport] = []
    for fill in sorted(unseen(fills), key=lambda f: (f.at, f.cumulative_quantity)):
        with transaction.atomic():
            AccountState.objects.select_for_update().get(account=account)
            order = _ours(account).filter(broker_order_id=fill.broker_order_id).first()
            if order is None:
                strangers.append(fill)
                continue
            _book(
                order,
                positions.Execution(
                    quantity=fill.quantity,
                    price=fill.price,
                    cumulative_quantity=fill.cumulative_quantity,
                    at=fill.at,
                    source=FillSighting.Source.ACTIVITY,
                    broker_fill_id=fill.activity_id,
                ),
                now=now,
            )
        crash_points.reach("fill.committed")
    return strangers


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
    )


def _find(account: Account, report: OrderReport) -> Order | None:
    rows = list(
        _ours(account).filter(
            Q(broker_order_id=report.broker_order_id) | Q(client_order_id=report.client_order_id)
            if report.client_order_id
            else Q(broker_order_id=report.broker_order_id)
        )
    )
    # The broker's own id is the stronger evidence where a replacement re-used words.
    rows.sort(key=lambda order: order.broker_order_id != report.broker_order_id)
    return rows[0] if rows else None


def _apply_to(order: Order, report: OrderReport, *, now: datetime, heard: Heard) -> bool:
    """One order's row, its fill and its event; True when anything changed."""
    before = standing(order)
    booked = _book_execution(order, report, now=now) if report.execution is not None else False
    take_over(order, report, now=now)
    changed = before != standing(order)
    if changed:
        order.save(update_fields=[*TAKEN_OVER])
    if before[:2] != (order.status, order.filled_quantity):
        trail.record_many([entry(order, report, now=now, heard=heard, revived=before[0] == OrderStatus.WITHDRAWN)])
    return changed or booked


TAKEN_OVER = (
    "status",
    "broker_status",
    "broker_order_id",
    "quantity",
    "filled_quantity",
    "filled_average_price",
    "stop_price",
    "answered_at",
    "finished_at",
)
"""What a report may change of an order's row."""


def standing(order: Order) -> tuple[object, ...]:
    """What of the row is news when a report changes it; status and filled quantity come first."""
    figures = order.quantity, order.filled_average_price, order.stop_price
    return order.status, order.filled_quantity, order.broker_order_id, *figures


def take_over(order: Order, report: OrderReport, *, now: datetime) -> None:
    """Move the row in memory to what the report says, along legal moves alone. The caller holds its lock and saves."""
    order.broker_order_id = order.broker_order_id or report.broker_order_id
    order.broker_status = report.raw_status[:32]
    order.answered_at = order.answered_at or now
    if 0 < report.filled_quantity >= order.filled_quantity:
        order.filled_quantity = min(report.filled_quantity, order.quantity)
        order.filled_average_price = report.filled_average_price or order.filled_average_price
    if report.quantity is not None and order.filled_quantity <= report.quantity < order.quantity:
        # The other exit has sold a part: the broker makes this one smaller in place. It never grows again.
        order.quantity = report.quantity
    if report.stop_price is not None and order.stop_price is not None:
        order.stop_price = report.stop_price
    status = _status(order, report)
    if status is not None and status != order.status and moves.may_move(order, status):
        order.status = status
        if status in TERMINAL:
            order.finished_at = report.updated_at or now


def _status(order: Order, report: OrderReport) -> OrderStatus | None:
    """The state the report puts the order in; None where it has no word of ours and says nothing by itself."""
    if report.status is not None:
        return report.status
    known = order.status not in (OrderStatus.SUBMITTED, OrderStatus.UNKNOWN)
    return None if known else OrderStatus.ACCEPTED


def _book_execution(order: Order, report: OrderReport, *, now: datetime) -> bool:
    execution = report.execution
    assert execution is not None  # noqa: S101 the caller looked
    return _book(
        order,
        positions.Execution(
            quantity=execution.quantity,
            price=execution.price,
            cumulative_quantity=report.filled_quantity,
            at=execution.at,
            source=FillSighting.Source.STREAM,
            broker_fill_id=execution.execution_id,
        ),
        now=now,
    )


def _book(order: Order, execution: positions.Execution, *, now: datetime) -> bool:
    booked = positions.apply_fill(order, execution, now=now)
    if order.filled_quantity < execution.cumulative_quantity:
        order.filled_quantity = min(execution.cumulative_quantity, order.quantity)
        order.save(update_fields=["filled_quantity"])
    return booked


def entry(order: Order, report: OrderReport, *, now: datetime, heard: Heard, revived: bool = False) -> trail.Entry:
    """The event of an order that a report has moved."""
    word = OrderStatus(order.status)
    symbol = order.instrument.symbol
    done = f" {order.filled_quantity.normalize():f} of {order.quantity.normalize():f}" if order.filled_quantity else ""
    at = f" @ {report.filled_average_price.normalize():f}" if report.filled_average_price else ""
    late = ", though it had been withdrawn as never sent" if revived else ""
    return trail.Entry(
        event=f"order.{word.value}",
        account=order.account.number,
        mode=order.mode,
        subject=symbol,
        sentence=f"{symbol} {order.get_purpose_display()} {order.side} {word.label}{done}{at}{late}",
        data={"broker_order_id": order.broker_order_id, "heard": heard.value, "broker_status": report.raw_status},
        by="broker",
        now=now,
        severity="critical" if revived else "warning" if word == OrderStatus.REJECTED else "info",
        pass_id=order.intent.pass_id,
        intent=str(order.intent_id),
        order=order.client_order_id,
    )
