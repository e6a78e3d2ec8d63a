"""Values that cross the venue's border: requests in, orders, executions, figures and events out.

Money is USD, quantities are shares, instants are aware UTC; everything countable is a Decimal.
"""

import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, Self

from trading.venue.words import (
    AccountKind,
    EventName,
    OrderClass,
    OrderStatus,
    OrderType,
    PositionIntent,
    Side,
    TimeInForce,
)

ZERO = Decimal(0)


class Refusal(Exception):
    """The venue refuses a request; nothing was changed.

    ``status`` is the HTTP status, ``code`` Alpaca's eight digits (None where Alpaca sends none),
    ``extra`` further members of the error body, already strings as on the wire.
    """

    def __init__(self, status: int, code: int | None, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra

    @property
    def body(self) -> dict[str, Any]:
        """The JSON error body."""
        head: dict[str, Any] = {} if self.code is None else {"code": self.code}
        return head | {"message": self.message} | self.extra


class Clock(Protocol):
    """Whatever tells the venue its time."""

    def now(self) -> datetime:
        """The venue's present instant (aware UTC)."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A listed stock. ``id`` is a UUID string that must not change between runs."""

    id: str
    symbol: str
    name: str
    exchange: str = "NASDAQ"
    tradable: bool = True
    active: bool = True
    fractionable: bool = True
    shortable: bool = True
    marginable: bool = True


@dataclass(frozen=True, slots=True)
class SessionDay:
    """One regular session: its New York date and its open and close as UTC instants (early closes included)."""

    date: date
    open: datetime
    close: datetime


@dataclass(frozen=True, slots=True)
class TakeProfit:
    limit_price: Decimal


@dataclass(frozen=True, slots=True)
class StopLoss:
    stop_price: Decimal
    limit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a client asks for, parsed but not yet judged. Exactly one of ``qty`` and ``notional`` is expected."""

    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    qty: Decimal | None = None
    notional: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    order_class: OrderClass = OrderClass.SIMPLE
    take_profit: TakeProfit | None = None
    stop_loss: StopLoss | None = None
    extended_hours: bool = False
    client_order_id: str | None = None
    position_intent: PositionIntent | None = None


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """What a replace asks to change; None keeps the old value. ``trail`` is in the kind the order already has."""

    qty: Decimal | None = None
    time_in_force: TimeInForce | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    client_order_id: str | None = None


@dataclass(slots=True, eq=False)
class VenueOrder:
    """One order of the venue, with all that Alpaca's Order JSON shows.

    Inside the exchange it changes; what the exchange hands out is a :meth:`snapshot` that never does.
    ``qty`` is None for a notional order. ``sequence`` is the time priority.
    """

    id: str
    account: str
    client_order_id: str
    asset_id: str
    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    qty: Decimal | None
    notional: Decimal | None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime
    expires_at: datetime | None
    position_intent: PositionIntent
    status: OrderStatus = OrderStatus.PENDING_NEW
    order_class: OrderClass = OrderClass.SIMPLE
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    hwm: Decimal | None = None
    extended_hours: bool = False
    filled_qty: Decimal = ZERO
    filled_avg_price: Decimal | None = None
    filled_at: datetime | None = None
    expired_at: datetime | None = None
    canceled_at: datetime | None = None
    failed_at: datetime | None = None
    replaced_at: datetime | None = None
    replaced_by: str | None = None
    replaces: str | None = None
    legs: list["VenueOrder"] = field(default_factory=list)
    parent: "VenueOrder | None" = None
    sequence: int = 0
    elected: bool = False
    """A stop that has been triggered and now works as a market or limit order."""
    shares: Decimal | None = None
    """What a notional order came to in shares once a price was known."""

    @property
    def is_open(self) -> bool:
        return not self.status.is_final

    @property
    def is_leg(self) -> bool:
        return self.parent is not None

    @property
    def wanted(self) -> Decimal:
        """Shares in all; 0 for a notional order that no price has turned into shares yet."""
        return self.qty or self.shares or ZERO

    @property
    def remaining(self) -> Decimal:
        """Shares still to be filled."""
        return max(self.wanted - self.filled_qty, ZERO)

    def snapshot(self) -> Self:
        """A copy of this order and its legs as they are now; its ``parent`` is cut off."""
        taken = copy.copy(self)
        taken.parent = None
        taken.legs = [leg.snapshot() for leg in self.legs]
        return taken


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill: ``qty`` shares at ``price``; ``cum_qty`` and ``leaves_qty`` are the order's after it."""

    execution_id: str
    activity_id: str
    account: str
    order_id: str
    symbol: str
    side: Side
    price: Decimal
    qty: Decimal
    cum_qty: Decimal
    leaves_qty: Decimal
    order_status: OrderStatus
    at: datetime

    @property
    def kind(self) -> str:
        """``fill`` for the last shares of the order, ``partial_fill`` before."""
        return "fill" if self.leaves_qty == ZERO else "partial_fill"


@dataclass(frozen=True, slots=True)
class VenueEvent:
    """One line of the ``trade_updates`` stream, for one account.

    ``execution_id`` is None for ``accepted`` and ``pending_new``; ``execution`` and ``position_qty`` (signed,
    after the fill) are set for fills only. For ``replaced`` the order is the old one.
    """

    event: EventName
    account: str
    order: VenueOrder
    at: datetime
    execution_id: str | None = None
    execution: Execution | None = None
    position_qty: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A holding as the venue reports it; ``qty`` is negative for a short. Fractions, not percent (0.01 = 1 %)."""

    symbol: str
    asset: Asset
    qty: Decimal
    qty_available: Decimal
    avg_entry_price: Decimal
    cost_basis: Decimal
    market_value: Decimal
    current_price: Decimal
    lastday_price: Decimal
    change_today: Decimal
    unrealized_pl: Decimal
    unrealized_plpc: Decimal
    unrealized_intraday_pl: Decimal
    unrealized_intraday_plpc: Decimal

    @property
    def side(self) -> str:
        return "long" if self.qty >= ZERO else "short"


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """An account at one instant. ``reserved`` is what open opening orders hold back of the buying power."""

    id: str
    number: str
    kind: AccountKind
    created_at: datetime
    cash: Decimal
    equity: Decimal
    last_equity: Decimal
    balance_asof: date | None
    long_market_value: Decimal
    short_market_value: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    last_maintenance_margin: Decimal
    multiplier: int
    buying_power: Decimal
    regt_buying_power: Decimal
    non_marginable_buying_power: Decimal
    reserved: Decimal
    trading_blocked: bool
    account_blocked: bool
    trade_suspended_by_user: bool
    shorting_enabled: bool
    intraday_adjustments: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PortfolioHistory:
    """Equity over time: parallel lists; ``timestamps`` are UTC instants at the left of each window."""

    timeframe: str
    base_value: Decimal
    timestamps: list[datetime]
    equity: list[Decimal]
    profit_loss: list[Decimal]
    profit_loss_pct: list[Decimal]
