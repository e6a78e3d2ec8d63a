"""The broker port: the values that cross it, the three ways it fails, and the calls every broker must answer.

Quantities are shares, prices and amounts USD, all `Decimal`; instants are aware UTC. An adapter parses tolerantly: a
word it does not know becomes `status=None` with the broker's own word kept in `raw_status`, so that no order is ever
lost in parsing.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from trading.choices import OrderClass, OrderStatus, OrderType, Side, Timeframe, TimeInForce


class BrokerError(Exception):
    """Any failure at the broker; the subclass says what is known of the outcome."""


class BrokerRejected(BrokerError):
    """The broker refused definitely: nothing was done. `reason` is the broker's own sentence."""

    def __init__(self, reason: str, *, status: int = 0, code: int | None = None, extra: dict[str, Any] | None = None):
        super().__init__(reason)
        self.reason, self.status, self.code, self.extra = reason, status, code, extra or {}


class BrokerUnavailable(BrokerError):
    """Certainly not done: nothing was sent (no connection, breaker open, budget spent), or only a read failed."""


class OutcomeUnknown(BrokerError):
    """Sent, and no trustworthy answer came. Only evidence may settle it; never re-send."""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to send. `client_order_id` is the intent's UUID as text and is never used twice."""

    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    type: OrderType
    time_in_force: TimeInForce
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    order_class: OrderClass = OrderClass.SIMPLE
    take_profit_price: Decimal | None = None
    stop_loss_price: Decimal | None = None
    stop_loss_limit_price: Decimal | None = None
    extended_hours: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """What to change of a working order; None leaves a part as it is."""

    client_order_id: str
    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    time_in_force: TimeInForce | None = None


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """One execution as the stream told it: attributes of a fill, identified by (broker order, cumulative quantity)."""

    execution_id: str
    quantity: Decimal
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderReport:
    """What the broker says of one order at one moment, however it was heard."""

    broker_order_id: str
    client_order_id: str
    symbol: str
    side: Side | None
    quantity: Decimal | None
    type: OrderType | None
    status: OrderStatus | None
    raw_status: str
    filled_quantity: Decimal
    filled_average_price: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    order_class: OrderClass
    submitted_at: datetime | None
    updated_at: datetime | None
    time_in_force: TimeInForce | None = None
    replaces: str = ""
    replaced_by: str = ""
    legs: tuple["OrderReport", ...] = ()
    event: str = ""
    """The stream's event word ("fill", "canceled", …); empty when the report was read by REST."""
    execution: ExecutionReport | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FillReport:
    """One FILL activity. `cumulative_quantity` is the order's filled quantity after it."""

    activity_id: str
    broker_order_id: str
    symbol: str
    side: Side | None
    quantity: Decimal
    price: Decimal
    cumulative_quantity: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What was paid into the account (above zero) or out of it, in USD. `kind` is the broker's word: CSD, CSW, JNLC."""

    activity_id: str
    kind: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class PositionReport:
    """Shares held at the broker; negative for a short position."""

    symbol: str
    quantity: Decimal
    average_price: Decimal
    market_price: Decimal | None
    market_value: Decimal | None
    available: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountReport:
    """Figures and flags of the account. `kind` is not told by the broker: it is pinned by number and endpoint."""

    number: str
    status: str
    cash: Decimal
    equity: Decimal
    last_equity: Decimal
    buying_power: Decimal
    long_market_value: Decimal
    intraday_adjustments: Decimal
    trading_blocked: bool
    account_blocked: bool
    trade_suspended_by_user: bool
    shorting_enabled: bool
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class ClockReport:
    at: datetime
    is_open: bool
    next_open: datetime
    next_close: datetime


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A session of the broker's calendar; instants already localised from New York to UTC."""

    date: date
    open_at: datetime
    close_at: datetime


@dataclass(frozen=True, slots=True)
class AssetReport:
    symbol: str
    name: str
    exchange: str
    status: str
    tradable: bool
    fractionable: bool
    shortable: bool
    marginable: bool


@dataclass(frozen=True, slots=True)
class BarReport:
    symbol: str
    start_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A trading status as the data stream tells it: a halt, a pause, or that it trades again. Codes are the tape's."""

    symbol: str
    code: str
    message: str
    reason_code: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QuoteReport:
    """Best bid and offer; a price of zero means there is none."""

    symbol: str
    bid: Decimal
    ask: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class CancelOutcome:
    """One line of a cancel-all answer; `accepted` means requested, not canceled."""

    broker_order_id: str
    accepted: bool
    reason: str = ""


class BrokerGateway(Protocol):
    """One account at one broker. Every call has its time limit; a call that changes state is sent at most once.

    Raises `BrokerRejected`, `BrokerUnavailable` or `OutcomeUnknown`; reads raise only the first two.
    """

    account_number: str

    def account(self) -> AccountReport: ...
    def suspend(self, *, suspended: bool) -> None: ...
    def shorting_allowed(self) -> bool:
        """Whether the account's own settings at the broker let a short sale through."""

    def forbid_shorting(self) -> None:
        """Set the account's settings at the broker so that it refuses short sales."""

    def submit(self, order: NewOrder) -> OrderReport: ...
    def replace(self, broker_order_id: str, change: Replacement) -> OrderReport: ...
    def cancel(self, broker_order_id: str) -> None: ...
    def cancel_all(self) -> tuple[CancelOutcome, ...]: ...
    def close_position(self, symbol: str, quantity: Decimal | None = None) -> OrderReport: ...
    def order(self, broker_order_id: str) -> OrderReport | None: ...
    def order_by_client_id(self, client_order_id: str) -> OrderReport | None: ...
    def open_orders(self) -> tuple[OrderReport, ...]:
        """Every order not yet terminal, legs nested, however many pages."""

    def orders_since(self, after: datetime, *, wanted: Collection[str] = ()) -> tuple[OrderReport, ...]:
        """Every order submitted after the instant, open or closed, legs nested.

        Who is after certain orders alone names their client ids: `wanted` may spare pages that hold none of them.
        """

    def fills_since(self, after: datetime) -> tuple[FillReport, ...]: ...
    def transfers_since(self, after: datetime) -> tuple[TransferReport, ...]:
        """What was paid in and out after the instant; where only the day is told it counts from that day's start."""

    def positions(self) -> tuple[PositionReport, ...]: ...
    def clock(self) -> ClockReport: ...
    def calendar(self, start: date, end: date) -> tuple[CalendarDay, ...]: ...
    def asset(self, symbol: str) -> AssetReport | None: ...
    def bars(
        self, symbols: Sequence[str], timeframe: Timeframe, start: datetime, end: datetime
    ) -> tuple[BarReport, ...]: ...
    def quotes(self, symbols: Sequence[str]) -> tuple[QuoteReport, ...]:
        """Latest quote of each symbol that has one."""

    def urgently(self) -> AbstractContextManager[None]:
        """A block whose calls, reads too, may use the half of the request budget that is kept for cancels and halts."""

    def cancels_left(self) -> int | None:
        """How many cancels the account's request budget lets through at once now; None where nothing limits them."""

    def close(self) -> None:
        """Give the connections back."""
