"""The one seam in the HTTP layer: behind the gate, around every room, each call is asked for its fault."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading.venue.faults import answers, calls
from trading.venue.faults.menu import Outcome, Place
from trading.venue.faults.plan import Fault, Plan

RESET = "venue.reset"
"""The ASGI extension of this venue's server that breaks the connection off."""

type Symbols = Callable[[str, str], str | None]
"""From an account and an order's id to the order's symbol."""
type Carry = Callable[[], Awaitable[tuple[Message, bytes]]]


class FaultyWire:
    """ASGI middleware. Without a planned fault of a call it costs one look-up."""

    def __init__(self, app: ASGIApp, plan: Plan, symbol_of: Symbols, wall: Callable[[], float]) -> None:
        self._app = app
        self._plan = plan
        self._symbol_of = symbol_of
        self._wall = wall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a call pass, or do to it what the plan says."""
        if not self._plan.has(Place.CALL) or scope["type"] != "http" or not scope["path"].startswith("/v2/"):
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        again = _replayed(body, receive)
        fault = self._strike(scope, body)
        if fault is None:
            await self._app(scope, again, send)
            return

        async def carry() -> tuple[Message, bytes]:
            return await _heard(self._app, scope, again)

        if fault.known.accepts:
            await self._answer(fault, scope, receive, send, carry)
        else:
            await self._refuse(fault, scope, receive, send)

    def _strike(self, scope: Scope, body: bytes) -> Fault | None:
        found = calls.kind_of(scope["method"], scope["path"])
        if found is None:
            return None
        kind, named = found
        account = scope["state"]["account"]
        symbols = calls.symbols_of(
            named, scope["query_string"].decode("latin-1"), body, lambda order: self._symbol_of(account, order)
        )
        return self._plan.strike(Place.CALL, kind, account, symbols)

    async def _refuse(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or do not, a call of which nothing is done."""
        match fault.name:
            case "timeout_before_accept":
                await _nobody(fault.set("seconds"), receive)
                await _reset(scope, receive)
            case "reset_before_accept":
                await _reset(scope, receive)
            case "rate_limited":
                scope["state"]["own_limits"] = True
                await _send(send, 429, b'{"code":42910000,"message":"rate limit exceeded"}', self._limits(fault))
            case "keys_refused":
                await _send(send, 401, b'{"message":"unauthorized."}', {})
            case "redirect":
                await _send(send, 302, b"", {"location": "http://127.0.0.1:9/elsewhere"})
            case _:
                await _error(fault, send)

    def _limits(self, fault: Fault) -> dict[str, str]:
        if not fault.set("headers"):
            return {}
        reset = math.ceil(self._wall() + fault.set("reset").total_seconds())
        return {"x-ratelimit-limit": "200", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}

    async def _answer(self, fault: Fault, scope: Scope, receive: Receive, send: Send, carry: Carry) -> None:
        """Carry a call out and then spoil its answer."""
        start, body = await carry()
        match fault.name:
            case "timeout_after_accept":
                await _nobody(fault.set("seconds"), receive)
                await _reset(scope, receive)
            case "reset_after_accept":
                await _reset(scope, receive)
            case "server_error_after_accept":
                await _error(fault, send)
            case "slow_answer":
                await asyncio.sleep(fault.set("seconds").total_seconds())
                await _pass_on(send, start, body)
            case "slow_bytes":
                await _drip(send, receive, start, body, fault.set("seconds"))
            case _ if fault.known.outcome is Outcome.NOTHING:
                await _pass_on(send, {**start, "status": 200}, answers.altered(fault, body))
            case _:
                await _pass_on(send, start, answers.altered(fault, body) if start["status"] < 300 else body)


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


async def _heard(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """Carry a call out and keep its answer."""
    start: Message = {"type": "http.response.start", "status": 500, "headers": []}
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return start, b"".join(parts)


async def _nobody(patience: timedelta, receive: Receive) -> bool:
    """Say nothing until the client has gone (then true), or patience ends."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience.total_seconds()):
            while (await receive())["type"] != "http.disconnect":
                pass
            return True
    return False


async def _reset(scope: Scope, receive: Receive) -> None:
    """Break the connection off with a TCP reset; a server without the means lets the call end unanswered."""
    reset = scope.get("extensions", {}).get(RESET)
    if reset is not None:
        reset["now"]()
        # The server takes an application that returns too soon for one that forgot to answer.
        await _nobody(timedelta(seconds=1), receive)


async def _error(fault: Fault, send: Send) -> None:
    status = fault.set("status")
    body, kind = answers.error(status, fault.set("body"))
    await _send(send, status, body, {"content-type": kind})


async def _send(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    start: Message = {"type": "http.response.start", "status": status, "headers": []}
    MutableHeaders(scope=start).update({"content-type": "application/json"} | headers)
    await _pass_on(send, start, body)


async def _pass_on(send: Send, start: Message, body: bytes) -> None:
    MutableHeaders(scope=start)["content-length"] = str(len(body))
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def _drip(send: Send, receive: Receive, start: Message, body: bytes, pause: timedelta) -> None:
    await send(start)
    for index in range(len(body)):
        await send({"type": "http.response.body", "body": body[index : index + 1], "more_body": True})
        if await _nobody(pause, receive):
            return
    await send({"type": "http.response.body", "body": b""})
