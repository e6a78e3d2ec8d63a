"""The venue itself: accounts, orders and positions on one market that moves bar by bar.

The exchange is pure: it reads its clock, takes ids from its factory, does no I/O and is not thread-safe (one owner).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from trading.venue.market import Bar, Quote, Trade
from trading.venue.values import (
    AccountFigures,
    Asset,
    Clock,
    Execution,
    OrderChanges,
    OrderRequest,
    PortfolioHistory,
    Position,
    SessionDay,
    VenueEvent,
    VenueOrder,
)
from trading.venue.words import AccountKind, Phase, Side


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One line of a 207 answer: ``status`` is its own HTTP status, ``order`` or ``body`` (an error) what it says."""

    key: str
    status: int
    order: VenueOrder | None = None
    body: Mapping[str, Any] | None = None


class Exchange:
    """A simulated Alpaca. Every ``account`` argument is an account number; unknown ones raise ``KeyError``.

    What goes against the venue's rules raises :class:`~trading.venue.values.Refusal` and changes nothing.
    Every order handed out is a snapshot.
    """

    def __init__(
        self,
        assets: Iterable[Asset],
        calendar: Sequence[SessionDay],
        clock: Clock,
        *,
        ids: Callable[[], UUID] | None = None,
        participation: Decimal = Decimal("0.10"),
        spread_ticks: int = 1,
    ) -> None:
        """``participation`` is the share of a bar's volume that may fill here; ``ids`` gives all ids (seeded)."""
        raise NotImplementedError

    # Accounts

    def open_account(
        self,
        number: str,
        kind: AccountKind | str = AccountKind.PAPER,
        cash: Decimal = Decimal(100_000),
        created_at: datetime | None = None,
    ) -> AccountFigures:
        """Open an account with ``cash`` USD. Raises ``ValueError`` where the number is taken."""
        raise NotImplementedError

    def accounts(self) -> list[str]:
        """The numbers of all accounts, in order of opening."""
        raise NotImplementedError

    def figures(self, account: str) -> AccountFigures:
        """Cash, equity, buying power and flags now."""
        raise NotImplementedError

    def configuration(self, account: str) -> dict[str, Any]:
        """The account configuration in Alpaca's words."""
        raise NotImplementedError

    def configure(self, account: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change the configuration; nulls and unknown members are ignored. Raises ``Refusal`` 422 on a bad value."""
        raise NotImplementedError

    def set_flags(
        self, account: str, *, trading_blocked: bool | None = None, account_blocked: bool | None = None
    ) -> None:
        """What the broker (not the user) does to an account."""
        raise NotImplementedError

    # Orders

    def submit(self, account: str, request: OrderRequest) -> VenueOrder:
        """Take an order. The snapshot is as accepted (``pending_new``, or ``accepted`` outside hours); what
        happens next, even at once, is told by events and by :meth:`order`."""
        raise NotImplementedError

    def replace(self, account: str, order_id: str, changes: OrderChanges) -> VenueOrder:
        """Swap an order for a new one and return the new one."""
        raise NotImplementedError

    def cancel(self, account: str, order_id: str) -> None:
        """Cancel an order and whatever depends on it. Raises ``Refusal`` 404 or 422."""
        raise NotImplementedError

    def cancel_all(self, account: str) -> list[ItemResult]:
        """Cancel every open order; the key of each result is the order's id."""
        raise NotImplementedError

    def order(self, account: str, order_id: str) -> VenueOrder:
        """The order by its id. Raises ``Refusal`` 404."""
        raise NotImplementedError

    def order_by_client_id(self, account: str, client_order_id: str) -> VenueOrder:
        """The order by the client's id (after a replace: the original). Raises ``Refusal`` 404."""
        raise NotImplementedError

    def orders(
        self,
        account: str,
        *,
        status: str = "open",
        limit: int = 50,
        after: datetime | None = None,
        until: datetime | None = None,
        direction: str = "desc",
        symbols: Iterable[str] | None = None,
        side: Side | None = None,
        nested: bool = False,
    ) -> list[VenueOrder]:
        """Orders by submission time; ``after`` and ``until`` exclusive. Nested: legs only inside their parent."""
        raise NotImplementedError

    # Positions

    def positions(self, account: str) -> list[Position]:
        """All holdings, by symbol."""
        raise NotImplementedError

    def position(self, account: str, symbol_or_asset_id: str) -> Position:
        """One holding. Raises ``Refusal`` 404."""
        raise NotImplementedError

    def close_position(
        self, account: str, symbol_or_asset_id: str, *, qty: Decimal | None = None, percentage: Decimal | None = None
    ) -> VenueOrder:
        """Submit a market order against (part of) a holding; ``percentage`` is 0–100."""
        raise NotImplementedError

    def close_all(self, account: str, *, cancel_orders: bool = False) -> list[ItemResult]:
        """Close every holding; the key of each result is the symbol."""
        raise NotImplementedError

    # Records

    def activities(
        self,
        account: str,
        *,
        types: Iterable[str] | None = None,
        after: datetime | None = None,
        until: datetime | None = None,
        direction: str = "desc",
        page_size: int = 100,
        page_token: str | None = None,
        order_id: str | None = None,
    ) -> list[Execution]:
        """FILL activities; ``page_token`` is the activity id of the last item seen."""
        raise NotImplementedError

    def portfolio_history(
        self, account: str, *, timeframe: str = "1D", start: datetime | None = None, end: datetime | None = None
    ) -> PortfolioHistory:
        """Equity over time; ``1D`` gives session closes, intraday frames the minutes in between."""
        raise NotImplementedError

    # Market

    def assets(self) -> list[Asset]:
        """All listed assets, by symbol."""
        raise NotImplementedError

    def asset(self, symbol_or_id: str) -> Asset:
        """One asset by symbol or id. Raises ``Refusal`` 404."""
        raise NotImplementedError

    @property
    def calendar(self) -> Sequence[SessionDay]:
        """The sessions this venue knows, by date."""
        raise NotImplementedError

    def phase(self) -> Phase:
        """Where the venue's clock stands in the trading day."""
        raise NotImplementedError

    def is_open(self) -> bool:
        """Whether a regular session is on."""
        raise NotImplementedError

    def next_open(self) -> datetime | None:
        """The next session's open after now (UTC); None past the end of the calendar."""
        raise NotImplementedError

    def next_close(self) -> datetime | None:
        """The next session's close after now (UTC); None past the end of the calendar."""
        raise NotImplementedError

    def quote(self, symbol: str) -> Quote | None:
        """The current quote around the last close; None before the first bar."""
        raise NotImplementedError

    def latest_trade(self, symbol: str) -> Trade | None:
        """The last trade; None before the first bar."""
        raise NotImplementedError

    def load_history(self, minutes: Iterable[Bar], days: Iterable[Bar]) -> None:
        """Give the tape its past: bars before the first session, which trade nothing."""
        raise NotImplementedError

    def minute_bars(self, symbol: str, start: datetime | None = None, end: datetime | None = None) -> list[Bar]:
        """Minute bars with ``start <= bar.start <= end`` that are on the tape by now."""
        raise NotImplementedError

    def daily_bars(self, symbol: str, start: datetime | None = None, end: datetime | None = None) -> list[Bar]:
        """Daily bars, the last one growing while its session is on; each starts at its New York midnight (UTC)."""
        raise NotImplementedError

    def open_session(self) -> None:
        """Begin the session in which the clock stands: queued orders become ``new``, day figures roll."""
        raise NotImplementedError

    def take_bar(self, bars: Sequence[Bar]) -> None:
        """Advance the market by one minute of all symbols: match resting orders, then publish the new quotes."""
        raise NotImplementedError

    def close_session(self) -> None:
        """End the session: closing orders fill or expire, day orders expire, equity is set down."""
        raise NotImplementedError

    def subscribe(self, listener: Callable[[VenueEvent], None]) -> Callable[[], None]:
        """Call ``listener`` with every event as it happens, in order; the returned function ends it."""
        raise NotImplementedError
