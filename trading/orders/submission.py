"""Sending approved orders: saved as sent before the wire, at most once, UNKNOWN when unsure."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import repeat

from django.db import transaction

from audit import crash_points, trail
from risk import gate
from trading import arming, error_rules, leases
from trading.broker import gateway as port
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Order
from trading.orders import bulk, moves, reports

logger = logging.getLogger(__name__)


HESITATION = timedelta(seconds=error_rules.HESITATION)
"""A process that stood still for longer between saving and sending sends no more: halts may have come meanwhile."""


@dataclass(frozen=True, slots=True)
class _Marked:
    """An order that is saved as sent, what of it leaves, and when the latch was looked at."""

    order: Order
    wire: port.NewOrder
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class _Unanswered:
    """How a send ended that brought no report of the order."""

    status: OrderStatus
    reason: str
    event: str


def submit(order_id: int, *, gateway: port.BrokerGateway, lease: leases.Lease, now: datetime) -> Order:
    """Send one approved order and record what is known of the outcome.

    Safe to call twice and from two places at once: only the caller that moves the row from APPROVED to SUBMITTED sends.

    Raises:
        leases.Fenced: another worker acts for the account; nothing was sent.
    """
    marked = _mark_submitted([order_id], lease=lease, now=now)
    if not marked:
        return Order.objects.get(pk=order_id)
    order, told = marked[0].order, _send(marked[0], gateway, lease)
    if isinstance(told, _Unanswered):
        return moves.finish(order.pk, told.status, reason=told.reason, event=told.event, now=now)
    reports.apply_report(order.account, told, now=now, heard=reports.Heard.ANSWER)
    crash_points.reach("order.outcome_saved")
    order.refresh_from_db()
    return order


def submit_at_once(
    order_ids: Sequence[int], *, gateways: Sequence[port.BrokerGateway], lease: leases.Lease, now: datetime
) -> dict[int, Order]:
    """Send approved orders of one account together, each by a gateway of its own; by row, how each stands then.

    Means the same as `submit` for each: all are saved as sent, after a look at the latch for each, before the first
    leaves. So many are on the wire at most: a halt that comes in between finds them there.

    Raises:
        leases.Fenced: another worker acts for the account; nothing was sent.
        ValueError: there are more orders than gateways.
    """
    if len(order_ids) > len(gateways):
        raise ValueError(f"{len(order_ids)} orders cannot leave at once by {len(gateways)} gateways")
    marked = _mark_submitted(order_ids, lease=lease, now=now)
    if marked:
        with ThreadPoolExecutor(len(marked)) as hands:
            told = list(hands.map(_send, marked, gateways, repeat(lease)))
        answers = [each for each in told if isinstance(each, port.OrderReport)]
        # Like `submit`, from here on the broker's word is what counts: a row it moved meanwhile is not moved back.
        bulk.apply_reports(marked[0].order.account, answers, now=now, heard=reports.Heard.ANSWER)
        for each, answer in zip(marked, told, strict=True):
            if isinstance(answer, _Unanswered):
                moves.finish(each.order.pk, answer.status, reason=answer.reason, event=answer.event, now=now)
        crash_points.reach("order.outcome_saved")
    return Order.objects.in_bulk(order_ids)


def _send(marked: _Marked, gateway: port.BrokerGateway, lease: leases.Lease) -> port.OrderReport | _Unanswered:
    """The wire alone: the broker's report, or how else it ended. Touches no row, so any thread may."""
    try:
        crash_points.reach("order.saved_before_wire")
        _be_prompt(lease.clock() - marked.looked_at)
        report = gateway.submit(marked.wire)
        crash_points.reach("order.answered")
    except port.BrokerRejected as refusal:
        return _Unanswered(OrderStatus.REJECTED, refusal.reason, "order.rejected")
    except port.BrokerUnavailable as failure:
        return _Unanswered(OrderStatus.WITHDRAWN, f"never sent: {failure}", "order.withdrawn")
    except port.OutcomeUnknown as doubt:
        return _Unanswered(OrderStatus.UNKNOWN, str(doubt), "order.unknown")
    except Exception as surprise:
        # The port has three failures; whatever else comes out of it is a mistake in our own adapter, and the broker may
        # have the order by then. It is UNKNOWN like any send without an answer, a critical event with its traceback in
        # the log; it is not raised on, for others' protective orders may stand behind this one.
        logger.exception("unanticipated failure while sending an order", extra={"order": marked.order.pk})
        reason = f"unanticipated {type(surprise).__name__} while sending"
        return _Unanswered(OrderStatus.UNKNOWN, reason, "order.unknown")
    return report


def _be_prompt(waited: timedelta) -> None:
    if waited > HESITATION:
        raise port.BrokerUnavailable(f"{waited.total_seconds():.1f} s passed between the last look and the wire")


def _mark_submitted(order_ids: Sequence[int], *, lease: leases.Lease, now: datetime) -> list[_Marked]:
    """Move orders of one account from APPROVED to SUBMITTED; those of them that are to be sent, in the order given.

    One statement of each kind however many they are. What cannot be written for the wire raises, and all stay APPROVED.
    """
    with transaction.atomic():
        leases.prove(lease)
        waiting = (
            Order.objects.select_for_update(of=("self",))
            .select_related("intent__strategy", "account", "instrument")
            .defer(*reports.HEAVY)
            .filter(pk__in=order_ids, status=OrderStatus.APPROVED)
        )
        rows = sorted(waiting.order_by("pk"), key=lambda order: order_ids.index(order.pk))
        wires = {order.pk: _wire_order(order) for order in rows}
        refusals, looked_at = _last_looks(rows, now=now), lease.clock()
        for order in rows:
            if refusals[order.pk]:
                moves.withdraw(order, reason=refusals[order.pk], now=now)
        going = [order for order in rows if not refusals[order.pk]]
        sent = {"status": OrderStatus.SUBMITTED, "submitted_at": now}
        Order.objects.filter(pk__in=[order.pk for order in going]).update(**sent)
        crash_points.reach("order.marked")
        trail.record_many(_sent(order, now=now) for order in going)
    return [_Marked(order, wires[order.pk], looked_at) for order in going]


def _last_looks(rows: Sequence[Order], *, now: datetime) -> dict[int, str]:
    """Why an order may not leave after all, by row; empty when it may. The halt latch is read last of all."""
    missing = {order.pk: _not_armed(order, now=now) for order in rows}
    leaving = [gate.Leaving(_strategy(order), order.instrument.symbol, order.purpose) for order in rows]
    said = gate.permit_now(account=rows[0].account.number, leaving=leaving) if rows else []
    return {order.pk: missing[order.pk] or refusal for order, refusal in zip(rows, said, strict=True)}


def _not_armed(order: Order, *, now: datetime) -> str:
    # Only entries need the arming: what reduces a holding must be able to leave, under a halt above all.
    missing = arming.reasons_not_live(order.account, now=now) if order.purpose == Purpose.ENTRY else []
    return "not armed for live: " + "; ".join(missing) if missing else ""


def _strategy(order: Order) -> str:
    return order.intent.strategy.name if order.intent.strategy else ""


def _sent(order: Order, *, now: datetime) -> trail.Entry:
    return trail.Entry(
        event="order.submitted",
        account=order.account.number,
        mode=order.mode,
        subject=order.instrument.symbol,
        sentence=f"{order.instrument.symbol} {order.side} {order.quantity.normalize():f} sent",
        by=order.intent.by,
        now=now,
        pass_id=order.intent.pass_id,
        intent=str(order.intent_id),
        order=order.client_order_id,
    )


def _wire_order(order: Order) -> port.NewOrder:
    intent = order.intent
    return port.NewOrder(
        client_order_id=order.client_order_id,
        symbol=order.instrument.symbol,
        side=Side(order.side),
        quantity=order.quantity,
        type=OrderType(order.type),
        time_in_force=TimeInForce(order.time_in_force),
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        order_class=OrderClass(order.order_class),
        take_profit_price=intent.take_profit_price,
        stop_loss_price=intent.stop_loss_price,
    )
