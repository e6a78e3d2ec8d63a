"""The legs of a bracket, OCO or OTO: orders the broker made for one of ours, taken up from its report."""

from datetime import datetime

from trading.broker.gateway import OrderReport
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Order
from trading.models.orders import LIMIT_TYPES
from trading.orders import chains

_STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})


def find_or_open(parent: Order, report: OrderReport, *, now: datetime) -> Order | None:
    """The leg's row, made at first sight; None while the report lacks what a row needs.

    A replaced leg comes back under the same parent with a new id: it is a new row that replaces the old one.
    """
    known = (
        Order.objects.select_for_update(of=("self",))
        .select_related("account", "instrument", "intent")
        .filter(broker_order_id=report.broker_order_id)
        .first()
    )
    if known is not None:
        return known
    old = chains.find_old(parent.account, report)
    if old is not None:
        return chains.open_successor(old, report.broker_order_id, now=now)
    limited = report.type in LIMIT_TYPES
    if report.type is None or not report.quantity or (limited and report.limit_price is None):
        return None
    return Order.objects.create(
        intent=parent.intent,
        parent=parent,
        account=parent.account,
        mode=parent.mode,
        instrument=parent.instrument,
        purpose=Purpose.STOP if report.type in _STOPS else Purpose.TARGET,
        side=report.side or (Side.SELL if parent.side == Side.BUY else Side.BUY),
        quantity=report.quantity,
        type=report.type,
        time_in_force=report.time_in_force or TimeInForce(parent.time_in_force),
        order_class=OrderClass(parent.order_class),
        limit_price=report.limit_price if limited else None,
        stop_price=report.stop_price,
        client_order_id=_free_client_id(report),
        broker_order_id=report.broker_order_id,
        # Legs are the broker's from birth: they enter the table of moves where the broker has them.
        status=OrderStatus.HELD if report.status == OrderStatus.HELD else OrderStatus.ACCEPTED,
        session_date=parent.session_date,
        created_at=now,
        submitted_at=parent.submitted_at,
        answered_at=now,
    )


def _free_client_id(report: OrderReport) -> str:
    """The broker's word for the leg; its own id where it has none, or one that another order bears."""
    taken = not report.client_order_id or Order.objects.filter(client_order_id=report.client_order_id).exists()
    return report.broker_order_id if taken else report.client_order_id
