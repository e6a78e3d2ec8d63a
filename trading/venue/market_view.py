"""What anyone may see of the venue without an account: assets, sessions, quotes and bars."""

from collections.abc import Sequence
from datetime import datetime

from trading.venue.calendar import SessionCalendar
from trading.venue.market import Bar, Quote, Trade
from trading.venue.refusals import missing
from trading.venue.tape import Tape, between
from trading.venue.values import Asset, Clock, SessionDay
from trading.venue.words import Phase


class MarketView:
    """The public side of an exchange. Symbols that are not listed raise ``Refusal`` 404."""

    def __init__(self, assets: Sequence[Asset], calendar: Sequence[SessionDay], clock: Clock, tape: Tape) -> None:
        listed = sorted(assets, key=lambda asset: asset.symbol)
        self._assets = {asset.symbol: asset for asset in listed}
        self._assets_by_id = {asset.id: asset for asset in listed}
        self._clock = clock
        self._calendar = SessionCalendar(calendar)
        self._tape = tape

    def assets(self) -> list[Asset]:
        """All listed assets, by symbol."""
        return list(self._assets.values())

    def asset(self, symbol_or_id: str) -> Asset:
        """One asset by symbol or id. Raises ``Refusal`` 404."""
        found = self._assets.get(symbol_or_id) or self._assets_by_id.get(symbol_or_id)
        if found is None:
            raise missing(f"asset not found for {symbol_or_id}")
        return found

    @property
    def calendar(self) -> Sequence[SessionDay]:
        """The sessions this venue knows, by date."""
        return self._calendar.days

    def phase(self) -> Phase:
        """Where the venue's clock stands in the trading day."""
        return self._calendar.phase(self._clock.now())

    def is_open(self) -> bool:
        """Whether a regular session is on."""
        return self.phase() is Phase.REGULAR

    def next_open(self) -> datetime | None:
        """The next session's open after now (UTC); None past the end of the calendar."""
        session = self._calendar.opening_after(self._clock.now())
        return None if session is None else session.open

    def next_close(self) -> datetime | None:
        """The next session's close after now (UTC); None past the end of the calendar."""
        session = self._calendar.ending_after(self._clock.now())
        return None if session is None else session.close

    def quote(self, symbol: str) -> Quote | None:
        """The current quote around the last close; None before the first bar."""
        return self._tape.quote(self.asset(symbol).symbol)

    def adjusted(self, bars: Sequence[Bar]) -> list[Bar]:
        """Bars of the replay in the shares of today, after the splits there were; a symbol that pauses has none."""
        paused = self.paused()
        return [self._tape.adjusted(each) for each in bars if each.symbol not in paused]

    def paused(self) -> dict[str, str]:
        """Symbols in which nothing trades now, and the code of the reason."""
        return {symbol: tape.paused for symbol, tape in self._tape.by_symbol.items() if tape.paused}

    def latest_trade(self, symbol: str) -> Trade | None:
        """The last trade; None before the first bar."""
        return self._tape.of(self.asset(symbol).symbol).latest_trade()

    def minute_bars(self, symbol: str, start: datetime | None = None, end: datetime | None = None) -> list[Bar]:
        """Minute bars with ``start <= bar.start <= end`` that are on the tape by now."""
        return between(self._tape.of(self.asset(symbol).symbol).minutes, start, end)

    def daily_bars(self, symbol: str, start: datetime | None = None, end: datetime | None = None) -> list[Bar]:
        """Daily bars, the last one growing while its session is on; each starts at its New York midnight (UTC)."""
        tape = self._tape.of(self.asset(symbol).symbol)
        return between(tape.days if tape.today is None else [*tape.days, tape.today], start, end)
