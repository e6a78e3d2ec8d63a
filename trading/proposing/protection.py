"""Each held share under a live stop: finding what is naked, proposing its protection, letting stale entries go."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from risk import halts
from trading import orders, sizing
from trading.broker.gateway import QuoteReport
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Position, ReconciliationBreak
from trading.proposing import decisions
from trading.reading import books

STALE_ENTRY = timedelta(seconds=60)
"""An entry not filled by then (venue's clock) is canceled: what it was decided on is past. Control 28."""

PART_FILLED = timedelta(seconds=4)
"""A partly filled entry is let go of sooner: its part has no stop. With a look every 5 s it is armed within 10."""

CLOSED_AFTER = timedelta(seconds=120)
"""A holding that could not be armed for so long (wall clock) is closed. Control 29."""

GIVE_WAY = Decimal("0.005")
"""How far through the market its closing limit may go: half the collar."""

DEFAULT_STOP = Decimal("0.02")
DEFAULT_TARGET = Decimal("0.04")
"""Protection armed afterwards: 2 % below, 4 % above the average price. Control 22's default and twice that."""

BY = "protection"
NOT_FILLED = "not filled in time"
BEYOND = "made larger or dearer at the broker than was approved"


def naked(held: books.Books) -> dict[int, Decimal]:
    """Shares per instrument that no live stop and no working exit covers; empty when everything is protected.

    Negative for a short position: it is never wanted here, has no stop, and only an order that buys it back covers it.
    """
    covered: dict[int, Decimal] = defaultdict(Decimal)
    waiting: set[int] = set()
    for order in held.orders:
        # An entry's own legs arm when it is done; what an order without an answer covers, nobody knows yet; and a fill
        # that is not booked yet may have sold the shares.
        if order.lacks_fill or order.unresolved or (order.purpose == Purpose.ENTRY and not order.ended):
            waiting.add(order.instrument_id)
        elif _covers(order):
            left = order.quantity - order.booked_quantity
            covered[order.instrument_id] += left if order.side == Side.SELL else -left
    bare = {
        line.instrument_id: line.quantity - covered[line.instrument_id]
        for line in held.positions
        if line.instrument_id not in waiting
    }
    signs = {line.instrument_id: line.quantity for line in held.positions}
    return {pk: quantity for pk, quantity in bare.items() if quantity * signs[pk] > 0}


def _covers(order: books.OrderLine) -> bool:
    """A live stop, or a plain order that is closing the shares; the profit side of an OCO counts by its stop."""
    closing = order.purpose in (Purpose.EXIT, Purpose.FLATTEN) and order.order_class == OrderClass.SIMPLE
    return not order.ended and (order.purpose == Purpose.STOP or closing)


def missing(account: Account, held: books.Books, moment: decisions.Moment) -> list[orders.Proposal]:
    """For each naked holding a protective OCO; its close for one that stayed naked for `CLOSED_AFTER`, or under H3.

    H3 lets only orders pass that flatten: what could not be closed in its sweep is closed here. A symbol of which the
    broker holds other shares than our books belongs to people until they have settled the case.
    """
    bare = naked(held)
    if not bare:
        return []
    disputed = _disputed(account)
    overdue = {
        line.instrument_id
        for line in held.positions
        if line.naked_since is not None and moment.now - line.naked_since >= CLOSED_AFTER
    }
    rows = Position.objects.filter(account=account, instrument_id__in=bare).select_related("account", "instrument")
    proposals = []
    for position in rows:
        quote, quantity = moment.prices.quotes.get(position.instrument.symbol), bare[position.instrument_id]
        middle = decisions.mid(quote)
        if quote is None or middle is None or position.instrument.symbol in disputed:
            continue
        if position.instrument_id in overdue or _must_flatten(account, position):
            proposals.append(_close(position, quantity, quote))
        elif quantity > 0:
            proposals.append(_arm(position, quantity, middle))
    return proposals


def _disputed(account: Account) -> set[str]:
    cases = ReconciliationBreak.objects.filter(
        account=account, kind=ReconciliationBreak.Kind.POSITION, status=ReconciliationBreak.Status.OPEN
    )
    return set(cases.values_list("symbol", flat=True))


def _must_flatten(account: Account, position: Position) -> bool:
    halted = halts.state(account=account.number, symbol=position.instrument.symbol)
    return bool(halted.refusal(Purpose.EXIT)) and not halted.refusal(Purpose.FLATTEN)


def _arm(position: Position, quantity: Decimal, middle: Decimal) -> orders.Proposal:
    """Around the average price or the market, whichever is lower."""
    target = sizing.target_above(max(position.average_price, middle), DEFAULT_TARGET)
    return orders.Proposal(
        account=position.account,
        instrument=position.instrument,
        purpose=Purpose.EXIT,
        side=Side.SELL,
        quantity=quantity,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        order_class=OrderClass.OCO,
        by=BY,
        limit_price=target,
        take_profit_price=target,
        stop_loss_price=sizing.stop_below(min(position.average_price, middle), DEFAULT_STOP),
        reference_price=middle,
    )


def _close(position: Position, quantity: Decimal, quote: QuoteReport) -> orders.Proposal:
    side = Side.SELL if quantity > 0 else Side.BUY
    limit = (
        sizing.marketable_limit("sell", quote.bid, GIVE_WAY)
        if quantity > 0
        else sizing.marketable_limit("buy", quote.ask, GIVE_WAY)
    )
    return orders.Proposal(
        account=position.account,
        instrument=position.instrument,
        purpose=Purpose.FLATTEN,
        side=side,
        quantity=abs(quantity),
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.SIMPLE,
        by=BY,
        limit_price=limit,
        reference_price=decisions.mid(quote),
    )


def to_let_go(held: books.Books, *, market_now: datetime) -> dict[int, str]:
    """Entries (primary keys) to be canceled, and why: they rest at the broker for too long, unfilled or with only a
    part of it filled, or somebody made more of them there than the gate approved."""
    return {
        order.pk: BEYOND if order.beyond_approval else NOT_FILLED
        for order in held.working
        if order.purpose == Purpose.ENTRY
        and order.parent_id is None
        and order.broker_order_id is not None
        and not order.unresolved
        and order.status != OrderStatus.PENDING_CANCEL
        and (order.beyond_approval or _is_stale(order, market_now))
    }


def _is_stale(order: books.OrderLine, market_now: datetime) -> bool:
    return order.decided_at <= market_now - (PART_FILLED if order.filled_quantity else STALE_ENTRY)
