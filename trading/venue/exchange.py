"""The venue itself: accounts, orders and positions on one market that moves bar by bar.

The exchange is pure: it reads its clock, takes ids from its factory, does no I/O and is not thread-safe (one owner).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from trading.venue import margin, queries, settings
from trading.venue.accounts import Transfer, VenueAccount
from trading.venue.crossing import Crossing
from trading.venue.desk import Desk
from trading.venue.floor import Floor
from trading.venue.identity import ACCOUNTS, seeded_ids
from trading.venue.incidents import Incident, Incidents
from trading.venue.ledger import Ledger
from trading.venue.lifecycle import Lifecycle
from trading.venue.market import Bar
from trading.venue.market_view import MarketView
from trading.venue.refusals import invalid, missing
from trading.venue.results import ItemResult
from trading.venue.tape import Tape
from trading.venue.values import (
    AccountFigures,
    Asset,
    Clock,
    Execution,
    OrderChanges,
    OrderRequest,
    PortfolioHistory,
    Position,
    Refusal,
    SessionDay,
    VenueEvent,
    VenueOrder,
)
from trading.venue.words import AccountKind, Phase, Side


class Exchange(MarketView):
    """A simulated Alpaca. Every ``account`` argument is an account number; unknown ones raise ``KeyError``.

    What goes against the venue's rules raises :class:`~trading.venue.values.Refusal` and changes nothing.
    Every order handed out is a snapshot.
    """

    def __init__(
        self,
        assets: Sequence[Asset],
        calendar: Sequence[SessionDay],
        clock: Clock,
        *,
        ids: Callable[[], UUID] | None = None,
        participation: Decimal = Decimal("0.10"),
        spread_ticks: int = 1,
    ) -> None:
        """``participation`` is the share of a bar's volume that may fill here; ``ids`` gives all ids (seeded)."""
        super().__init__(assets, calendar, clock, Tape((asset.symbol for asset in assets), participation, spread_ticks))
        self._lifecycle = Lifecycle(clock, ids or seeded_ids(0))
        crossing = Crossing(self._lifecycle, self._tape)
        self._desk = Desk(self._lifecycle, self._tape, self._calendar, crossing)
        self._floor = Floor(self._lifecycle, self._tape, self._calendar, crossing, self._desk)
        self._incidents = Incidents(self._desk)

    def phase(self) -> Phase:
        return self._floor.phase()

    # Accounts

    def open_account(
        self,
        number: str,
        kind: AccountKind | str = AccountKind.PAPER,
        cash: Decimal = Decimal(100_000),
        created_at: datetime | None = None,
    ) -> AccountFigures:
        """Open an account with ``cash`` USD. Raises ``ValueError`` where the number is taken."""
        if number in self._lifecycle.accounts:
            raise ValueError(f"Account {number} is open already; give each account its own number.")
        self._lifecycle.accounts[number] = VenueAccount(
            id=str(uuid5(ACCOUNTS, number)),
            number=number,
            kind=AccountKind(kind),
            created_at=created_at or self._clock.now(),
            ledger=Ledger(cash),
            opening_equity=cash,
            last_equity=cash,
        )
        return self.figures(number)

    def accounts(self) -> list[str]:
        """The numbers of all accounts, in order of opening."""
        return list(self._lifecycle.accounts)

    def figures(self, account: str) -> AccountFigures:
        """Cash, equity, buying power and flags now."""
        return margin.figures(self._account(account), self._tape)

    def configuration(self, account: str) -> dict[str, Any]:
        """The account configuration in Alpaca's words."""
        return dict(self._account(account).configuration)

    def configure(self, account: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change the configuration; nulls and unknown members are ignored. Raises ``Refusal`` 422 on a bad value."""
        chosen = self._account(account)
        chosen.configuration = settings.changed(chosen.configuration, changes)
        return dict(chosen.configuration)

    def set_flags(
        self, account: str, *, trading_blocked: bool | None = None, account_blocked: bool | None = None
    ) -> None:
        """What the broker (not the user) does to an account."""
        chosen = self._account(account)
        if trading_blocked is not None:
            chosen.trading_blocked = trading_blocked
        if account_blocked is not None:
            chosen.account_blocked = account_blocked

    # Orders

    def submit(self, account: str, request: OrderRequest) -> VenueOrder:
        """Take an order. The snapshot is as accepted (``pending_new``, or ``accepted`` outside hours); what
        happens next, even at once, is told by events and by :meth:`order`."""
        asset = self._assets.get(request.symbol)
        if asset is None:
            raise invalid(f'asset "{request.symbol}" not found')
        return self._desk.submit(self._account(account), request, asset, self.phase())

    def replace(self, account: str, order_id: str, changes: OrderChanges) -> VenueOrder:
        """Swap an order for a new one and return the new one."""
        return self._desk.replace(self._account(account), order_id, changes)

    def cancel(self, account: str, order_id: str) -> None:
        """Cancel an order and whatever depends on it. Raises ``Refusal`` 404 or 422."""
        self._desk.cancel(self._account(account), order_id)

    def cancel_all(self, account: str) -> list[ItemResult]:
        """Cancel every open order; the key of each result is the order's id."""
        chosen = self._account(account)
        results = []
        for order in list(chosen.open.values()):
            if order.is_open and not order.is_leg:
                self._desk.cancel(chosen, order.id)
                results.append(ItemResult(order.id, 200))
        for order in list(chosen.open.values()):
            if order.is_open:
                self._desk.cancel(chosen, order.id)
                results.append(ItemResult(order.id, 200))
        return results

    def reject(self, account: str, order_id: str) -> None:
        """Refuse, as a market may, an order that was already taken. Raises ``Refusal`` 404, or 422 if it has ended."""
        self._desk.reject(self._account(account), order_id)

    def happen(self, incident: Incident) -> VenueOrder | None:
        """Let something happen that nobody here asked for. Raises ``Refusal`` where it cannot be."""
        return self._incidents.happen(incident)

    def order(self, account: str, order_id: str) -> VenueOrder:
        """The order by its id. Raises ``Refusal`` 404."""
        return self._account(account).order(order_id).snapshot()

    def order_by_client_id(self, account: str, client_order_id: str) -> VenueOrder:
        """The order by the client's id (after a replace: the original). Raises ``Refusal`` 404."""
        found = self._account(account).by_client_id.get(client_order_id)
        if found is None:
            raise missing(f"order not found for {client_order_id}")
        return found.snapshot()

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
        before_order_id: str | None = None,
        after_order_id: str | None = None,
    ) -> list[VenueOrder]:
        """Orders by submission time; all bounds exclusive. Nested: legs only inside their parent."""
        chosen = None if symbols is None else frozenset(symbols)
        before = None if before_order_id is None else self.order(account, before_order_id).sequence
        beyond = None if after_order_id is None else self.order(account, after_order_id).sequence
        wanted = queries.OrderFilter(
            status, limit, after, until, direction, chosen, side, nested, before=before, beyond=beyond
        )
        return queries.orders(self._account(account), wanted)

    # Positions

    def positions(self, account: str) -> list[Position]:
        """All holdings, by symbol."""
        chosen = self._account(account)
        held = sorted(chosen.ledger.holdings)
        return [queries.position(chosen, self._assets[symbol], self._tape) for symbol in held]

    def position(self, account: str, symbol_or_asset_id: str) -> Position:
        """One holding. Raises ``Refusal`` 404."""
        chosen, asset = self._account(account), self.asset(symbol_or_asset_id)
        if asset.symbol not in chosen.ledger.holdings:
            raise missing("position does not exist")
        return queries.position(chosen, asset, self._tape)

    def close_position(
        self, account: str, symbol_or_asset_id: str, *, qty: Decimal | None = None, percentage: Decimal | None = None
    ) -> VenueOrder:
        """Submit a market order against (part of) a holding; ``percentage`` is 0 to 100."""
        chosen, asset = self._account(account), self.asset(symbol_or_asset_id)
        request = self._desk.closing_request(chosen, asset, qty, percentage)
        return self._desk.submit(chosen, request, asset, self.phase())

    def close_all(self, account: str, *, cancel_orders: bool = False) -> list[ItemResult]:
        """Close every holding; the key of each result is the symbol."""
        if cancel_orders:
            self.cancel_all(account)
        results = []
        for symbol in sorted(self._account(account).ledger.holdings):
            try:
                results.append(ItemResult(symbol, 200, order=self.close_position(account, symbol)))
            except Refusal as refusal:
                results.append(ItemResult(symbol, refusal.status, body=refusal.body))
        return results

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
        if types is not None and "FILL" not in types:
            return []
        return queries.activities(
            self._account(account),
            after=after,
            until=until,
            direction=direction,
            page_size=page_size,
            page_token=page_token,
            order_id=order_id,
        )

    def transfers(self, account: str, after: datetime | None = None) -> list[Transfer]:
        """What was paid in and out, oldest first; ``after`` is exclusive."""
        return [each for each in self._account(account).transfers if after is None or each.at > after]

    def portfolio_history(
        self, account: str, *, timeframe: str = "1D", start: datetime | None = None, end: datetime | None = None
    ) -> PortfolioHistory:
        """Equity over time; ``1D`` gives session closes, intraday frames the minutes in between."""
        return queries.portfolio_history(self._account(account), timeframe, start, end)

    # Market

    def load_history(self, minutes: Iterable[Bar], days: Iterable[Bar]) -> None:
        """Give the tape its past: bars before the first session, which trade nothing."""
        self._tape.load(minutes, days)

    def open_session(self) -> None:
        """Begin the session in which the clock stands: queued orders become ``new``, day figures roll."""
        self._floor.open_session()

    def take_bar(self, bars: Sequence[Bar]) -> None:
        """Advance the market by one minute of all symbols: match resting orders, then publish the new quotes."""
        self._floor.take_bars(bars)

    def close_session(self) -> None:
        """End the session: closing orders fill or expire, day orders expire, equity is set down."""
        self._floor.close_session()

    def subscribe(self, listener: Callable[[VenueEvent], None]) -> Callable[[], None]:
        """Call ``listener`` with every event as it happens, in order; the returned function ends it."""
        self._lifecycle.listeners.append(listener)
        return lambda: self._lifecycle.forget(listener)

    def _account(self, number: str) -> VenueAccount:
        return self._lifecycle.accounts[number]
