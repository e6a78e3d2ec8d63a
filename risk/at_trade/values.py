"""The values that the monitors judge by, and what they answer. Shares, USD, plain fractions, aware UTC."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from risk.standing import LimitInForce


class AlarmCode(StrEnum):
    """What a monitor saw: CATEGORY_ACTION or CATEGORY_CONDITION."""

    LOSS_DAY_WARNED = "LOSS_DAY_WARNED"
    LOSS_DAY_HALTED = "LOSS_DAY_HALTED"
    LOSS_DAY_FLATTENED = "LOSS_DAY_FLATTENED"
    LOSS_WEEK_HALTED = "LOSS_WEEK_HALTED"
    DRAWDOWN_HALTED = "DRAWDOWN_HALTED"
    REPEATED_FILLS = "REPEATED_FILLS"
    REPEATED_STOPS = "REPEATED_STOPS"
    REJECTS_BURST = "REJECTS_BURST"
    ERRORS_BURST = "ERRORS_BURST"
    SLIPPAGE_FILL_WARNED = "SLIPPAGE_FILL_WARNED"
    SLIPPAGE_MEAN_HALTED = "SLIPPAGE_MEAN_HALTED"
    ORDER_UNRESOLVED = "ORDER_UNRESOLVED"
    POSITION_NAKED = "POSITION_NAKED"
    POSITION_DRIFTED = "POSITION_DRIFTED"
    GROSS_DRIFTED = "GROSS_DRIFTED"
    GAP_DRIFTED = "GAP_DRIFTED"
    MARKET_HALTED = "MARKET_HALTED"
    MARKET_FELL_7 = "MARKET_FELL_7"
    MARKET_FELL_13 = "MARKET_FELL_13"
    MARKET_FELL_20 = "MARKET_FELL_20"


class Action(StrEnum):
    """What the program does about an alarm."""

    WARN = "warn"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"
    DISABLE = "disable"
    """No new entries of one strategy until two people re-arm it."""


@dataclass(frozen=True, slots=True)
class Track:
    """The account's return index: 1 at the beginning, times (1 + return) of each session, so transfers move it not.

    `closed` is the index before the session of `session_date`, `index` the one now.
    """

    session_date: date
    base_equity: Decimal
    """Broker equity at the close before the session, USD."""
    transfers: Decimal
    """Paid in less paid out since that close, USD."""
    closed: Decimal
    index: Decimal
    week: date
    """Monday of the week of the session."""
    week_index: Decimal
    """Index at the close before that week's first session."""
    peak_index: Decimal
    peak_date: date


@dataclass(frozen=True, slots=True)
class Executed:
    """One order of a strategy that was filled, wholly or in part, as the row of repetitions sees it."""

    strategy: str
    symbol: str
    purpose: str
    realised: Decimal
    """USD that its fills realised; zero for an entry."""


@dataclass(frozen=True, slots=True)
class Slip:
    """An order decided on a quote and filled: the middle then, and the mean price of its fills."""

    symbol: str
    side: str
    reference: Decimal
    price: Decimal
    session_date: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order sent without a known outcome, since `since` (wall clock)."""

    symbol: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Bare:
    """Shares that no live stop guards, held unchanged since `since` (wall clock)."""

    symbol: str
    shares: Decimal
    since: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """One symbol's last close and its last price, USD; what is not known is None. `at` by the venue's clock."""

    symbol: str
    before: Decimal | None
    last: Decimal | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Market:
    """The symbols of an account as they moved since the last close, at `now` (venue's clock)."""

    now: datetime
    opened_at: datetime
    moves: tuple[Move, ...]
    halted: str = ""
    """What the exchanges say where all trading is halted; empty while it goes on."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One account as the monitors see it. A figure that is not known is None, and its monitor says that it is blind."""

    account: str
    mode: str
    now: datetime
    """Wall clock."""
    session_date: date
    equity: Decimal | None
    last_equity: Decimal | None
    transfers: Decimal | None
    track: Track | None
    settled: Decimal | None = None
    """Paid in less paid out between the close before the track's session and the last close; USD."""
    executed: tuple[Executed, ...] = ()
    """Newest first, since each strategy was re-armed last."""
    rejects: int = 0
    """Orders rejected within `conduct.REJECTS_WITHIN`, and since the account was released last."""
    errors: int = 0
    slips: tuple[Slip, ...] = ()
    """Newest first."""
    unresolved: tuple[Waiting, ...] = ()
    bare: tuple[Bare, ...] = ()
    values: tuple[tuple[str, Decimal | None], ...] = ()
    """Symbol and market value in USD of each holding, unsigned."""
    market: Market | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """One finding of a monitor, and what is to be done."""

    code: AlarmCode
    control: int
    sentence: str
    seen: str
    limit: LimitInForce
    action: Action
    strategy: str = ""
    symbol: str = ""
    once_since: date | None = None
    """Act once from this session on, however often it is seen; None acts whenever no such halt stands."""
