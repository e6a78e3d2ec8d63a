"""What our books say of one account, read in one statement: orders that hold exposure, and positions.

Read once per pass; its size does not grow with history. What a decision needs is added up in `standing`.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from trading.choices import TERMINAL, UNRESOLVED, Purpose, Side


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A working order, or an ended one that lacks a fill. Shares and USD; `decided_at` by the venue's clock."""

    pk: int
    intent_id: str
    parent_id: int | None
    instrument_id: int
    symbol: str
    sector: str
    purpose: str
    side: str
    type: str
    order_class: str
    status: str
    quantity: Decimal
    filled_quantity: Decimal
    booked_quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    stop_loss_price: Decimal | None
    """The intent's: where the stop of a bracket is, before the broker has told of the leg."""
    broker_order_id: str | None
    beyond_approval: bool
    """An entry that somebody made larger or dearer at the broker than the gate approved, chain and all."""
    decided_at: datetime

    @property
    def ended(self) -> bool:
        return self.status in TERMINAL

    @property
    def unresolved(self) -> bool:
        return self.status in UNRESOLVED

    @property
    def lacks_fill(self) -> bool:
        """The broker has filled more of it than is booked."""
        return self.booked_quantity < self.filled_quantity

    @property
    def remaining(self) -> Decimal:
        """Shares still on their way; what is filled but not booked yet is among them."""
        return (self.filled_quantity if self.ended else self.quantity) - self.booked_quantity


@dataclass(frozen=True, slots=True)
class PositionLine:
    """Shares held (signed) and what they cost on average, USD."""

    instrument_id: int
    symbol: str
    sector: str
    quantity: Decimal
    average_price: Decimal
    naked_since: datetime | None
    """Since when it was seen without a live stop; wall clock."""


@dataclass(frozen=True, slots=True)
class Books:
    """One account by our own rows, at one instant."""

    orders: tuple[OrderLine, ...]
    positions: tuple[PositionLine, ...]

    @property
    def working(self) -> tuple[OrderLine, ...]:
        return tuple(order for order in self.orders if not order.ended)


# `NOT (… IN …)` is written as the partial index `order_working` has it; `order_fill_missing` serves the other half,
# `intent_blotter` the recent intents, `intent_day_count` the entries.
_ENDED = ", ".join(f"'{status}'" for status in sorted(TERMINAL))
_READ = f"""
    SELECT json_build_array(
        (SELECT json_agg(json_build_array(
            o.id, o.intent_id, o.parent_id, o.instrument_id, i.symbol, i.sector, o.purpose, o.side, o.type,
            o.order_class, o.status, o.quantity, o.filled_quantity, o.booked_quantity, o.limit_price, o.stop_price,
            n.stop_loss_price, o.broker_order_id,
            o.replaces_id IS NOT NULL AND o.purpose = '{Purpose.ENTRY}' AND (
                coalesce((o.limit_price - n.limit_price) * CASE o.side WHEN '{Side.BUY}' THEN 1 ELSE -1 END > 0, false)
                OR o.quantity > n.quantity - (
                    SELECT coalesce(sum(greatest(b.filled_quantity, b.booked_quantity)), 0) FROM trading_order b
                    WHERE b.intent_id = o.intent_id AND b.id <> o.id AND b.purpose = o.purpose)),
            n.decided_at) ORDER BY o.id)
         FROM trading_order o
         JOIN trading_instrument i ON i.id = o.instrument_id
         JOIN trading_orderintent n ON n.id = o.intent_id
         WHERE o.id IN (
            SELECT id FROM trading_order WHERE account_id = %(account)s AND NOT (status IN ({_ENDED}))
            UNION ALL
            SELECT id FROM trading_order WHERE account_id = %(account)s AND booked_quantity < filled_quantity)),
        (SELECT json_agg(json_build_array(p.instrument_id, i.symbol, i.sector, p.quantity, p.average_price,
                                          p.naked_since)
                         ORDER BY p.id)
         FROM trading_position p JOIN trading_instrument i ON i.id = p.instrument_id
         WHERE p.account_id = %(account)s AND p.quantity <> 0)
    )::text
"""  # noqa: S608 - the only text put in is our own fixed words for statuses, purposes and sides


def read(account_id: int) -> Books:
    """Read the account's books in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"account": account_id})
        ((text,),) = cursor.fetchall()
    orders, positions = json.loads(text, parse_float=Decimal)
    return Books(
        orders=tuple(map(_order_line, orders or ())),
        positions=tuple(map(_position_line, positions or ())),
    )


def _order_line(row: list[Any]) -> OrderLine:
    row[-1] = datetime.fromisoformat(row[-1])
    return OrderLine(*row)


def _position_line(row: list[Any]) -> PositionLine:
    row[-1] = datetime.fromisoformat(row[-1]) if row[-1] else None
    return PositionLine(*row)
