"""`/v2/stocks/...`: historical bars, quotes and trades by page, the latest of each, and snapshots.

The tape holds bars. One trade and one quote are told per minute bar: the ones its close left behind, at the bar's end.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trading.venue import frames, parsing, query, rendering_market, ticks, values
from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange
from trading.venue.faults.prices import ShownMarket
from trading.venue.market import Bar
from trading.venue.paging import Page, paged

_FEEDS = ("sip", "iex", "otc", "boats")
_LATEST_FEEDS = (*_FEEDS, "delayed_sip", "overnight")
PARTICIPATION, SPREAD_TICKS = Decimal("0.10"), 1
"""The share of a bar's volume that quotes offer, and their spread; the exchange is built with the same two."""
_MINUTE = timedelta(minutes=1)


class Figures(JSONResponse):
    """An answer that may hold NaN, as a broker's broken figures may; JSON itself has no such number."""

    def render(self, content: Any) -> bytes:
        """Write it the way Python's and JavaScript's lenient encoders do."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


type Series = Callable[[str, datetime, datetime], list[dict[str, Any]]]


class Data:
    """The market-data rooms of one venue. Feeds are told apart by name only: this venue has one tape."""

    def __init__(self, exchange: Exchange, shown: ShownMarket, clock: VirtualClock) -> None:
        self._exchange = exchange
        self._shown = shown
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return this room's routes, each for many symbols and for one."""
        rooms = {
            "bars": self.bars,
            "trades": self.trades,
            "quotes": self.quotes,
            "bars/latest": self.latest_bars,
            "trades/latest": self.latest_trades,
            "quotes/latest": self.latest_quotes,
        }
        routes = [Route("/v2/stocks/snapshots", self.snapshots), Route("/v2/stocks/{symbol}/snapshot", self.snapshots)]
        routes += [Route(f"/v2/stocks/{path}", room) for path, room in rooms.items()]
        return routes + [Route(f"/v2/stocks/{{symbol}}/{path}", room) for path, room in rooms.items()]

    async def bars(self, request: Request) -> Response:
        """Answer a page of bars of any timeframe."""
        frame = frames.timeframe(request.query_params.get("timeframe", ""))
        return self._history(request, "bars", lambda symbol, start, end: self._bars(symbol, frame, start, end))

    async def trades(self, request: Request) -> Response:
        """Answer a page of trades."""
        return self._history(request, "trades", self._trades)

    async def quotes(self, request: Request) -> Response:
        """Answer a page of quotes."""
        return self._history(request, "quotes", self._quotes)

    async def latest_bars(self, request: Request) -> Response:
        """Answer the last minute bar of each symbol."""
        return self._latest(request, "bar", self._minute_bar)

    async def latest_trades(self, request: Request) -> Response:
        """Answer the last trade of each symbol."""
        return self._latest(request, "trade", self._trade)

    async def latest_quotes(self, request: Request) -> Response:
        """Answer the current quote of each symbol."""
        return self._latest(request, "quote", self._quote)

    async def snapshots(self, request: Request) -> Response:
        """Answer everything latest about each symbol."""
        query.choice(request.query_params, "feed", "sip", *_LATEST_FEEDS)
        found = {symbol: snapshot for symbol in self._listed(request) if (snapshot := self._snapshot(symbol))}
        if "symbol" not in request.path_params:
            return Figures(found)
        symbol = request.path_params["symbol"].upper()
        return Figures({"symbol": symbol, **found.get(symbol, {})})

    def _history(self, request: Request, name: str, series: Series) -> Response:
        page = Page.read(request.query_params, self._clock.now(), _FEEDS)
        found, token = paged(self._listed(request), page, series)
        rendered = {symbol: [rendering_market.dated(each) for each in items] for symbol, items in found.items()}
        if "symbol" not in request.path_params:
            return Figures({name: rendered, "next_page_token": token})
        symbol = request.path_params["symbol"].upper()
        return Figures({name: rendered.get(symbol, []), "symbol": symbol, "next_page_token": token})

    def _latest(self, request: Request, name: str, one: Callable[[str], dict[str, Any] | None]) -> Response:
        query.choice(request.query_params, "feed", "sip", *_LATEST_FEEDS)
        found = {symbol: item for symbol in self._listed(request) if (item := one(symbol)) is not None}
        if "symbol" not in request.path_params:
            return Figures({f"{name}s": found})
        symbol = request.path_params["symbol"].upper()
        if symbol not in found:
            raise values.Refusal(404, None, f"no {name} found for {symbol}")
        return Figures({name: found[symbol], "symbol": symbol})

    def _listed(self, request: Request) -> list[str]:
        # A symbol nobody lists is left out of the answer, as Alpaca does.
        known = {each.symbol for each in self._exchange.assets()}
        return [each for each in _symbols(request) if each in known]

    def _bars(self, symbol: str, frame: frames.Timeframe, start: datetime, end: datetime) -> list[dict[str, Any]]:
        begin = start if frame.is_plain else frame.left_edge(start)
        # Bars rolled up from minutes are made of true ones: a spoiled minute could not be rolled up at all.
        market = self._shown if frame.is_plain else self._exchange
        source = market.minute_bars if frame.is_intraday else market.daily_bars
        bars: Iterable[Bar] = source(symbol, begin, end)
        if not frame.is_plain:
            bars = (each for each in frames.roll_up(bars, frame) if each.start >= start)
        return [rendering_market.bar(each) for each in bars]

    def _trades(self, symbol: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
        return [rendering_market.trade(ticks.trade_after(each)) for each in self._ended(symbol, start, end)]

    def _quotes(self, symbol: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
        quotes = (ticks.quote_after(each, PARTICIPATION, SPREAD_TICKS) for each in self._ended(symbol, start, end))
        return [rendering_market.quote(each) for each in quotes]

    def _ended(self, symbol: str, start: datetime, end: datetime) -> list[Bar]:
        return self._exchange.minute_bars(symbol, start - _MINUTE, end - _MINUTE)

    def _snapshot(self, symbol: str) -> dict[str, Any]:
        now = self._clock.now()
        days = self._exchange.daily_bars(symbol, now - timedelta(days=14), now)
        parts = {
            "latestTrade": self._trade(symbol),
            "latestQuote": self._quote(symbol),
            "minuteBar": self._minute_bar(symbol),
            "dailyBar": rendering_market.dated(rendering_market.bar(days[-1])) if days else None,
            "prevDailyBar": rendering_market.dated(rendering_market.bar(days[-2])) if days[1:] else None,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def _minute_bar(self, symbol: str) -> dict[str, Any] | None:
        now = self._clock.now()
        # A week reaches over every weekend and holiday to the last session.
        recent = self._shown.minute_bars(symbol, now - timedelta(days=7), now)
        return rendering_market.dated(rendering_market.bar(recent[-1])) if recent else None

    def _trade(self, symbol: str) -> dict[str, Any] | None:
        last = self._shown.latest_trade(symbol)
        return None if last is None else rendering_market.dated(rendering_market.trade(last))

    def _quote(self, symbol: str) -> dict[str, Any] | None:
        current = self._shown.quote(symbol)
        return None if current is None else rendering_market.dated(rendering_market.quote(current))


def _symbols(request: Request) -> list[str]:
    given = request.path_params.get("symbol")
    symbols = [given] if given else query.listed(request.query_params, "symbols")
    if not symbols:
        raise values.Refusal(400, parsing.MALFORMED, "symbols is required")
    return sorted({each.upper() for each in symbols})
