"""The market as this venue sees it: bars as they come, the day so far, and the quote derived from the last close."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from trading.venue.market import Bar, Quote, Trade
from trading.venue.matching import tick
from trading.venue.values import ZERO

MINUTE = timedelta(minutes=1)


class SymbolTape:
    """All that is known of one symbol. ``liquidity`` is what may still fill here out of the last bar (shares)."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.minutes: list[Bar] = []
        self.days: list[Bar] = []
        self.today: Bar | None = None
        self.last_close: Decimal | None = None
        self.liquidity = ZERO
        self.trades = 0
        self.paused = ""
        """The code of the exchange's reason while nothing trades; empty while it does."""

    @property
    def last(self) -> Decimal | None:
        """The last traded price; before any bar of the tape, the last daily close."""
        if self.minutes:
            return self.minutes[-1].close
        return self.days[-1].close if self.days else None

    def load(self, minutes: list[Bar], days: list[Bar]) -> None:
        self.minutes = sorted(minutes, key=lambda bar: bar.start)
        self.days = sorted(days, key=lambda bar: bar.start)
        self.last_close = self.days[-1].close if self.days else self.last

    def begin_day(self) -> None:
        self.today = None
        self.liquidity = ZERO

    def add(self, bar: Bar, participation: Decimal, day_start: datetime | None) -> None:
        """Take a bar; ``day_start`` is None outside the regular session, whose bars do not count for the day."""
        self.minutes.append(bar)
        self.trades += max(bar.trade_count, 1)
        self.liquidity = (bar.volume * participation).to_integral_value(ROUND_FLOOR)
        if day_start is None:
            return
        if self.today is None:
            self.today = replace(bar, start=day_start, vwap=None)
            return
        day = self.today
        self.today = replace(
            day,
            high=max(day.high, bar.high),
            low=min(day.low, bar.low),
            close=bar.close,
            volume=day.volume + bar.volume,
            trade_count=day.trade_count + bar.trade_count,
        )

    def end_day(self) -> None:
        if self.today is not None:
            self.days.append(self.today)
            self.last_close = self.today.close
        self.today = None
        self.liquidity = ZERO

    def split(self, ratio: Decimal) -> None:
        """Tell all the past in new shares."""
        self.minutes = [scaled(each, ratio) for each in self.minutes]
        self.days = [scaled(each, ratio) for each in self.days]
        if self.last_close is not None:
            self.last_close = on_grid(self.last_close / ratio)

    def quote(self, spread_ticks: int) -> Quote | None:
        last = self.last
        if last is None:
            return None
        step = tick(last)
        bid = max(last.quantize(step, ROUND_FLOOR), step)
        size = max(int(self.liquidity), 1)
        return Quote(self.symbol, self._last_at(), bid, bid + spread_ticks * step, size, size)

    def latest_trade(self) -> Trade | None:
        last = self.last
        if last is None:
            return None
        bar = (self.minutes or self.days)[-1]
        size = max(bar.volume // max(bar.trade_count, 1), 1)
        return Trade(self.symbol, self._last_at(), last, size, self.trades)

    def _last_at(self) -> datetime:
        return self.minutes[-1].start + MINUTE if self.minutes else self.days[-1].start


class Tape:
    """The tapes of all symbols."""

    def __init__(self, symbols: Iterable[str], participation: Decimal, spread_ticks: int) -> None:
        if not ZERO < participation <= 1:
            raise ValueError(f"participation is {participation}; give a share of volume above 0 and at most 1.")
        if spread_ticks < 1:
            raise ValueError(f"spread_ticks is {spread_ticks}; a quote needs at least one tick between bid and ask.")
        self.by_symbol = {symbol: SymbolTape(symbol) for symbol in symbols}
        self._ratios: dict[str, Decimal] = {}
        self.participation = participation
        self.spread_ticks = spread_ticks

    def of(self, symbol: str) -> SymbolTape:
        """Raises ``KeyError`` for a symbol that is not listed."""
        return self.by_symbol[symbol]

    def split(self, symbol: str, ratio: Decimal) -> None:
        """Each share of before is `ratio` shares from now on."""
        self._ratios[symbol] = self._ratios.get(symbol, Decimal(1)) * ratio
        self.of(symbol).split(ratio)

    def adjusted(self, bar: Bar) -> Bar:
        """A bar of the replay in the shares of today."""
        ratio = self._ratios.get(bar.symbol)
        return bar if ratio is None else scaled(bar, ratio)

    def last(self, symbol: str) -> Decimal | None:
        return self.by_symbol[symbol].last

    def last_close(self, symbol: str) -> Decimal | None:
        return self.by_symbol[symbol].last_close

    def quote(self, symbol: str) -> Quote | None:
        return self.by_symbol[symbol].quote(self.spread_ticks)

    def load(self, minutes: Iterable[Bar], days: Iterable[Bar]) -> None:
        sorted_minutes: dict[str, list[Bar]] = {symbol: [] for symbol in self.by_symbol}
        sorted_days: dict[str, list[Bar]] = {symbol: [] for symbol in self.by_symbol}
        for bar in minutes:
            sorted_minutes[bar.symbol].append(bar)
        for bar in days:
            sorted_days[bar.symbol].append(bar)
        for symbol, tape in self.by_symbol.items():
            tape.load(sorted_minutes[symbol], sorted_days[symbol])


def on_grid(price: Decimal) -> Decimal:
    """The nearest price that can be traded at."""
    return max(price.quantize(tick(price)), tick(price))


def scaled(bar: Bar, ratio: Decimal) -> Bar:
    """A bar in shares of which there are `ratio` for one of the bar's."""
    return replace(
        bar,
        open=on_grid(bar.open / ratio),
        high=on_grid(bar.high / ratio),
        low=on_grid(bar.low / ratio),
        close=on_grid(bar.close / ratio),
        vwap=None if bar.vwap is None else bar.vwap / ratio,
        volume=int(bar.volume * ratio),
    )


def between(bars: list[Bar], start: datetime | None, end: datetime | None) -> list[Bar]:
    """The bars with ``start <= bar.start <= end`` out of a list in order of time."""
    first = 0 if start is None else bisect_left(bars, start, key=lambda bar: bar.start)
    last = len(bars) if end is None else bisect_right(bars, end, key=lambda bar: bar.start)
    return bars[first:last]
