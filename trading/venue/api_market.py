"""`/v2/assets`, `/v2/clock` and `/v2/calendar`."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trading.venue import query, rendering_market
from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange


class Market:
    """What everybody may know: what is listed and when it trades."""

    def __init__(self, exchange: Exchange, clock: VirtualClock) -> None:
        self._exchange = exchange
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return this room's routes."""
        return [
            Route("/v2/clock", self.clock, methods=["GET"]),
            Route("/v2/calendar", self.calendar, methods=["GET"]),
            Route("/v2/assets", self.assets, methods=["GET"]),
            Route("/v2/assets/{symbol_or_asset_id}", self.asset, methods=["GET"]),
        ]

    async def clock(self, request: Request) -> Response:
        """Answer the venue's time, in New York's offset."""
        now = self._clock.now()
        # Past the end of the calendar nothing opens any more; a week ahead keeps the answer in its documented shape.
        later = now + timedelta(days=7)
        return JSONResponse(
            {
                "timestamp": rendering_market.new_york(now),
                "is_open": self._exchange.is_open(),
                "next_open": rendering_market.new_york(self._exchange.next_open() or later),
                "next_close": rendering_market.new_york(self._exchange.next_close() or later),
            }
        )

    async def calendar(self, request: Request) -> Response:
        """List the sessions between two dates, both included."""
        start, end = query.day(request.query_params, "start"), query.day(request.query_params, "end")
        days = [
            rendering_market.calendar_day(each)
            for each in self._exchange.calendar
            if (start is None or each.date >= start) and (end is None or each.date <= end)
        ]
        return JSONResponse(days)

    async def assets(self, request: Request) -> Response:
        """List what is listed."""
        params = request.query_params
        status = query.choice(params, "status", "all", "active", "inactive", "all")
        classes = query.listed(params, "asset_class")
        exchange = params.get("exchange")
        found = [
            rendering_market.asset(each)
            for each in self._exchange.assets()
            if (status == "all" or each.active == (status == "active"))
            and (not classes or "us_equity" in classes)
            and (exchange is None or each.exchange == exchange)
            # No listed stock here has any of the special attributes.
            and not query.listed(params, "attributes")
        ]
        return JSONResponse(found)

    async def asset(self, request: Request) -> Response:
        """Answer one asset by symbol or id."""
        return JSONResponse(rendering_market.asset(self._exchange.asset(request.path_params["symbol_or_asset_id"])))
