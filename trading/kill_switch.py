"""Stopping with one hand: latch first, then cancel, then read back what the broker confirms.

A line of the receipt says what the broker showed at the end, never what was asked for. Fills that come in meanwhile are
booked on the way.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from risk import halts, receipts
from risk.models import Halt
from risk.receipts import Line
from trading import flattening, healing, orders
from trading.broker import credentials, factory
from trading.broker.gateway import BrokerError, BrokerGateway
from trading.choices import TERMINAL, OrderStatus, Purpose
from trading.models import Account, Order, Position

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds to read back until everything is terminal; what is still open then is said to be open."""

READ_AGAIN = 0.05
ASK_AGAIN = 1.0
"""Seconds between two requests to cancel the same order."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a halt did. `complete` only when the broker confirmed every line."""

    halt: Halt
    lines: tuple[Line, ...]

    @property
    def complete(self) -> bool:
        return all(line.confirmed for line in self.lines)


def preview(account: Account | None) -> dict[str, Any]:
    """What a halt would meet now: working entries to cancel, protective orders that stay, positions that are left."""
    accounts = [account] if account else list(_with_something_to_stop())
    working = Order.objects.working().filter(account__in=accounts)
    held = Position.objects.filter(account__in=accounts).exclude(quantity=0).select_related("instrument")
    return {
        "orders": working.filter(purpose=Purpose.ENTRY).count(),
        "protective": working.filter(purpose__in=(Purpose.STOP, Purpose.TARGET)).count(),
        "positions": [{"symbol": row.instrument.symbol, "quantity": row.quantity} for row in held],
    }


def pull(*, account: Account | None, level: str, reason: str, by: str, now: datetime) -> Receipt:
    """Halt one account, or all of them. The latch is committed before anything else is tried.

    H1 lets nothing new in; H2 also cancels entries; H3 also cancels the rest and closes every position.
    Raises `halts.HaltRefused` without a reason or for an unknown level; a broker that is away is a line, not an error.
    Raises RuntimeError inside a transaction: a latch that could still be rolled back stops nobody.
    """
    with transaction.atomic(durable=True):
        pass  # nothing outside us can undo what is committed from here on
    kind, key = ("account", account.number) if account else ("firm", "")
    halt = halts.engage(level=level, scope_kind=kind, scope_key=key, reason=reason, by=by, now=now)
    accounts = [account] if account else list(_with_something_to_stop())
    lines: list[Line] = []
    if level != Halt.Level.H1:
        for one in accounts:
            lines += _stop(one, level=level, reason=reason, by=by, now=now)
    receipt = Receipt(halt, tuple(lines))
    receipts.keep(halt, lines, by=by, now=now)
    return receipt


def _with_something_to_stop() -> QuerySet[Account]:
    """Active accounts, and resting ones that still have an order or a position."""
    working = Order.objects.working().values("account_id")
    held = Position.objects.exclude(quantity=0).values("account_id")
    return Account.objects.filter(Q(active=True) | Q(pk__in=working) | Q(pk__in=held)).order_by("pk")


def _stop(account: Account, *, level: str, reason: str, by: str, now: datetime) -> list[Line]:
    try:
        gateway = factory.gateway_for(account.number)
    except (factory.NoSuchAccount, credentials.DoNotBelongTogether) as missing:
        return [Line(account.number, account.number, "cancel", False, str(missing))]
    purposes = (Purpose.ENTRY,) if level == Halt.Level.H2 else tuple(Purpose)
    working = Order.objects.working().filter(account=account, purpose__in=purposes)
    lines = cancel_and_confirm(account, working, gateway=gateway, reason=reason, by=by, now=now)
    _book_fills(account, gateway, now=now)
    if level == Halt.Level.H3:
        lines += [Line(account.number, *each) for each in flattening.flatten(account, gateway, by=by, now=now)]
        _book_fills(account, gateway, now=now)
    return lines


def _book_fills(account: Account, gateway: BrokerGateway, *, now: datetime) -> None:
    """What was filled while we canceled belongs to the positions that are closed or left."""
    try:
        healing.heal(account, gateway, now=now, market_now=gateway.clock().at)
    except BrokerError as failure:
        logger.warning("fills of the last moments are not booked yet: %s", failure, extra={"account": account.number})


def cancel_and_confirm(
    account: Account, working: Iterable[Order], *, gateway: BrokerGateway, reason: str, by: str, now: datetime
) -> list[Line]:
    """Ask for the cancel of each order, then read each back until it is terminal or patience ends.

    What is not terminal is asked for again: an order on its way gets its broker id, and one being replaced its rest.
    """
    rows = list(working)
    open_, refusals = {order.pk: order for order in rows}, {order.pk: "" for order in rows}
    began, asked = time.monotonic(), float("-inf")
    while open_:
        if time.monotonic() - asked >= ASK_AGAIN:
            asked = time.monotonic()
            for order in open_.values():
                refusals[order.pk] = _ask(order, gateway=gateway, by=by, reason=reason, now=now)
        for order in list(open_.values()):
            if _is_final(account, order, gateway, now=now):
                del open_[order.pk]
        if not open_ or time.monotonic() - began >= PATIENCE:
            break
        time.sleep(READ_AGAIN)
    return [_line(account, order, order.pk not in open_, refusals[order.pk]) for order in rows]


def _ask(order: Order, *, gateway: BrokerGateway, by: str, reason: str, now: datetime) -> str:
    if order.status == OrderStatus.PENDING_CANCEL:
        return "the broker has taken the request and not yet carried it out"
    return orders.request_cancel(order, gateway=gateway, by=by, reason=f"halt: {reason}", now=now)


def _is_final(account: Account, order: Order, gateway: BrokerGateway, *, now: datetime) -> bool:
    try:
        if order.broker_order_id is None:
            report = gateway.order_by_client_id(order.client_order_id)
        else:
            report = gateway.order(order.broker_order_id)
    except BrokerError:
        return False
    if report is not None:
        orders.apply_report(account, report, now=now, heard=orders.Heard.POLL)
    order.refresh_from_db(fields=["status", "filled_quantity", "broker_order_id"])
    return order.status in TERMINAL


def _line(account: Account, order: Order, final: bool, refusal: str) -> Line:
    words = order.get_status_display()
    if order.filled_quantity:
        words += f", {order.filled_quantity.normalize():f} filled"
    if not final and refusal:
        words += f"; {refusal}"
    return Line(account.number, order.client_order_id, "cancel", final, words)
