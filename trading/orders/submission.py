"""Sending orders that are saved as sent: at most once, and UNKNOWN when unsure."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit import crash_points
from trading import error_rules, leases
from trading.broker import gateway as port
from trading.choices import OrderStatus
from trading.models import Order
from trading.orders import bulk, moves, reports
from trading.orders.recording import Going

logger = logging.getLogger(__name__)


HESITATION = timedelta(seconds=error_rules.HESITATION)
"""A process that stood still for longer between saving and sending sends no more: halts may have come meanwhile."""


@dataclass(frozen=True, slots=True)
class _Unanswered:
    """How a send ended that brought no report of the order."""

    status: OrderStatus
    reason: str
    event: str


@dataclass(frozen=True, slots=True)
class OnTheWire:
    """Orders that left together, each by a gateway of its own. Whoever let them leave lets them land."""

    going: Sequence[Going]
    _told: Sequence[Future[port.OrderReport | _Unanswered]]

    def wait(self) -> None:
        """Until each has its answer, or another end; its gateway is free then."""
        wait(self._told)

    def told(self) -> list[port.OrderReport | _Unanswered]:
        return [each.result() for each in self._told]


def send(going: Going, *, gateway: port.BrokerGateway, lease: leases.Lease, now: datetime) -> Order:
    """Send one order that was saved as sent and record what is known of the outcome. Who saved it sends it, once."""
    return _keep([going], [_send(going, gateway, lease)], now=now)[going.order.pk]


def leave(
    going: Sequence[Going],
    *,
    gateways: Sequence[port.BrokerGateway],
    lease: leases.Lease,
    hands: Executor,
    answered: Callable[[int], None] = lambda row: None,
) -> OnTheWire:
    """Put orders of one account on the wire together, each by a gateway of its own, and wait for nothing.

    Means the same as `send` for each once `land` has recorded how they ended. So many are on the wire at most: a halt
    that comes in between finds them there. `answered` is called with an order's row by the thread that heard its end.

    Raises:
        ValueError: there are more orders than gateways; nothing was sent.
    """
    if len(going) > len(gateways):
        raise ValueError(f"{len(going)} orders cannot leave at once by {len(gateways)} gateways")

    def carry(each: Going, gateway: port.BrokerGateway) -> port.OrderReport | _Unanswered:
        told = _send(each, gateway, lease)
        answered(each.order.pk)
        return told

    return OnTheWire(going, [hands.submit(carry, each, way) for each, way in zip(going, gateways, strict=False)])


def land(flights: Sequence[OnTheWire], *, now: datetime) -> dict[int, Order]:
    """Wait for all of them and record how each ended; by row, how it stands then. All are of one account."""
    going = [each for flight in flights for each in flight.going]
    told = [each for flight in flights for each in flight.told()]
    return _keep(going, told, now=now) if going else {}


def _keep(going: Sequence[Going], told: Sequence[port.OrderReport | _Unanswered], *, now: datetime) -> dict[int, Order]:
    """Record how each ended. The broker's word counts from here on: a row it moved meanwhile is not moved back."""
    rows = {each.order.pk: each.order for each in going}
    answers = {
        each.order.pk: answer for each, answer in zip(going, told, strict=True) if isinstance(answer, port.OrderReport)
    }
    bulk.apply_reports(
        going[0].order.account,
        list(answers.values()),
        now=now,
        heard=reports.Heard.ANSWER,
        rows=[rows[pk] for pk in answers],
    )
    for each, answer in zip(going, told, strict=True):
        if isinstance(answer, _Unanswered):
            ended = moves.finish(each.order.pk, answer.status, reason=answer.reason, event=answer.event, now=now)
            rows[each.order.pk] = ended
    crash_points.reach("order.outcome_saved")
    return rows


def _send(going: Going, gateway: port.BrokerGateway, lease: leases.Lease) -> port.OrderReport | _Unanswered:
    """The wire alone: the broker's report, or how else it ended. Touches no row, so any thread may."""
    try:
        crash_points.reach("order.saved_before_wire")
        _be_prompt(lease.clock() - going.looked_at)
        report = gateway.submit(going.wire)
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
        logger.exception("unanticipated failure while sending an order", extra={"order": going.order.pk})
        reason = f"unanticipated {type(surprise).__name__} while sending"
        return _Unanswered(OrderStatus.UNKNOWN, reason, "order.unknown")
    return report


def _be_prompt(waited: timedelta) -> None:
    if waited > HESITATION:
        raise port.BrokerUnavailable(f"{waited.total_seconds():.1f} s passed between the last look and the wire")
