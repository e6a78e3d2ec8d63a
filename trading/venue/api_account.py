"""`/v2/account` and below: figures, configuration, activities and the equity curve."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trading.venue import parsing, query, rendering, rendering_account, values
from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange
from trading.venue.journal import Acts

_UNITS = {"D": 1, "W": 7, "M": 30, "A": 365}
_FRAMES = ("1Min", "5Min", "15Min", "1H", "1D")
_INSTANT = timedelta(microseconds=1)
_LONGEST_INTRADAY = timedelta(days=30)


class Account:
    """The account rooms of one venue."""

    def __init__(self, exchange: Exchange, acts: Acts, clock: VirtualClock) -> None:
        self._exchange = exchange
        self._acts = acts
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return this room's routes."""
        return [
            Route("/v2/account", self.figures, methods=["GET"]),
            Route("/v2/account/configurations", self.configuration, methods=["GET"]),
            Route("/v2/account/configurations", self.configure, methods=["PATCH"]),
            Route("/v2/account/activities", self.activities, methods=["GET"]),
            Route("/v2/account/activities/{activity_type}", self.activities, methods=["GET"]),
            Route("/v2/account/portfolio/history", self.history, methods=["GET"]),
        ]

    async def figures(self, request: Request) -> Response:
        """Answer cash, equity, buying power and flags."""
        return JSONResponse(rendering_account.account(self._exchange.figures(request.state.account)))

    async def configuration(self, request: Request) -> Response:
        """Answer the account's own settings."""
        return JSONResponse(_set_members(self._exchange.configuration(request.state.account)))

    async def configure(self, request: Request) -> Response:
        """Change the account's own settings; alpaca-py sends the whole model, nulls included."""
        changes = parsing.body(await request.body())
        plain = {name: _plain(name, value) for name, value in changes.items()}
        return JSONResponse(_set_members(self._acts.configure(request.state.account, plain)))

    async def activities(self, request: Request) -> Response:
        """List FILL activities, or transfers where no trades are asked for; `page_token` is the last one's id."""
        params = request.query_params
        given = request.path_params.get("activity_type")
        types = [given] if given else query.listed(params, "activity_types")
        category = params.get("category")
        if category is not None and types:
            raise values.Refusal(422, parsing.INVALID, "category cannot be used with activity_types")
        if category == "non_trade_activity" or (types and "FILL" not in types):
            return self._transfers(request, types or [])
        after, until = query.instant(params, "after"), query.instant(params, "until")
        on = query.instant(params, "date")
        if on is not None:
            # `after` excludes its instant and `until` includes it; the day's first instant belongs to the day.
            midnight = on.replace(hour=0, minute=0, second=0, microsecond=0)
            after, until = midnight - _INSTANT, midnight + timedelta(days=1) - _INSTANT
        found = self._exchange.activities(
            request.state.account,
            types=["FILL"],
            after=after,
            until=until,
            direction=query.choice(params, "direction", "desc", "asc", "desc"),
            page_size=query.whole(params, "page_size", 100, 100),
            page_token=params.get("page_token"),
            order_id=params.get("order_id"),
        )
        return JSONResponse([rendering.activity(each) for each in found])

    def _transfers(self, request: Request, types: list[str]) -> Response:
        params = request.query_params
        found = self._exchange.transfers(request.state.account, query.instant(params, "after"))
        token, wanted = params.get("page_token"), [each for each in found if not types or each.kind in types]
        ids = [each.activity_id for each in wanted]
        page = wanted[ids.index(token) + 1 :] if token in ids else wanted
        return JSONResponse([rendering_account.transfer(each) for each in page])

    async def history(self, request: Request) -> Response:
        """Answer the equity curve over a period that ends now or at `end`."""
        params = request.query_params
        now = self._clock.now()
        end = query.instant(params, "end") or query.instant(params, "date_end") or now
        start = query.instant(params, "start") or _start(params.get("period", "1M"), end)
        timeframe = params.get("timeframe") or _frame(end - start)
        if timeframe not in _FRAMES:
            raise values.Refusal(422, parsing.INVALID, "timeframe must be one of 1Min, 5Min, 15Min, 1H, 1D")
        if timeframe != "1D" and end - start > _LONGEST_INTRADAY:
            raise values.Refusal(422, parsing.INVALID, "intraday timeframes span at most 30 days; use timeframe=1D")
        record = self._exchange.portfolio_history(request.state.account, timeframe=timeframe, start=start, end=end)
        return JSONResponse(rendering_account.history(record))


def _set_members(configuration: rendering.Json) -> rendering.Json:
    # The schema allows no null: what is not set is left out.
    return {name: value for name, value in configuration.items() if value is not None}


def _plain(name: str, value: object) -> object:
    if not isinstance(value, Decimal):
        return value
    if value != value.to_integral_value():
        raise values.Refusal(422, parsing.INVALID, f"invalid {name}")
    return rendering.number(value) if name == "max_margin_multiplier" else int(value)


def _start(period: str, end: datetime) -> datetime:
    match = re.fullmatch(r"(\d{1,3})([DWMA])", period, re.ASCII)
    if match is None or int(match[1]) == 0:
        raise values.Refusal(422, parsing.INVALID, "period must be a number and one of D, W, M, A, such as 1M")
    return max(end - timedelta(days=int(match[1]) * _UNITS[match[2]]), datetime(1970, 1, 1, tzinfo=end.tzinfo))


def _frame(span: timedelta) -> str:
    if span < timedelta(days=7):
        return "1Min"
    return "15Min" if span < timedelta(days=30) else "1D"
