"""Turning a flat target into a proposed exit: the protective legs are canceled first, for they hold the shares."""

import logging
from datetime import datetime
from decimal import Decimal

from audit import crash_points
from risk import halts
from trading import leases, orders, sizing
from trading.broker.gateway import BrokerGateway
from trading.choices import OrderClass, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Order, Position, Signal, Strategy
from trading.proposing import decisions
from trading.targets import Target

logger = logging.getLogger(__name__)

GIVE_WAY = Decimal("0.005")
"""How far below the bid an exit's limit may go: half the collar, so that it fills at once in an orderly market."""


def propose(
    account: Account,
    strategy: Strategy,
    signal: Signal,
    target: Target,
    *,
    gateway: BrokerGateway,
    moment: decisions.Moment,
) -> orders.Proposal | None:
    """A marketable sell of all that is held; None while something still holds the shares at the broker.

    Under a halt that lets no exit pass nothing is canceled: what protects the shares, or closes them, must stay.
    The legs' cancel and the sell are two calls to the broker: should the sell fail, the position stands naked until
    `protection` arms it again in the next pass.
    """
    quote = moment.prices.quotes.get(target.symbol)
    if _held(account, signal) is None or quote is None or quote.bid <= 0:
        return None
    if halts.state(account=account.number, strategy=strategy.name, symbol=target.symbol).refusal(Purpose.EXIT):
        return None
    leases.check(moment.lease)
    if not free_shares(account, signal.instrument_id, gateway=gateway, by=strategy.name, now=moment.now):
        logger.warning("exit waits: an order still holds the shares", extra={"symbol": target.symbol})
        return None
    crash_points.reach("exit.freed")
    # Read now: an order that was being canceled may have sold some, or all.
    position = _held(account, signal)
    if position is None:
        return None
    return orders.Proposal(
        account=account,
        instrument=signal.instrument,
        purpose=Purpose.EXIT,
        side=Side.SELL,
        quantity=position.quantity,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.SIMPLE,
        by=strategy.name,
        strategy=strategy,
        signal=signal,
        limit_price=sizing.marketable_limit("sell", quote.bid, GIVE_WAY),
        reference_price=decisions.mid(quote),
    )


def _held(account: Account, signal: Signal) -> Position | None:
    return Position.objects.filter(account=account, instrument=signal.instrument, quantity__gt=0).first()


def free_shares(account: Account, instrument_id: int, *, gateway: BrokerGateway, by: str, now: datetime) -> bool:
    """Cancel every sell that rests on the instrument and read each back; True when none works or lacks a fill."""
    resting = list(
        Order.objects.working()
        .filter(account=account, instrument_id=instrument_id, side=Side.SELL)
        .select_related("intent")
        .order_by("pk")
    )
    orders.request_cancels(
        resting, send=orders.one_by_one(gateway), by=by, reason="the strategy leaves the position", now=now
    )
    open_ = orders.until_final(account, resting, gateway=gateway, now=now, patience=0)
    crash_points.reach("cancel.read_back")
    return not open_ and all(order.booked_quantity == order.filled_quantity for order in resting)
