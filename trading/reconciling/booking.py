"""Turning an accepted broker's side into appended entries: orders that are never sent, and moves of the cash ledger."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from risk.models import ChangeRequest
from trading import orders, positions
from trading.broker.gateway import BrokerGateway, OrderReport
from trading.choices import TERMINAL, Side
from trading.models import Account, Fill, Order
from trading.reconciling import acceptance, executions

_ZERO = Decimal(0)

STILL_OPEN = (
    "The order is still open at the broker, or not all its fills are told. Cancel it there or wait, then try again."
)


class CannotBook(Exception):
    """The books cannot take the broker's side as it stands; the sentence says what would help."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry that was appended: its order, the fill it takes back, or the USD it moves."""

    order: Order | None = None
    reverses: Fill | None = None
    cash: Decimal = _ZERO


def stranger(payload: dict[str, Any], gateway: BrokerGateway) -> orders.Adopted | None:
    """The stranger's order with its fills as the broker tells it now; None where none is asked for or it is not told.

    Raises what the gateway raises.
    """
    if payload["act"] != acceptance.ADOPT:
        return None
    return ended(str(payload["entry"]["broker_order_id"]), gateway)


def ended(broker_order_id: str, gateway: BrokerGateway) -> orders.Adopted | None:
    """A broker's order with all its fills, once nothing more can come of it; None before."""
    report = gateway.order(broker_order_id)
    return None if report is None else _adopted(report, gateway)


def _adopted(report: OrderReport, gateway: BrokerGateway) -> orders.Adopted | None:
    began = report.submitted_at
    if report.status is None or report.status not in TERMINAL or report.side is None or began is None:
        return None
    fills = [
        fill
        for fill in gateway.fills_since(began - executions.OVERLAP)
        if fill.broker_order_id == report.broker_order_id
    ]
    if sum((fill.quantity for fill in fills), _ZERO) != report.filled_quantity or not fills:
        return None
    return orders.Adopted(
        report.broker_order_id,
        report.client_order_id,
        report.symbol,
        report.side,
        report.quantity or report.filled_quantity,
        report.status,
        tuple(fills),
    )


def book(
    account: Account, done: ChangeRequest, order: orders.Adopted | None, *, at: datetime, now: datetime
) -> list[Piece]:
    """Append what was accepted; the caller holds the account's row lock. `at` is the venue's clock.

    Raises CannotBook.
    """
    entry, by, reason = done.payload["entry"], str(done.requested_by), done.reason
    match done.payload["act"]:
        case acceptance.CASH:
            moved = Decimal(entry["cash"])
            positions.move_cash(account, moved)
            return [Piece(cash=moved)]
        case acceptance.SHARES:
            wanted = orders.Entry(entry["symbol"], Decimal(entry["quantity"]), Decimal(entry["price"]), at, by, reason)
            return [Piece(orders.book_entry(account, wanted, now=now))]
        case acceptance.ADOPT:
            if order is None:
                raise CannotBook(STILL_OPEN)
            if Order.objects.filter(broker_order_id=order.broker_order_id).exists():
                raise CannotBook("The order is in the books already; close the case instead.")
            return [Piece(orders.adopt(account, order, by=by, reason=reason, now=now))]
        case acceptance.REVERSE:
            return _reverse(account, entry, at=at, by=by, reason=reason, now=now)
    raise CannotBook(f"Nothing is known of the act {done.payload['act']}.")


def _reverse(
    account: Account, entry: dict[str, str], *, at: datetime, by: str, reason: str, now: datetime
) -> list[Piece]:
    fill = Fill.objects.select_related("instrument").get(pk=entry["fill"], account=account)
    if hasattr(fill, "reversal"):
        raise CannotBook("The fill was taken back already.")
    symbol, signed = fill.instrument.symbol, fill.quantity if fill.side == Side.BUY else -fill.quantity
    taken = orders.book_entry(account, orders.Entry(symbol, -signed, fill.price, at, by, reason), now=now)
    pieces = [Piece(taken, reverses=fill)]
    if again := entry.get("booked_again_at"):
        right = orders.Entry(symbol, signed, Decimal(again), at, by, reason)
        pieces.append(Piece(orders.book_entry(account, right, now=now)))
    return pieces
