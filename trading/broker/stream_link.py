"""One websocket kept alive: admission within a time limit, own pings, noticed silence, reconnection with patience.

What is said over it is a `Dialect`; `updates` and `market_stream` are the two. Nothing here reads or writes a database.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from trading import error_rules
from trading.broker import credentials

# At DEBUG the library logs every frame, and the first one holds the secret.
_quiet = logging.getLogger("trading.broker.stream_link.frames")
_quiet.setLevel(logging.INFO)

LARGEST_FRAME = 16 * 2**20
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Connected:
    """Admitted and subscribed: what is said from now on is heard. What was said before is not: heal by REST."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """Nothing is heard any more. The next try comes in `retry_in` seconds."""

    reason: str
    retry_in: float


@dataclass(frozen=True, slots=True)
class Silent:
    """Connected, and the peer answers pings, but nothing was said for `seconds`: compare with REST."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that cannot be read, kept as it came so that a person or a later reader can."""

    raw: str
    reason: str


type Control = Connected | Disconnected | Silent | Unreadable


class NotAdmitted(Exception):
    """The peer refused, or did not answer in time; the text never holds a key."""


class TooManyConnections(NotAdmitted):
    """The peer still counts an earlier connection of ours."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of everything that is waited for."""

    connect: float = 5.0
    admission: float = 10.0
    ping_interval: float = 5.0
    ping_answer: float = 10.0
    close: float = 2.0
    silence: float = error_rules.SILENCE
    first_retry: float = error_rules.RECONNECT_FIRST
    longest_retry: float = error_rules.RECONNECT_LONGEST
    crowded_retry: float = error_rules.CROWDED
    """After a connection-limit answer: the peer needs that long to give up our earlier connection."""
    healthy_after: float = 30.0
    """A connection that lasted this long sets the retry delay back to the first."""


class Dialect[T](Protocol):
    """What is said over one kind of stream."""

    url: str
    headers: dict[str, str]

    async def enter(self, socket: ClientConnection) -> Iterable[T | Unreadable]:
        """Authenticate and subscribe; return what was told meanwhile. Raises `NotAdmitted`."""

    def read(self, frame: str | bytes) -> Iterable[T | Unreadable]:
        """Read one frame. Raises `NotAdmitted` where it tells that the peer is done with us."""


class _Straight(connect):
    """A connection to the address given and to no other: a redirect would carry the keys away."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@dataclass(slots=True)
class Link[T]:
    """A stream followed for ever: `async for item in link.follow()`. Ends only by `aclose` or cancellation."""

    dialect: Dialect[T]
    patience: Patience = field(default_factory=Patience)
    jitter: Callable[[float, float], float] = random.uniform
    _failures: int = 0

    async def follow(self) -> AsyncGenerator[T | Control]:
        """Yield what is heard, and what happens to the hearing. Close the iterator to give the connection back."""
        while True:
            try:
                async with aclosing(self._one_connection()) as items:
                    async for item in items:
                        yield item
            except (NotAdmitted, WebSocketException, OSError, TimeoutError) as problem:
                lost = Disconnected(_reason(problem), self._delay(problem))
            self._failures += 1
            yield lost
            await asyncio.sleep(lost.retry_in)

    async def _one_connection(self) -> AsyncGenerator[T | Control]:
        patience = self.patience
        async with _Straight(
            self.dialect.url,
            additional_headers=self.dialect.headers,
            open_timeout=patience.connect,
            ping_interval=patience.ping_interval,
            ping_timeout=patience.ping_answer,
            close_timeout=patience.close,
            max_size=LARGEST_FRAME,
            # A full queue would stop the reading of pongs too, and a slow reader would look like a dead peer.
            max_queue=None,
            logger=_quiet,
            proxy=None if credentials.is_loopback(self.dialect.url) else True,
        ) as socket:
            try:
                async with asyncio.timeout(patience.admission):
                    already = await self.dialect.enter(socket)
            except TimeoutError:
                raise NotAdmitted(f"no answer to authentication within {patience.admission:g} s") from None
            yield Connected()
            for told in already:
                yield told
            async with aclosing(self._listen(socket)) as heard:
                async for item in heard:
                    yield item

    async def _listen(self, socket: ClientConnection) -> AsyncGenerator[T | Control]:
        loop = asyncio.get_running_loop()
        connected_at = heard_at = loop.time()
        while True:
            try:
                async with asyncio.timeout(self.patience.silence):
                    frame = await socket.recv()
            except TimeoutError:
                yield Silent(loop.time() - heard_at)
                continue
            finally:
                if loop.time() - connected_at >= self.patience.healthy_after:
                    self._failures = 0
            heard_at = loop.time()
            for item in self.dialect.read(frame):
                yield item

    def _delay(self, problem: BaseException) -> float:
        if isinstance(problem, TooManyConnections) or _is_crowded(problem):
            return self.patience.crowded_retry
        most = min(self.patience.first_retry * 2.0 ** min(self._failures + 1, 10), self.patience.longest_retry)
        return self.jitter(self.patience.first_retry, most)


def _is_crowded(problem: BaseException) -> bool:
    return isinstance(problem, InvalidStatus) and problem.response.status_code == TOO_MANY_REQUESTS


def _reason(problem: BaseException) -> str:
    match problem:
        case NotAdmitted():
            return str(problem)
        case InvalidStatus():
            return f"the handshake was answered with status {problem.response.status_code}"
        case ConnectionClosed() if problem.rcvd is None and problem.sent is None:
            return "the connection broke"
        case ConnectionClosed():
            return f"the connection was closed: {problem}"
        case TimeoutError():
            return "no connection within the time limit"
        case _:
            return f"{type(problem).__name__}: {problem}"
