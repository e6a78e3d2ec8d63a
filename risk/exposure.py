"""The values risk judges by: what is proposed, what the account looks like, and what the verdict was.

Trading describes the world to risk in these frozen values, so that every check is a pure function. Quantities are
shares, signed where said (negative is short or sell), prices and amounts USD, fractions plain (0.02 is 2 %), instants
aware UTC. A figure that is not known is None, and a check that needs it denies.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class TradingState(StrEnum):
    """What an account may do now: everything, only reduce, or nothing but cancel."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


@dataclass(frozen=True, slots=True)
class ProposedOrder:
    """One order the robot, or a person, would like to send. `quantity` is unsigned; `side` is "buy" or "sell"."""

    intent_id: str
    account: str
    mode: str
    strategy: str
    symbol: str
    side: str
    quantity: Decimal
    order_type: str
    time_in_force: str
    purpose: str
    """"entry" adds exposure; "exit", "stop", "target" and "flatten" reduce it, and must really do so."""
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    take_profit_price: Decimal | None = None
    stop_loss_price: Decimal | None = None
    order_class: str = "simple"
    extended_hours: bool = False
    notional: Decimal | None = None
    signal_id: str = ""
    reference_price: Decimal | None = None

    @property
    def signed_quantity(self) -> Decimal:
        return self.quantity if self.side == "buy" else -self.quantity

    @property
    def is_entry(self) -> bool:
        return self.purpose == "entry"


@dataclass(frozen=True, slots=True)
class Holding:
    """Shares held in one symbol (negative is short), marked at `price`; `stop_price` is the live stop, if any."""

    symbol: str
    quantity: Decimal
    average_price: Decimal
    price: Decimal | None
    sector: str = ""
    stop_price: Decimal | None = None
    protected_quantity: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Working:
    """An order that holds exposure: approved, in flight, unknown or working.

    `remaining` is what may still fill, unsigned.
    """

    intent_id: str
    symbol: str
    side: str
    remaining: Decimal
    price: Decimal | None
    purpose: str
    status: str
    order_type: str = "limit"
    stop_price: Decimal | None = None
    stop_loss_price: Decimal | None = None
    """Price of the stop that an entry carries with it; without one all of its value is at risk."""
    sector: str = ""
    """Empty is a group of its own: all that nobody has classified counts together."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and offer as the venue gave it at `at` (venue's clock)."""

    symbol: str
    bid: Decimal
    ask: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    symbol: str
    tradable: bool | None
    exchange: str = ""
    sector: str = ""
    leveraged: bool | None = None
    paused: str = ""
    """Why the exchange lets nothing trade in it now; empty while it trades."""
    restricted: bool = False
    """A corporate action, earnings date or restriction list blocks entries today."""
    average_volume: Decimal | None = None
    """Shares traded on an average one of the last 20 sessions."""
    average_volume_date: date | None = None
    """Last session in that average."""


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """An intent approved in the last minutes, for the duplicate window; `at` by the venue's clock."""

    symbol: str
    side: str
    quantity: Decimal
    at: datetime
    signal_id: str


@dataclass(frozen=True, slots=True)
class SessionWindow:
    """The session of the moment, from the calendar both we and the broker agree on; None instants outside a session."""

    is_open: bool
    session_date: date | None
    open_at: datetime | None
    close_at: datetime | None


@dataclass(frozen=True, slots=True)
class Exposure:
    """One account as it stands under its row lock: filled + open + in flight, the market, the day so far."""

    account: str
    mode: str
    state_known_at: datetime | None
    """When the broker's figures were read (wall clock); None when never."""
    now: datetime
    """Wall clock: for machine ages."""
    market_now: datetime
    """The venue's clock: for quote, session and day ages."""
    equity: Decimal | None
    last_equity: Decimal | None
    cash: Decimal | None
    buying_power: Decimal | None
    intraday_adjustments: Decimal
    account_status: str
    trading_blocked: bool
    account_blocked: bool
    trade_suspended: bool
    shorting_enabled: bool
    pinned_number: str
    """Account number the credentials were proved to belong to; empty when not proved."""
    pinned_mode: str
    holdings: tuple[Holding, ...] = ()
    working: tuple[Working, ...] = ()
    quote: Quote | None = None
    mid_before: Decimal | None = None
    """Middle of bid and ask, or the last close, of the symbol about five minutes before `market_now`."""
    instrument: InstrumentFacts | None = None
    session: SessionWindow | None = None
    recent: tuple[RecentOrder, ...] = ()
    used_signal_ids: frozenset[str] = frozenset()
    """Signals that already have an approved intent, for ever."""
    entries_today: int = 0
    entries_today_symbol: int = 0
    messages_today: int | None = None
    """Orders approved in this session, whatever their purpose; cancels are not counted."""
    blocked_symbols: dict[str, str] = field(default_factory=dict)
    """Symbol -> why nothing may be entered there: an unknown order, a reconciliation break. "*" is every symbol."""
    live_permission: tuple[str, ...] = ()
    """Why a live order may not be sent now; empty when it may, or when the account is paper."""

    def holding(self, symbol: str) -> Holding | None:
        return next((h for h in self.holdings if h.symbol == symbol), None)


class DenialCode(StrEnum):
    """Why we would not send an order: CATEGORY_CONDITION. docs/controls.md is generated from the table that uses it."""

    HALTED = "HALTED"
    HALT_STATE_UNREADABLE = "HALT_STATE_UNREADABLE"
    STAGE_NOT_LIVE = "STAGE_NOT_LIVE"
    LIVE_NOT_APPROVED = "LIVE_NOT_APPROVED"
    CHECK_FAILED = "CHECK_FAILED"  # an exception inside a check
    INPUT_MISSING = "INPUT_MISSING"  # a figure the check needs is absent, or is no number
    LIMIT_MISSING = "LIMIT_MISSING"  # no version of a limit the check needs is in force
    ORDER_MALFORMED = "ORDER_MALFORMED"
    NUMBER_INVALID = "NUMBER_INVALID"
    NUMBER_AMBIGUOUS = "NUMBER_AMBIGUOUS"
    NUMBER_OFF_TICK = "NUMBER_OFF_TICK"
    NUMBER_OFF_LOT = "NUMBER_OFF_LOT"
    ENVIRONMENT_UNPROVED = "ENVIRONMENT_UNPROVED"
    ENVIRONMENT_MISMATCH = "ENVIRONMENT_MISMATCH"
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    ACCOUNT_INACTIVE = "ACCOUNT_INACTIVE"
    ACCOUNT_STALE = "ACCOUNT_STALE"
    POSITION_FRACTION_EXCEEDED = "POSITION_FRACTION_EXCEEDED"
    POSITION_USD_EXCEEDED = "POSITION_USD_EXCEEDED"
    ORDER_FRACTION_EXCEEDED = "ORDER_FRACTION_EXCEEDED"
    ORDER_USD_EXCEEDED = "ORDER_USD_EXCEEDED"
    GROSS_FRACTION_EXCEEDED = "GROSS_FRACTION_EXCEEDED"
    GROSS_USD_EXCEEDED = "GROSS_USD_EXCEEDED"
    POSITIONS_EXCEEDED = "POSITIONS_EXCEEDED"
    SECTOR_EXCEEDED = "SECTOR_EXCEEDED"
    OPEN_RISK_EXCEEDED = "OPEN_RISK_EXCEEDED"
    GAP_STRESS_EXCEEDED = "GAP_STRESS_EXCEEDED"
    MESSAGES_MINUTE_REACHED = "MESSAGES_MINUTE_REACHED"
    MESSAGES_DAY_REACHED = "MESSAGES_DAY_REACHED"
    ORDER_TYPE_REFUSED = "ORDER_TYPE_REFUSED"
    ORDER_TIME_REFUSED = "ORDER_TIME_REFUSED"
    LIQUIDITY_SHARE_EXCEEDED = "LIQUIDITY_SHARE_EXCEEDED"
    LIQUIDITY_PRICE_LOW = "LIQUIDITY_PRICE_LOW"
    LIQUIDITY_VOLUME_LOW = "LIQUIDITY_VOLUME_LOW"
    SELF_CROSS = "SELF_CROSS"
    ENTRIES_DAY_REACHED = "ENTRIES_DAY_REACHED"
    ENTRIES_SYMBOL_REACHED = "ENTRIES_SYMBOL_REACHED"
    PRICE_OFF_COLLAR = "PRICE_OFF_COLLAR"
    PRICE_DRIFTED = "PRICE_DRIFTED"
    QUOTE_INVALID = "QUOTE_INVALID"
    QUOTE_STALE = "QUOTE_STALE"
    QUOTE_WIDE = "QUOTE_WIDE"
    SYMBOL_NOT_ALLOWED = "SYMBOL_NOT_ALLOWED"
    SYMBOL_NOT_TRADABLE = "SYMBOL_NOT_TRADABLE"
    SYMBOL_LEVERAGED = "SYMBOL_LEVERAGED"
    SYMBOL_OTC = "SYMBOL_OTC"
    SYMBOL_RESTRICTED = "SYMBOL_RESTRICTED"
    SYMBOL_BLOCKED = "SYMBOL_BLOCKED"
    SYMBOL_PAUSED = "SYMBOL_PAUSED"
    SESSION_CLOSED = "SESSION_CLOSED"
    SESSION_TOO_EARLY = "SESSION_TOO_EARLY"
    SESSION_TOO_LATE = "SESSION_TOO_LATE"
    SESSION_EXTENDED = "SESSION_EXTENDED"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    DUPLICATE_SIGNAL = "DUPLICATE_SIGNAL"
    STOP_MISSING = "STOP_MISSING"
    STOP_WRONG_SIDE = "STOP_WRONG_SIDE"
    STOP_TOO_NEAR = "STOP_TOO_NEAR"
    STOP_TOO_FAR = "STOP_TOO_FAR"
    CASH_BUFFER_BROKEN = "CASH_BUFFER_BROKEN"
    CASH_POWER_SHORT = "CASH_POWER_SHORT"
    SHORT_REFUSED = "SHORT_REFUSED"
    SHORT_OPEN_AT_BROKER = "SHORT_OPEN_AT_BROKER"
    EXIT_EXCEEDS_HOLDING = "EXIT_EXCEEDS_HOLDING"
    LOSS_DAY_REACHED = "LOSS_DAY_REACHED"
    LOSS_BUDGET_EXCEEDED = "LOSS_BUDGET_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Denial:
    """One control's refusal: the code, a sentence for a person, what it saw, what it allowed."""

    code: str
    control: int
    sentence: str
    seen: str = ""
    limit: str = ""
    limit_name: str = ""
    limit_version: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "may I?". Denied when any control denies; all denials are kept, the first in table order
    names it."""

    approved: bool
    denials: tuple[Denial, ...]
    limit_versions: dict[str, int]
    inputs: dict[str, Any]
    """What was read, canonical-JSON ready (Decimals as text, instants as ISO text)."""

    @property
    def code(self) -> str:
        return self.denials[0].code if self.denials else ""

    @property
    def sentence(self) -> str:
        return self.denials[0].sentence if self.denials else ""
