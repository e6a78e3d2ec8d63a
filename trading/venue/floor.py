"""The trading day of the venue: opening, one minute after another, closing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from trading.venue import margin
from trading.venue.accounts import EquityMark, VenueAccount
from trading.venue.calendar import SessionCalendar
from trading.venue.crossing import Crossing, Minute
from trading.venue.desk import Desk
from trading.venue.lifecycle import Lifecycle
from trading.venue.market import Bar
from trading.venue.tape import Tape
from trading.venue.values import SessionDay, VenueOrder
from trading.venue.words import OrderStatus, Phase, TimeInForce

MIDNIGHT_TO_OPEN = timedelta(hours=9, minutes=30)
"""New York sessions open at 09:30 local; a daily bar starts at the midnight before."""


class Floor:
    """Drives the market through sessions. ``session`` is the one now open."""

    def __init__(
        self, lifecycle: Lifecycle, tape: Tape, calendar: SessionCalendar, crossing: Crossing, desk: Desk
    ) -> None:
        self.lifecycle = lifecycle
        self.tape = tape
        self.calendar = calendar
        self.crossing = crossing
        self.desk = desk
        self.session: SessionDay | None = None

    def phase(self) -> Phase:
        """By the clock, except that the regular session lasts only from its opening here to its closing here."""
        now = self.lifecycle.clock.now()
        phase = self.calendar.phase(now)
        if phase is Phase.REGULAR and self.session is None:
            return Phase.CLOSED
        return phase

    def open_session(self) -> None:
        """Roll the day; bring queued orders to the market, or reject those of a blocked account.

        Raises ``ValueError`` outside a session's hours.
        """
        now = self.lifecycle.clock.now()
        session = self.calendar.holding(now)
        if self.session is not None or session is None:
            raise ValueError(f"No session can open at {now.isoformat()}: one is open, or the calendar has none then.")
        self._expire_due(now)
        for tape in self.tape.by_symbol.values():
            tape.begin_day()
        for account in self.lifecycle.accounts.values():
            if account.closes:
                account.intraday_adjustments = Decimal(0)
                account.last_equity, account.balance_asof = account.closes[-1].equity, account.closes[-1].session_date
                account.last_maintenance_margin = margin.figures(account, self.tape).maintenance_margin
            account.ledger.roll_day(self.tape.last_close)
        self.session = session
        for order in self._queued():
            account = self.lifecycle.accounts[order.account]
            if account.trading_blocked or account.account_blocked:
                self.lifecycle.reject(order)
            else:
                self.desk.go_live(order)

    def take_bars(self, bars: Sequence[Bar]) -> None:
        """Match a minute of all symbols. Raises ``ValueError`` for a bar that is not newer than the last one."""
        now = self.lifecycle.clock.now()
        self._check_order(bars)
        if self.session is None:
            self._expire_due(now)
            self._wake_extended(now)
        for bar in bars:
            if not self.tape.of(bar.symbol).paused:
                self._take(bar)
        for account in self.lifecycle.accounts.values():
            account.minutes.append(EquityMark(now, self._equity(account)))

    def close_session(self) -> None:
        """Close. Raises ``ValueError`` where no session is open."""
        session, now = self.session, self.lifecycle.clock.now()
        if session is None:
            raise ValueError("No session is open that could be closed.")
        for symbol in self.tape.by_symbol:
            self.crossing.closing(symbol)
        self.session = None
        self._expire_due(max(now, session.close))
        for tape in self.tape.by_symbol.values():
            tape.end_day()
        for account in self.lifecycle.accounts.values():
            account.closes.append(EquityMark(session.close, self._equity(account), session.date))

    def _wake_extended(self, now: datetime) -> None:
        if self.calendar.phase(now) in (Phase.PRE, Phase.AFTER):
            for order in self._queued():
                if order.extended_hours:
                    self.desk.go_live(order)

    def _take(self, told: Bar) -> None:
        session, bar = self.session, self.tape.adjusted(told)
        regular = session is not None and session.open <= bar.start < session.close
        day_start = session.open - MIDNIGHT_TO_OPEN if session is not None and regular else None
        self.tape.of(bar.symbol).add(bar, self.tape.participation, day_start)
        self.crossing.minute(Minute(bar, regular))

    def _check_order(self, bars: Sequence[Bar]) -> None:
        for bar in bars:
            minutes = self.tape.of(bar.symbol).minutes
            if minutes and bar.start <= minutes[-1].start:
                raise ValueError(f"The bar of {bar.symbol} at {bar.start.isoformat()} is not after the last one.")

    def _queued(self) -> list[VenueOrder]:
        """Orders that wait for the market, in the order in which they came."""
        waiting = [
            order
            for account in self.lifecycle.accounts.values()
            for order in account.open.values()
            if order.status is OrderStatus.ACCEPTED
        ]
        return sorted(waiting, key=lambda order: order.submitted_at)

    def _expire_due(self, now: datetime) -> None:
        for account in self.lifecycle.accounts.values():
            due = [one for one in account.open.values() if one.expires_at is not None and one.expires_at <= now]
            for order in due:
                if not order.is_open:
                    continue
                if order.time_in_force is TimeInForce.GTC:
                    self.lifecycle.cancel(order)
                else:
                    self.lifecycle.expire(order)

    def _equity(self, account: VenueAccount) -> Decimal:
        return account.ledger.cash + sum(account.ledger.market_values(self.tape.last))
