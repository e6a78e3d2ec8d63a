"""Each held share under a live stop: finding what is naked, proposing its protection, letting stale entries go."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from trading import books, decisions, orders, sizing
from trading.broker.gateway import BrokerGateway
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Order, Position

STALE_ENTRY = timedelta(seconds=60)
"""An entry not filled by then (venue's clock) is canceled: what it was decided on is past. Control 28."""

DEFAULT_STOP = Decimal("0.02")
DEFAULT_TARGET = Decimal("0.04")
"""Protection armed afterwards: 2 % below, 4 % above the average price. Control 22's default and twice that."""

BY = "protection"


def naked(held: books.Books) -> dict[int, Decimal]:
    """Shares per instrument that no live stop and no working exit covers; empty when everything is protected."""
    covered: dict[int, Decimal] = defaultdict(Decimal)
    waiting: set[int] = set()
    for order in held.orders:
        # An entry's own legs arm when it is done; what an order without an answer covers, nobody knows yet; and a fill
        # that is not booked yet may have sold the shares.
        if order.lacks_fill or order.unresolved or (order.purpose == Purpose.ENTRY and not order.ended):
            waiting.add(order.instrument_id)
        elif order.side == Side.SELL and _covers(order):
            covered[order.instrument_id] += order.quantity - order.booked_quantity
    bare = {
        line.instrument_id: line.quantity - covered[line.instrument_id]
        for line in held.positions
        if line.quantity > 0 and line.instrument_id not in waiting
    }
    return {pk: quantity for pk, quantity in bare.items() if quantity > 0}


def _covers(order: books.OrderLine) -> bool:
    """A live stop, or a plain order that is closing the shares; the profit side of an OCO counts by its stop."""
    closing = order.purpose in (Purpose.EXIT, Purpose.FLATTEN) and order.order_class == OrderClass.SIMPLE
    return not order.ended and (order.purpose == Purpose.STOP or closing)


def missing(account: Account, held: books.Books, moment: decisions.Moment) -> list[orders.Proposal]:
    """One protective OCO for each naked holding, around the average price or the market, whichever is lower."""
    bare = naked(held)
    if not bare:
        return []
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


def stale_entries(held: books.Books, *, market_now: datetime) -> list[int]:
    """Entries (primary keys) that rest at the broker unfilled for too long."""
    return [
        order.pk
        for order in held.working
        if order.purpose == Purpose.ENTRY
        and order.parent_id is None
        and order.broker_order_id is not None
        and not order.unresolved
        and order.status != OrderStatus.PENDING_CANCEL
        and order.decided_at <= market_now - STALE_ENTRY
    ]


def cancel_entries(pks: list[int], gateway: BrokerGateway, *, now: datetime) -> None:
    """Ask for the cancel of these entries."""
    for order in Order.objects.working().filter(pk__in=pks):
        orders.request_cancel(order, gateway=gateway, by=BY, reason="not filled in time", now=now)
