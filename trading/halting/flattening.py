"""Closing positions of an account under a halt, each in the right order: free its shares, close it, see it closed."""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from audit import crash_points
from risk.receipts import Line
from trading import healing, leases, orders, sizing
from trading.broker.gateway import BrokerError, BrokerGateway, PositionReport
from trading.choices import TERMINAL, OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.halting import baring
from trading.models import Account, Order, Position
from trading.proposing import decisions

logger = logging.getLogger(__name__)

LEASE_PATIENCE = 12.0
"""Seconds to wait for leave to close: nobody's lease is renewed while we wait, and it lasts ten at most."""

PATIENCE = 5.0
"""Seconds to wait for a position's own orders, and again for the closing orders."""

GIVE_WAY = Decimal("0.009")
"""How far from the market a closing limit may go: it must fill, within the collar."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What closing one account's positions goes by."""

    account: Account
    gateway: BrokerGateway
    moment: decisions.Moment
    by: str


def flatten(
    account: Account, gateway: BrokerGateway, held: Iterable[Position], *, by: str, now: datetime
) -> list[Line]:
    """Close the positions, the largest first. One line for each position, and one for each order that held its shares.

    A position's protective orders are canceled only when its closing order can follow at once. All closing orders are
    sent before the first is waited for; what cannot be closed keeps nothing else open.
    """
    rows = list(held)
    if not rows:
        return []
    lease = leases.wait_for(account.pk, holder=f"halt:{uuid.uuid4()}", now=now, patience=LEASE_PATIENCE)
    if lease is None:
        return [_open(account, row, "another worker still acts for the account") for row in rows]
    try:
        symbols = [row.instrument.symbol for row in rows]
        work = _Work(account, gateway, decisions.moment(gateway, symbols, lease, now=now), by)
        lines: list[Line] = []
        closing: list[Order] = []
        for row in sorted(rows, key=lambda row: abs(row.quantity) * row.average_price, reverse=True):
            _close(row, work, lines, closing)
        crash_points.reach("flatten.sent")
        orders.until_final(account, closing, gateway=gateway, now=now, patience=PATIENCE)
        return lines + [_outcome(order) for order in closing]
    except BrokerError as failure:
        return [_open(account, row, str(failure)) for row in rows]
    finally:
        leases.release(lease, now=lease.clock())


def close_strangers(account: Account, gateway: BrokerGateway, *, symbol: str = "") -> list[Line]:
    """Close at market what the broker holds and our books do not know, after everything of ours was closed."""
    try:
        found = [each for each in gateway.positions() if each.quantity and symbol in ("", each.symbol)]
    except BrokerError as failure:
        return [Line(account.number, "positions at the broker", "close", False, str(failure))]
    ours = set(
        Position.objects.filter(account=account).exclude(quantity=0).values_list("instrument__symbol", flat=True)
    )
    return [_close_stranger(account, gateway, each) for each in found if each.symbol not in ours]


def _close_stranger(account: Account, gateway: BrokerGateway, held: PositionReport) -> Line:
    what = f"{_plain(held.quantity)} that our books do not know"
    try:
        asked = gateway.close_position(held.symbol)
        report = orders.final_report(gateway, asked.broker_order_id, patience=PATIENCE)
    except BrokerError as failure:
        return Line(account.number, held.symbol, "close", False, f"{what}: {failure}")
    closed = report is not None and report.filled_quantity == abs(held.quantity)
    word = "closed at market" if closed else "the broker's market order is not filled yet"
    return Line(account.number, held.symbol, "close", closed, f"{what}: {word}")


def _open(account: Account, position: Position, why: str) -> Line:
    return Line(account.number, position.instrument.symbol, "close", False, why)


def _close(position: Position, work: _Work, lines: list[Line], closing: list[Order]) -> None:
    """Free one position's shares and send its closing order; what came of it goes to `lines` or `closing`."""
    if not _has_quote(position, work.moment):
        lines.append(_open(work.account, position, "no quote to close at; its protective orders stay"))
        return
    try:
        leases.check(work.moment.lease)
        freed, why = _free(position, work)
        lines += freed
        crash_points.reach("flatten.freed")
        left = Position.objects.filter(pk=position.pk).exclude(quantity=0).select_related("instrument").first()
        if why:
            lines.append(_open(work.account, position, why))
        elif left is None:
            lines.append(
                Line(work.account.number, position.instrument.symbol, "close", True, "its own order closed it")
            )
        else:
            decided = decisions.decide(_proposal(left, work), work.moment)
            if decided.going is None:
                lines.append(_denied(left, work, decided.intent.denial_sentence, naked=bool(freed)))
                return
            closing.append(
                orders.send(decided.going, gateway=work.gateway, lease=work.moment.lease, now=work.moment.now)
            )
    except leases.Fenced:
        lines.append(_open(work.account, position, "another worker took over the account"))


def _denied(position: Position, work: _Work, why: str, *, naked: bool) -> Line:
    """The gate lets the closing not pass. Where its stops are gone by then, that is no mere line of a receipt."""
    if not naked:
        return _open(work.account, position, why)
    moment = work.moment
    symbol, quantity = position.instrument.symbol, position.quantity
    baring.tell(work.account, symbol, quantity, why, market_now=moment.market_now, now=moment.now)
    return _open(work.account, position, f"{why} Its protective orders are canceled: it is naked")


def _free(position: Position, work: _Work) -> tuple[list[Line], str]:
    """Cancel what holds the position's shares and read it back; the lines, and why the shares are not free."""
    holding = list(
        Order.objects.working()
        .filter(account=work.account, instrument=position.instrument, side=_closing_side(position))
        .select_related("intent")
    )
    if not holding:
        return [], ""
    now = work.moment.now
    obstacles = orders.request_cancels(
        holding, send=orders.one_by_one(work.gateway), by=work.by, reason="halt: the position is closed", now=now
    )
    open_ = orders.until_final(work.account, holding, gateway=work.gateway, now=now, patience=PATIENCE)
    if any(order.booked_quantity != order.filled_quantity for order in holding):
        healing.heal(work.account, work.gateway, now=now, market_now=work.moment.market_now)
    lines = [canceled_line(order, order not in open_, obstacles.get(order.pk, "")) for order in holding]
    return lines, "an order that holds its shares is still open at the broker" if open_ else ""


def canceled_line(order: Order, final: bool, obstacle: str) -> Line:
    """What became of an order that was to be canceled, as the broker showed it last."""
    words = OrderStatus(order.status).label
    if order.filled_quantity:
        words += f", {_plain(order.filled_quantity)} filled"
    if not final and obstacle:
        words += f"; {obstacle}"
    return Line(order.account.number, order.client_order_id, "cancel", final, words)


def _has_quote(position: Position, moment: decisions.Moment) -> bool:
    quote = moment.prices.quotes.get(position.instrument.symbol)
    return quote is not None and quote.bid > 0 and quote.ask > 0


def _closing_side(position: Position) -> Side:
    return Side.SELL if position.quantity > 0 else Side.BUY


def _proposal(position: Position, work: _Work) -> orders.Proposal:
    quote = work.moment.prices.quotes[position.instrument.symbol]
    side = _closing_side(position)
    price = quote.bid if side == Side.SELL else quote.ask
    return orders.Proposal(
        account=work.account,
        instrument=position.instrument,
        purpose=Purpose.FLATTEN,
        side=side,
        quantity=abs(position.quantity),
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.SIMPLE,
        by=work.by,
        limit_price=sizing.marketable_limit("sell" if side == Side.SELL else "buy", price, GIVE_WAY),
        reference_price=decisions.mid(quote),
    )


def _outcome(order: Order) -> Line:
    done = f"{_plain(order.filled_quantity)} of {_plain(order.quantity)} closed, {order.get_status_display()}"
    if order.reason:
        done += f": {order.reason}"
    closed = order.status in TERMINAL and order.filled_quantity == order.quantity
    return Line(order.account.number, order.instrument.symbol, "close", closed, done)


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
