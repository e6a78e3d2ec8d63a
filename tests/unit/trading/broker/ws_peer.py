"""A websocket server played by a test, and the first items a stream yields over it. Every wait is for an event."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from trading.broker.stream_link import Patience

type Talk = Callable[[ServerConnection], Awaitable[None]]

QUICK = Patience(
    admission=0.3, ping_interval=0.1, ping_answer=0.2, close=0.2, silence=5, first_retry=0.01, longest_retry=0.02,
    crowded_retry=0.03,
)  # fmt: skip


@asynccontextmanager
async def peer(talk: Talk, refuse: list[HTTPStatus] | None = None) -> AsyncIterator[str]:
    """A websocket server on a free port; the first handshakes are answered with the statuses in `refuse`."""

    def handshake(connection: ServerConnection, request: Request) -> Response | None:
        return connection.respond(refuse.pop(0), "no") if refuse else None

    async with serve(talk, "127.0.0.1", 0, process_request=handshake, close_timeout=0.2) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def heard(listening: AsyncGenerator[Any], count: int) -> list[Any]:
    """The first items a stream yields; the stream is closed afterwards."""
    items = []
    async with asyncio.timeout(10), aclosing(listening):
        async for item in listening:
            items.append(item)
            if len(items) == count:
                return items
    raise AssertionError(f"the stream ended after {items}")
