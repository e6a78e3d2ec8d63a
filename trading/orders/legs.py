"""The legs of a bracket, OCO or OTO: orders the broker made for one of ours, taken up from its report."""

from collections.abc import Collection, Sequence
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
    return open_all([(parent, report)], now=now)[0] if is_told(report) else None


def open_all(wanted: Sequence[tuple[Order, OrderReport]], *, now: datetime) -> list[Order]:
    """Rows for legs that are told whole and that nobody knows by the broker's id, with one INSERT for all.

    The caller has looked for them under the account's row lock.
    """
    first = {report.broker_order_id: (parent, report) for parent, report in wanted}
    taken = _taken([report for _, report in first.values()])
    rows = []
    for parent, report in first.values():
        rows.append(_row(parent, report, taken=taken, now=now))
        taken.add(rows[-1].client_order_id)
    return Order.objects.bulk_create(rows)


def is_told(report: OrderReport) -> bool:
    """Whether the report holds what a new leg's row needs."""
    limited = report.type in LIMIT_TYPES
    return report.type is not None and bool(report.quantity) and not (limited and report.limit_price is None)


def _row(parent: Order, report: OrderReport, *, taken: Collection[str], now: datetime) -> Order:
    assert report.type is not None and report.quantity is not None  # noqa: S101, PT018 the caller looked
    limited = report.type in LIMIT_TYPES
    return Order(
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
        # The broker's word for the leg; its own id where it has none, or one that another order bears.
        client_order_id=(report.client_order_id not in taken and report.client_order_id) or report.broker_order_id,
        broker_order_id=report.broker_order_id,
        # Legs are the broker's from birth: they enter the table of moves where the broker has them.
        status=OrderStatus.HELD if report.status == OrderStatus.HELD else OrderStatus.ACCEPTED,
        session_date=parent.session_date,
        created_at=now,
        submitted_at=parent.submitted_at,
        answered_at=now,
    )


def _taken(reports: Sequence[OrderReport]) -> set[str]:
    """Client ids among theirs that another order bears already."""
    words = [report.client_order_id for report in reports if report.client_order_id]
    return set(Order.objects.filter(client_order_id__in=words).values_list("client_order_id", flat=True))
