"""Closing every position of an account under a halt: one closing order each, recorded and judged like any other."""

import contextlib
import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
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
    """Close what is held; the shares must be free, for resting sells hold them. One outcome per position.

    All closing orders are sent before the first is waited for; what cannot be closed keeps nothing else open.
    """
    held = list(Position.objects.filter(account=account).exclude(quantity=0).select_related("instrument"))
    if not held:
        return []
    lease = _wait_for_lease(account, now)
    if lease is None:
        return [_open(row, "another worker still acts for the account") for row in held]
    try:
        moment = _moment(account, gateway, held, lease, now)
        return _until_final(account, [_send(account, row, gateway, moment, by=by) for row in held], gateway, now=now)
    except BrokerError as failure:
        return [_open(row, str(failure)) for row in held]
    finally:
        leases.release(lease, now=lease.clock())


def _open(position: Position, why: str) -> Outcome:
    return position.instrument.symbol, "close", False, why


def _send(
    account: Account, position: Position, gateway: BrokerGateway, moment: decisions.Moment, *, by: str
) -> Order | Outcome:
    """The closing order as it was sent, or why there is none."""
    quote = moment.prices.quotes.get(position.instrument.symbol)
    if quote is None or quote.bid <= 0 or quote.ask <= 0:
        return _open(position, "no quote to close at")
    side = Side.SELL if position.quantity > 0 else Side.BUY
    price = quote.bid if side == Side.SELL else quote.ask
    proposal = orders.Proposal(
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
    )
    try:
        decided = decisions.decide(proposal, moment)
        if decided.order is None:
            return _open(position, decided.intent.denial_sentence)
        return orders.submit(decided.order.pk, gateway=gateway, lease=moment.lease, now=moment.now)
    except leases.Fenced:
        return _open(position, "another worker took over the account")


def _until_final(
    account: Account, sent: Sequence[Order | Outcome], gateway: BrokerGateway, *, now: datetime
) -> list[Outcome]:
    waiting = [each for each in sent if isinstance(each, Order)]
    deadline = time.monotonic() + PATIENCE
    while waiting and time.monotonic() < deadline:
        for order in waiting:
            _read_back(account, order, gateway, now=now)
        waiting = [order for order in waiting if order.status not in TERMINAL]
        if waiting:
            time.sleep(READ_AGAIN)
    return [_outcome(each) if isinstance(each, Order) else each for each in sent]


def _read_back(account: Account, order: Order, gateway: BrokerGateway, *, now: datetime) -> None:
    with contextlib.suppress(BrokerError):  # still open is what the outcome says then
        if order.broker_order_id is None:
            report = gateway.order_by_client_id(order.client_order_id)
        else:
            report = gateway.order(order.broker_order_id)
        if report is not None:
            orders.apply_report(account, report, now=now, heard=orders.Heard.POLL)
    order.refresh_from_db()


def _outcome(order: Order) -> Outcome:
    done = f"{_plain(order.filled_quantity)} of {_plain(order.quantity)} closed, {order.get_status_display()}"
    if order.reason:
        done += f": {order.reason}"
    return order.instrument.symbol, "close", order.filled_quantity == order.quantity, done


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _wait_for_lease(account: Account, now: datetime) -> leases.Lease | None:
    began = time.monotonic()
    holder = f"halt:{uuid.uuid4()}"
    while True:
        gone = time.monotonic() - began
        # The wall clock goes on while we wait: a lease given back or run out meanwhile is free.
        lease = leases.acquire(account.pk, holder=holder, now=now + timedelta(seconds=gone))
        if lease is not None or gone > PATIENCE:
            return lease
        time.sleep(READ_AGAIN)


def _moment(
    account: Account, gateway: BrokerGateway, held: list[Position], lease: leases.Lease, now: datetime
) -> decisions.Moment:
    quotes = {quote.symbol: quote for quote in gateway.quotes([row.instrument.symbol for row in held])}
    marks = {symbol: mid for symbol, quote in quotes.items() if (mid := decisions.mid(quote)) is not None}
    return decisions.Moment(
        now=now, market_now=gateway.clock().at, prices=Prices(marks=marks, quotes=quotes), lease=lease, pass_id=""
    )
