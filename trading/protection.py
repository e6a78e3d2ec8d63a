"""Each held share under a live stop: finding what is naked, proposing its protection, letting stale entries go."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from trading import decisions, orders, sizing
from trading.broker.gateway import BrokerGateway
from trading.choices import UNRESOLVED, OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Order, Position

STALE_ENTRY = timedelta(seconds=60)
"""An entry not filled by then (venue's clock) is canceled: what it was decided on is past. Control 28."""

DEFAULT_STOP = Decimal("0.02")
DEFAULT_TARGET = Decimal("0.04")
"""Protection armed afterwards: 2 % below, 4 % above the average price. Control 22's default and twice that."""

BY = "protection"


def naked(account: Account) -> dict[int, Decimal]:
    """Shares per instrument that no live stop and no working exit covers; empty when everything is protected."""
    covered: dict[int, Decimal] = defaultdict(Decimal)
    waiting: set[int] = set()
    for order in Order.objects.working().filter(account=account):
        if order.purpose == Purpose.ENTRY or order.status in UNRESOLVED:
            # An entry's own legs arm when it is done. What an order without an answer covers, nobody knows yet.
            waiting.add(order.instrument_id)
        elif order.side == Side.SELL and _covers(order):
            covered[order.instrument_id] += order.quantity - order.booked_quantity
    # A fill that is not booked yet may have sold them.
    waiting.update(Order.objects.fill_missing().filter(account=account).values_list("instrument_id", flat=True))
    held = Position.objects.filter(account=account, quantity__gt=0).values_list("instrument_id", "quantity")
    bare = {pk: quantity - covered[pk] for pk, quantity in held if pk not in waiting}
    return {pk: quantity for pk, quantity in bare.items() if quantity > 0}


def _covers(order: Order) -> bool:
    """A live stop, or a plain order that is closing the shares; the profit side of an OCO counts by its stop."""
    closing = order.purpose in (Purpose.EXIT, Purpose.FLATTEN) and order.order_class == OrderClass.SIMPLE
    return order.purpose == Purpose.STOP or closing


def missing(account: Account, moment: decisions.Moment) -> list[orders.Proposal]:
    """One protective OCO for each naked holding, around the average price or the market, whichever is lower."""
    bare = naked(account)
    rows = Position.objects.filter(account=account, instrument_id__in=bare).select_related("instrument")
    proposals = []
    for position in rows:
        quote = moment.prices.quotes.get(position.instrument.symbol)
        middle = decisions.mid(quote)
        if middle is None:
            continue
        base = min(position.average_price, middle)
        proposals.append(
            orders.Proposal(
                account=account,
                instrument=position.instrument,
                purpose=Purpose.EXIT,
                side=Side.SELL,
                quantity=bare[position.instrument_id],
                type=OrderType.LIMIT,
                time_in_force=TimeInForce.GTC,
                order_class=OrderClass.OCO,
                by=BY,
                limit_price=sizing.target_above(max(position.average_price, middle), DEFAULT_TARGET),
                take_profit_price=sizing.target_above(max(position.average_price, middle), DEFAULT_TARGET),
                stop_loss_price=sizing.stop_below(base, DEFAULT_STOP),
                reference_price=middle,
            )
        )
    return proposals


def cancel_stale_entries(account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime) -> int:
    """Ask for the cancel of entries that rest unfilled too long; returns how many."""
    stale = (
        Order.objects.working()
        .filter(account=account, purpose=Purpose.ENTRY, parent=None, intent__decided_at__lte=market_now - STALE_ENTRY)
        .filter(broker_order_id__isnull=False)
        .exclude(status__in=(OrderStatus.PENDING_CANCEL, OrderStatus.UNKNOWN, OrderStatus.SUBMITTED))
    )
    rows = list(stale)
    for order in rows:
        orders.request_cancel(order, gateway=gateway, by=BY, reason="not filled in time", now=now)
    return len(rows)
