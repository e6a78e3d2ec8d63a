"""One account at the venue: its orders, executions, settings and equity over time."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from trading.venue.ledger import Ledger
from trading.venue.refusals import missing
from trading.venue.values import ZERO, Execution, VenueOrder
from trading.venue.words import AccountKind

MINUTES_KEPT = 30 * 390
"""Intraday equity reaches back 30 sessions, as Alpaca's does."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Cash paid into an account (above zero) or out of it, in USD."""

    activity_id: str
    kind: str
    """CSD or CSW."""
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class EquityMark:
    """Equity (USD) at an instant; the session date for a close."""

    at: datetime
    equity: Decimal
    session_date: date | None = None


def default_configuration() -> dict[str, Any]:
    return {
        "suspend_trade": False,
        "no_shorting": False,
        "fractional_trading": True,
        "max_margin_multiplier": "4",
        "trade_confirm_email": "none",
        "ptp_no_exception_entry": False,
        "max_options_trading_level": None,
        "disable_overnight_trading": False,
    }


@dataclass(slots=True, eq=False)
class VenueAccount:
    """The venue's own, changing record of an account. ``open`` holds every order that is not final, legs included."""

    id: str
    number: str
    kind: AccountKind
    created_at: datetime
    ledger: Ledger
    opening_equity: Decimal
    last_equity: Decimal
    last_maintenance_margin: Decimal = ZERO
    balance_asof: date | None = None
    trading_blocked: bool = False
    account_blocked: bool = False
    configuration: dict[str, Any] = field(default_factory=default_configuration)
    orders: dict[str, VenueOrder] = field(default_factory=dict)
    history: list[VenueOrder] = field(default_factory=list)
    by_client_id: dict[str, VenueOrder] = field(default_factory=dict)
    open: dict[str, VenueOrder] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    activity_index: dict[str, int] = field(default_factory=dict)
    fills_by_order: dict[str, list[Execution]] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    intraday_adjustments: Decimal = ZERO
    """Paid in less paid out while a session was open, since the last close."""
    busted: set[str] = field(default_factory=set)
    """Activities of trades that were declared void: listed no more."""
    minutes: deque[EquityMark] = field(default_factory=lambda: deque(maxlen=MINUTES_KEPT))
    closes: list[EquityMark] = field(default_factory=list)

    def register(self, order: VenueOrder) -> None:
        """Put a new order on the books; its client id is spent for ever."""
        self.orders[order.id] = order
        self.history.append(order)
        self.by_client_id[order.client_order_id] = order
        self.open[order.id] = order

    def record(self, execution: Execution) -> None:
        self.activity_index[execution.activity_id] = len(self.executions)
        self.executions.append(execution)
        self.fills_by_order.setdefault(execution.order_id, []).append(execution)

    def order(self, order_id: str) -> VenueOrder:
        found = self.orders.get(order_id)
        if found is None:
            raise missing(f"order not found for {order_id}")
        return found

    def open_in(self, symbol: str) -> list[VenueOrder]:
        return [order for order in self.open.values() if order.symbol == symbol]
