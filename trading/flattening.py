"""Closing every position of an account under a halt: one closing order each, recorded and judged like any other."""

import time
import uuid
from datetime import datetime
from decimal import Decimal

from trading import decisions, leases, orders, sizing
from trading.broker.gateway import BrokerError, BrokerGateway
from trading.choices import TERMINAL, OrderClass, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Order, Position
from trading.portfolio import Prices

PATIENCE = 5.0
"""Seconds to wait for the account's lease, and again for each closing order to be final."""

READ_AGAIN = 0.05
GIVE_WAY = Decimal("0.009")
"""How far from the market a closing limit may go: it must fill, within the collar."""

type Outcome = tuple[str, str, bool, str]
"""Subject, action, confirmed, detail."""


def flatten(account: Account, gateway: BrokerGateway, *, by: str, now: datetime) -> list[Outcome]:
    """Close what is held; the shares must be free, for resting sells hold them. One outcome per position."""
    held = list(Position.objects.filter(account=account).exclude(quantity=0).select_related("instrument"))
    if not held:
        return []
    lease = _wait_for_lease(account, now)
    if lease is None:
        return [(row.instrument.symbol, "close", False, "another worker still acts for the account") for row in held]
    try:
        moment = _moment(account, gateway, held, lease, now)
        return [_close(account, row, gateway, moment, by=by) for row in held]
    except BrokerError as failure:
        return [(row.instrument.symbol, "close", False, str(failure)) for row in held]
    finally:
        leases.release(lease, now=now)


def _close(
    account: Account, position: Position, gateway: BrokerGateway, moment: decisions.Moment, *, by: str
) -> Outcome:
    symbol = position.instrument.symbol
    quote = moment.prices.quotes.get(symbol)
    if quote is None or quote.bid <= 0 or quote.ask <= 0:
        return symbol, "close", False, "no quote to close at"
    side = Side.SELL if position.quantity > 0 else Side.BUY
    price = quote.bid if side == Side.SELL else quote.ask
    decided = decisions.decide(
        orders.Proposal(
            account=account,
            instrument=position.instrument,
            purpose=Purpose.FLATTEN,
            side=side,
            quantity=abs(position.quantity),
            type=OrderType.LIMIT,
            time_in_force=TimeInForce.DAY,
            order_class=OrderClass.SIMPLE,
            by=by,
            limit_price=sizing.marketable_limit("sell" if side == Side.SELL else "buy", price, GIVE_WAY),
            reference_price=decisions.mid(quote),
        ),
        moment,
    )
    if decided.order is None:
        return symbol, "close", False, decided.intent.denial_sentence
    order = orders.submit(decided.order.pk, gateway=gateway, lease=moment.lease, now=moment.now)
    order = _until_final(account, order, gateway, now=moment.now)
    done = (
        f"{order.filled_quantity.normalize():f} of {order.quantity.normalize():f} closed, {order.get_status_display()}"
    )
    return symbol, "close", order.filled_quantity == order.quantity, done


def _until_final(account: Account, order: Order, gateway: BrokerGateway, *, now: datetime) -> Order:
    deadline = time.monotonic() + PATIENCE
    while order.status not in TERMINAL and time.monotonic() < deadline:
        report = gateway.order(order.broker_order_id) if order.broker_order_id else None
        if report is not None:
            orders.apply_report(account, report, now=now, heard=orders.Heard.POLL)
        order.refresh_from_db()
        if order.status not in TERMINAL:
            time.sleep(READ_AGAIN)
    return order


def _wait_for_lease(account: Account, now: datetime) -> leases.Lease | None:
    deadline = time.monotonic() + PATIENCE
    holder = f"halt:{uuid.uuid4()}"
    while (lease := leases.acquire(account.pk, holder=holder, now=now)) is None and time.monotonic() < deadline:
        time.sleep(READ_AGAIN)
    return lease


def _moment(
    account: Account, gateway: BrokerGateway, held: list[Position], lease: leases.Lease, now: datetime
) -> decisions.Moment:
    quotes = {quote.symbol: quote for quote in gateway.quotes([row.instrument.symbol for row in held])}
    marks = {symbol: mid for symbol, quote in quotes.items() if (mid := decisions.mid(quote)) is not None}
    return decisions.Moment(
        now=now, market_now=gateway.clock().at, prices=Prices(marks=marks, quotes=quotes), lease=lease, pass_id=""
    )
