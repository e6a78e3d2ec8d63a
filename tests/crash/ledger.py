"""What the desk's books say, read in the rig's own words over a connection of its own, past every fault it plants."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

_READ = """
SELECT json_build_object(
 'orders', (SELECT json_agg(json_build_object(
    'client', o.client_order_id, 'broker', o.broker_order_id, 'symbol', i.symbol, 'purpose', o.purpose,
    'status', o.status, 'quantity', o.quantity, 'filled', o.filled_quantity, 'booked', o.booked_quantity,
    'signal', n.signal_id, 'root', o.parent_id IS NULL, 'approved', n.approved) ORDER BY o.id)
    FROM trading_order o JOIN trading_instrument i ON i.id = o.instrument_id
    JOIN trading_orderintent n ON n.id = o.intent_id),
 'fills', (SELECT json_agg(json_build_array(o.broker_order_id, f.cumulative_quantity, f.quantity, f.price))
    FROM trading_fill f JOIN trading_order o ON o.id = f.order_id),
 'positions', (SELECT json_object_agg(i.symbol, p.quantity) FROM trading_position p
    JOIN trading_instrument i ON i.id = p.instrument_id WHERE p.quantity <> 0),
 'cash', (SELECT ledger_cash FROM trading_accountstate LIMIT 1),
 'cases', (SELECT json_agg(json_build_array(kind, symbol, subject)) FROM trading_reconciliationbreak
    WHERE status = 'open'),
 'halts', (SELECT json_agg(json_build_array(level, reason)) FROM risk_halt WHERE released_at IS NULL),
 'waiting', (SELECT count(*) FROM trading_streammessage WHERE state = 'waiting'),
 'running', (SELECT count(*) FROM trading_enginepass WHERE outcome = 'running'),
 'poison', (SELECT count(*) FROM trading_streammessage WHERE state = 'poison')
)::text
"""
IN_FLIGHT = ("submitted", "unknown", "pending_cancel")


@dataclass(frozen=True, slots=True)
class Books:
    """One look."""

    orders: list[dict[str, Any]]
    fills: list[tuple[str, Decimal, Decimal, Decimal]]
    positions: dict[str, Decimal]
    cash: Decimal | None
    cases: list[tuple[str, str, str]]
    halts: list[tuple[str, str]]
    waiting: int
    poison: int

    def unsettled(self) -> list[str]:
        """Orders whose outcome is open, fills that are not booked, messages that are not applied."""
        left = [
            f"{each['symbol']} {each['purpose']} {each['status']}"
            for each in self.orders
            if each["status"] in IN_FLIGHT or each["booked"] < each["filled"]
        ]
        return left + ([f"{self.waiting} messages wait"] if self.waiting else [])


class Ledger:
    """Reads by the owner's hand."""

    def __init__(self, owner_url: str) -> None:
        self._url = owner_url
        self._connection: psycopg.Connection[Any] | None = None

    def one(self, sql: str, *values: object) -> Any:
        """The first column of the first row; None where there is none."""
        try:
            row = self._open().execute(sql.encode(), values).fetchone()
        except psycopg.OperationalError:
            self.close()
            raise
        return row[0] if row else None

    def read(self) -> Books:
        told = json.loads(self.one(_READ), parse_float=Decimal, parse_int=Decimal)
        return Books(
            orders=told["orders"] or [],
            fills=[(broker, Decimal(c), Decimal(q), Decimal(p)) for broker, c, q, p in told["fills"] or []],
            positions={symbol: Decimal(shares) for symbol, shares in (told["positions"] or {}).items()},
            cash=None if told["cash"] is None else Decimal(told["cash"]),
            cases=[tuple(each) for each in told["cases"] or []],
            halts=[tuple(each) for each in told["halts"] or []],
            waiting=int(told["waiting"]),
            poison=int(told["poison"]),
        )

    def passed(self, bar_at: object) -> bool:
        """Whether the pass over a bar is made."""
        sql = "SELECT count(*) FROM trading_enginepass WHERE bar_at = %s AND outcome <> 'running'"
        return bool(self.one(sql, bar_at))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
        return self._connection
