"""The market of one seed: whole sessions whose minutes are drawn as they are asked for, by seed, symbol and minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from tests import venue as venues
from tests.simulation.options import Options
from trading import market_data, sessions
from trading.venue import trading_days
from trading.venue.market import Bar
from trading.venue.values import Asset, SessionDay

MINUTE = timedelta(minutes=1)
CENT = Decimal("0.01")
DAYS = tuple(venues.session(date(2026, 1, day)) for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16))
"""More sessions than a trace can reach."""


class Prices:
    """Draws each minute from a generator of its own, so that a trace without some steps sees the same market."""

    def __init__(self, options: Options, symbols: Sequence[str]) -> None:
        self._options = options
        self._symbols = symbols
        self._last = {symbol: Decimal(100) for symbol in symbols}

    def minute(self, session: int, minute: int) -> list[Bar]:
        """The bars of all symbols that begin `minute` minutes after the open."""
        start = DAYS[session].open + minute * MINUTE
        return [self._bar(symbol, session, minute, start) for symbol in self._symbols]

    def go_on_at(self, symbol: str, price: Decimal) -> None:
        """Go on at another price, as after a split."""
        self._last[symbol] = max(price.quantize(CENT), Decimal(5))

    def _bar(self, symbol: str, session: int, minute: int, start: datetime) -> Bar:
        draw = Random(f"{self._options.seed} {symbol} {session} {minute}")
        before = self._last[symbol]
        moves = [draw.gauss(0, self._options.wildness / 10_000) for _ in range(3)]
        if draw.random() < 0.02:
            moves[2] += draw.choice((-0.03, 0.03))
        seen = [before, *(max((before * Decimal(1 + move)).quantize(CENT), Decimal(1)) for move in moves)]
        self._last[symbol] = seen[-1]
        volume = draw.choice((30, 120, 400, 2_000)) if self._options.thin else 100_000
        return Bar(symbol, start, before, max(seen), min(seen), seen[-1], volume, seen[-1], 100)


def assets(symbols: Sequence[str]) -> list[Asset]:
    """The listed shares."""
    return [
        Asset(f"00000000-0000-4000-8000-{place:012d}", symbol, f"{symbol} Inc.")
        for place, symbol in enumerate(symbols, 1)
    ]


def past_days(symbols: Sequence[str]) -> list[Bar]:
    """Twenty sessions before the first, in which fifty million shares of each symbol were traded a day."""
    days = [sessions.last_closed(DAYS[0].open)]
    while len(days) < market_data.VOLUME_SESSIONS:
        days.append(sessions.last_closed(days[-1].open_at))
    price = Decimal(100)
    return [
        Bar(symbol, trading_days.midnight(day.date), price, price, price, price, 50_000_000, price, 100)
        for day in reversed(days)
        for symbol in symbols
    ]


def calendar() -> tuple[SessionDay, ...]:
    """The venue's sessions."""
    return DAYS


BEFORE = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
"""Half an hour before the first open: where the clocks of every seed begin."""
