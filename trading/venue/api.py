"""The whole wire as one ASGI application: trading under `/v2`, data under `/v2/stocks`, both streams, and control."""

import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, WebSocketRoute

from trading.venue import auth, rendering, values
from trading.venue.api_account import Account
from trading.venue.api_faults import Faults
from trading.venue.api_market import Market
from trading.venue.api_orders import Orders
from trading.venue.api_positions import Positions
from trading.venue.clock import VirtualClock
from trading.venue.conductor import Conductor
from trading.venue.control import Control
from trading.venue.data import Data
from trading.venue.data_stream import MarketDataStream
from trading.venue.exchange import Exchange
from trading.venue.faults.company import FaultyCompany
from trading.venue.faults.plan import Plan
from trading.venue.faults.wire import FaultyWire
from trading.venue.gate import Gate
from trading.venue.journal import Acts
from trading.venue.rate_limit import RateLimit
from trading.venue.stream import TradeUpdates
from trading.venue.walk import Walk

log = logging.getLogger(__name__)

TRADING_LIMIT, DATA_LIMIT = 200, 10_000
"""Alpaca's requests per minute and account: trading, and market data on its paid plan."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a venue serves: limits per account (0 = none), the control token, and what it says it replays."""

    control_token: str = field(repr=False)
    description: str = ""
    trading_limit: int = TRADING_LIMIT
    data_limit: int = DATA_LIMIT
    connections_per_account: int = 0
    hold: bool = False
    pace: float = 0
    """Least wall seconds between two minutes in lock-step, so that people can follow."""


class Venue:
    """One venue put together: the exchange, who may come in, the streams and the conductor."""

    def __init__(
        self,
        exchange: Exchange,
        clock: VirtualClock,
        acts: Acts,
        walk: Walk,
        keys: auth.KeyRing,
        terms: Terms,
        plan: Plan,
    ) -> None:
        self.exchange = exchange
        self.clock = clock
        self.acts = acts
        self.keys = keys
        self.terms = terms
        self.plan = plan
        self.company = FaultyCompany(exchange, acts, plan, clock)
        self.trade_updates = TradeUpdates(keys, plan, terms.connections_per_account)
        self.market_data = MarketDataStream(keys, plan, terms.connections_per_account)
        self.conductor = Conductor(
            walk,
            exchange,
            acts,
            clock,
            self.trade_updates,
            self.market_data,
            self.company,
            hold=terms.hold,
            pace=terms.pace,
        )
        exchange.subscribe(lambda event: self.trade_updates.publish(event.account, rendering.update(event)))

    def application(
        self,
        background: Callable[[], contextlib.AbstractAsyncContextManager[None]],
        wall: Callable[[], float] = time.time,
    ) -> Starlette:
        """Build the ASGI application; `background` runs beside it for as long as it serves."""

        @contextlib.asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            async with background():
                yield

        limits = RateLimit(self.terms.trading_limit), RateLimit(self.terms.data_limit)
        return Starlette(
            routes=self._routes(),
            middleware=[
                Middleware(Gate, self.keys, *limits, wall),
                Middleware(FaultyWire, self.plan, self.company.window.symbol_of, wall),
            ],
            exception_handlers={values.Refusal: _refused, 404: _no_such_path, 405: _no_such_path, Exception: _failed},
            lifespan=lifespan,
        )

    def _routes(self) -> list[BaseRoute]:
        exchange, acts, clock = self.exchange, self.acts, self.clock
        rooms = (
            Orders(self.company.window),
            Positions(exchange, self.company.window),
            Account(exchange, acts, clock),
            Market(exchange, clock),
            Data(exchange, self.company.shown, clock),
            Control(self.conductor, clock, self.keys, self.terms.control_token, self.terms.description),
            Faults(self.company, self.terms.control_token),
        )
        return [
            *(route for room in rooms for route in room.routes()),
            WebSocketRoute("/stream", self.trade_updates.serve),
            WebSocketRoute("/v2/iex", self.market_data.serve),
            WebSocketRoute("/v2/sip", self.market_data.serve),
        ]


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, values.Refusal)  # noqa: S101 - Starlette's signature is wider than its promise
    return JSONResponse(refusal.body, refusal.status)


async def _no_such_path(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return JSONResponse({"code": status * 100_000 + 10_000, "message": "endpoint not found"}, status)


async def _failed(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return JSONResponse({"code": 50010000, "message": "internal server error occurred"}, 500)
