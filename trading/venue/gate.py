"""The door of the wire: every REST request is authenticated and counted here before it reaches a room."""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading.venue import auth
from trading.venue.rate_limit import Grant, RateLimit

DATA_PREFIX = "/v2/stocks"


class Gate:
    """ASGI middleware for the paths under `/v2`: answers 401 and 429, and adds the rate-limit headers to the rest.

    The account number of the keys is left in the request's state as `account`.
    """

    def __init__(
        self, app: ASGIApp, keys: auth.KeyRing, trading: RateLimit, data: RateLimit, wall: Callable[[], float]
    ) -> None:
        self._app = app
        self._keys = keys
        self._trading = trading
        self._data = data
        self._wall = wall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http" or not scope["path"].startswith("/v2/"):
            await self._app(scope, receive, send)
            return
        account = self._keys.account_of(auth.from_headers(Headers(scope=scope)))
        if account is None:
            # Alpaca's 401 carries no code.
            await JSONResponse({"message": "unauthorized."}, 401)(scope, receive, send)
            return
        limit = self._data if scope["path"].startswith(DATA_PREFIX) else self._trading
        grant = limit.spend(account, self._wall())
        if not grant.allowed:
            answer = JSONResponse({"code": 42910000, "message": "rate limit exceeded"}, 429, grant.headers())
            await answer(scope, receive, send)
            return
        scope.setdefault("state", {})["account"] = account
        await self._app(scope, receive, _with_headers(scope, send, grant))


def _with_headers(scope: Scope, send: Send, grant: Grant) -> Send:
    async def forward(message: Message) -> None:
        # A planned 429 tells limits of its own, or none.
        if message["type"] == "http.response.start" and not scope["state"].get("own_limits"):
            MutableHeaders(scope=message).update(grant.headers())
        await send(message)

    return forward
