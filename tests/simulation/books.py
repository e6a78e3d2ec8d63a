"""What our books say, read in one statement by the rig's own words: it must not believe the program's reader."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order; shares and USD."""

    pk: int
    account: str
    symbol: str
    client_id: str
    broker_id: str | None
    is_root: bool
    follows: bool
    """It took the place of another order, which nobody of the desk asked for."""
    purpose: str
    side: str
    status: str
    quantity: Decimal
    filled: Decimal
    booked: Decimal
    fills: Decimal
    """Sum of its fills."""
    limit_price: Decimal | None
    approved: bool
    signal: int | None
    session_date: date
    submitted_at: datetime | None
    finished_at: datetime | None
    wanted: Decimal
    wanted_price: Decimal | None
    """What the gate judged."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything the cheap invariants look at."""

    orders: tuple[OrderRow, ...]
    positions: dict[tuple[str, str], tuple[Decimal, Decimal]]
    """(account, symbol) -> shares and average price."""
    leases: dict[str, tuple[int, str]]
    """Account -> token and holder."""
    halts: dict[int, tuple[str, str, str]]
    """Open halts: level, kind and key of the scope."""
    limits: tuple[tuple[str, str, str, Decimal], ...]
    """Name, kind and key of the scope, value of each limit in force."""


_READ = """
SELECT json_build_array(
 (SELECT json_agg(json_build_array(
    o.id, a.number, i.symbol, o.client_order_id, o.broker_order_id, o.parent_id IS NULL, o.replaces_id IS NOT NULL,
    o.purpose, o.side, o.status,
    o.quantity, o.filled_quantity, o.booked_quantity,
    (SELECT coalesce(sum(f.quantity), 0) FROM trading_fill f WHERE f.order_id = o.id),
    o.limit_price, n.approved, n.signal_id, o.session_date, o.submitted_at, o.finished_at,
    n.quantity, n.limit_price) ORDER BY o.id)
  FROM trading_order o JOIN trading_account a ON a.id = o.account_id
  JOIN trading_instrument i ON i.id = o.instrument_id JOIN trading_orderintent n ON n.id = o.intent_id),
 (SELECT json_agg(json_build_array(a.number, i.symbol, p.quantity, p.average_price))
  FROM trading_position p JOIN trading_account a ON a.id = p.account_id
  JOIN trading_instrument i ON i.id = p.instrument_id),
 (SELECT json_agg(json_build_array(a.number, l.token, l.holder))
  FROM trading_accountlease l JOIN trading_account a ON a.id = l.account_id),
 (SELECT json_agg(json_build_array(id, level, scope_kind, scope_key)) FROM risk_halt WHERE released_at IS NULL),
 (SELECT json_agg(json_build_array(name, scope_kind, scope_key, value) ORDER BY id)
  FROM risk_limit WHERE active_to IS NULL)
)::text
"""


def read() -> Rows:
    """Read everything now."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        orders, positions, leases, halts, limits = json.loads(cursor.fetchone()[0], parse_float=Decimal)
    return Rows(
        orders=tuple(map(_order, orders or ())),
        positions={(a, s): (Decimal(q), Decimal(p)) for a, s, q, p in positions or ()},
        leases={number: (token, holder) for number, token, holder in leases or ()},
        halts={pk: (level, kind, key) for pk, level, kind, key in halts or ()},
        limits=tuple((name, kind, key, Decimal(value)) for name, kind, key, value in limits or ()),
    )


def _order(row: list[Any]) -> OrderRow:
    row[10:14] = map(Decimal, row[10:14])
    row[17] = date.fromisoformat(row[17])
    row[18:20] = (datetime.fromisoformat(at) if at else None for at in row[18:20])
    row[20] = Decimal(row[20])
    return OrderRow(*row)
