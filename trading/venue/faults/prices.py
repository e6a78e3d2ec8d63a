"""The market as it is shown: bars, quotes and trades on their way out, some of them spoiled. Trading is not touched."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading.venue.exchange import Exchange
from trading.venue.faults.menu import Place
from trading.venue.faults.plan import Fault, Plan
from trading.venue.market import Bar, Quote, Trade
from trading.venue.values import Asset

type Change = Callable[[Decimal], Decimal]

NAN = Decimal("NaN")
_CHANGES: dict[str, Change] = {
    "zero_price": lambda price: Decimal(0),
    "negative_price": lambda price: -price,
    "nan_price": lambda price: NAN,
    "tenfold_price": lambda price: price * 10,
}


class ShownMarket:
    """What the data rooms, the data stream and the in-process gateway read of the market."""

    def __init__(self, exchange: Exchange, plan: Plan) -> None:
        self._exchange = exchange
        self._plan = plan

    def assets(self) -> list[Asset]:
        """All listed assets, by symbol."""
        return self._exchange.assets()

    def quote(self, symbol: str) -> Quote | None:
        """The current quote."""
        quote = self._exchange.quote(symbol)
        fault = self._strike("quotes", symbol)
        return quote if fault is None or quote is None else _quote(quote, fault)

    def latest_trade(self, symbol: str) -> Trade | None:
        """The last trade."""
        trade = self._exchange.latest_trade(symbol)
        fault = self._strike("trades", symbol)
        return trade if fault is None or trade is None else _trade(trade, fault)

    def minute_bars(self, symbol: str, start: datetime | None = None, end: datetime | None = None) -> list[Bar]:
        """Minute bars; a fault strikes the newest of them."""
        return self._newest(symbol, self._exchange.minute_bars(symbol, start, end))

    def daily_bars(self, symbol: str, start: datetime | None = None, end: datetime | None = None) -> list[Bar]:
        """Daily bars."""
        return self._exchange.daily_bars(symbol, start, end)

    def told(self, bars: Sequence[Bar]) -> list[Bar]:
        """The bars of one minute as the data stream tells them."""
        today = self._exchange.adjusted(bars)
        if not self._plan.has(Place.PRICE):
            return today
        return [shown for bar in today for shown in self._newest(bar.symbol, [bar])]

    def _newest(self, symbol: str, bars: list[Bar]) -> list[Bar]:
        fault = self._strike("bars", symbol) if bars else None
        if fault is None:
            return bars
        shown = _bar(bars[-1], fault)
        return bars[:-1] if shown is None else [*bars[:-1], shown]

    def _strike(self, kind: str, symbol: str) -> Fault | None:
        if not self._plan.has(Place.PRICE):
            return None
        return self._plan.strike(Place.PRICE, kind, "", (symbol,))


def _quote(quote: Quote, fault: Fault) -> Quote | None:
    match fault.name:
        case "missing_price":
            return None
        case "stale_price":
            return replace(quote, at=quote.at - fault.set("seconds"))
        case "crossed_quote":
            return replace(quote, bid=quote.ask, ask=quote.bid)
        case name:
            change = _CHANGES[name]
            return replace(quote, bid=change(quote.bid), ask=change(quote.ask))


def _trade(trade: Trade, fault: Fault) -> Trade | None:
    match fault.name:
        case "missing_price":
            return None
        case "stale_price":
            return replace(trade, at=trade.at - fault.set("seconds"))
        case name:
            return replace(trade, price=_CHANGES[name](trade.price))


def _bar(bar: Bar, fault: Fault) -> Bar | None:
    match fault.name:
        case "missing_price":
            return None
        case "stale_price":
            return replace(bar, start=bar.start - fault.set("seconds"))
        case name:
            change = _CHANGES[name]
            return replace(
                bar, open=change(bar.open), high=change(bar.high), low=change(bar.low), close=change(bar.close)
            )
