"""The broker's stock data stream: each frame's bars are one tuple, so that a minute of all symbols arrives at once."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection

from trading.broker import alpaca_figures, wire_scalars
from trading.broker.credentials import Credentials
from trading.broker.gateway import BarReport, QuoteReport, StatusReport
from trading.broker.stream_link import Control, Link, NotAdmitted, Patience, TooManyConnections, Unreadable

CROWDED = 406
SLOW = 407
"""Codes of the stream's errors; the others refuse us or a request of ours."""

type Heard = tuple[BarReport, ...] | QuoteReport | StatusReport


class MarketStream:
    """Minute bars, and quotes where wanted, of some symbols. `async for item in MarketStream(...).listen()`."""

    def __init__(
        self,
        given: Credentials,
        symbols: Sequence[str],
        *,
        feed: str = "iex",
        quotes: bool = False,
        patience: Patience | None = None,
    ) -> None:
        self._link: Link[Heard] = Link(_MarketDialect(given, symbols, feed, quotes), patience or Patience())

    async def listen(self) -> AsyncGenerator[Heard | Control]:
        """Yield bars, quotes, and what happens to the hearing, until the iterator is closed."""
        async with aclosing(self._link.follow()) as items:
            async for item in items:
                yield item


class _MarketDialect:
    def __init__(self, given: Credentials, symbols: Sequence[str], feed: str, quotes: bool) -> None:
        self.url = f"{given.data_stream_url.rstrip('/')}/v2/{feed}"
        self.headers = {"Content-Type": "application/msgpack"}
        self._given = given
        channels = ("bars", "statuses", "quotes") if quotes else ("bars", "statuses")
        self._wanted = {channel: list(symbols) for channel in channels}

    async def enter(self, socket: ClientConnection) -> Iterable[Heard | Unreadable]:
        await self._until(socket, "success", "connected")
        keys = {"key": self._given.key.reveal(), "secret": self._given.secret.reveal()}
        await socket.send(msgpack.packb({"action": "auth"} | keys))
        await self._until(socket, "success", "authenticated")
        await socket.send(msgpack.packb({"action": "subscribe"} | self._wanted))
        return await self._until(socket, "subscription")

    async def _until(self, socket: ClientConnection, kind: str, word: str | None = None) -> list[Heard | Unreadable]:
        """Wait for one control message; return the data that shared its frame."""
        while True:
            frame = await socket.recv()
            messages = [each for each in _messages(frame) if isinstance(each, dict)]
            for each in messages:
                if each.get("T") == "error":
                    raise _refusal(each)
            if any(each.get("T") == kind and word in (None, each.get("msg")) for each in messages):
                return list(self.read(frame))

    def read(self, frame: str | bytes) -> Iterable[Heard | Unreadable]:
        try:
            messages = _messages(frame)
        except NotAdmitted as problem:
            yield Unreadable(_kept(frame), str(problem))
            return
        bars: list[BarReport] = []
        rest: list[QuoteReport | StatusReport | Unreadable] = []
        for each in messages:
            try:
                _sort(wire_scalars.member(each, "message"), bars, rest)
            except wire_scalars.WireError as problem:
                rest.append(Unreadable(str(each)[:2000], str(problem)))
        if bars:
            yield tuple(bars)
        yield from rest


def _sort(message: dict[str, Any], bars: list[BarReport], rest: list[QuoteReport | StatusReport | Unreadable]) -> None:
    symbol = wire_scalars.text(message.get("S"))
    match message.get("T"):
        case "b":
            bars.append(alpaca_figures.bar_report(symbol, message))
        case "s":
            rest.append(alpaca_figures.status_report(symbol, message))
        case "q":
            rest.append(alpaca_figures.quote_report(symbol, message))
        case "error" if message.get("code") in {CROWDED, SLOW}:
            raise _refusal(message)
        case "error":
            rest.append(Unreadable(str(message)[:2000], f"the stream reports: {message.get('msg')}"))


def _messages(frame: str | bytes) -> list[Any]:
    """Take a frame apart; binary is MessagePack and text JSON. Raises `NotAdmitted` where it is neither."""
    try:
        if isinstance(frame, str):
            unpacked = wire_scalars.decode(frame)
        else:
            unpacked = msgpack.unpackb(frame, timestamp=3, strict_map_key=False)
    except (wire_scalars.WireError, ValueError, OverflowError, msgpack.UnpackException) as problem:
        raise NotAdmitted(f"a frame that cannot be read: {problem}") from None
    return unpacked if isinstance(unpacked, list) else [unpacked]


def _refusal(message: dict[str, Any]) -> NotAdmitted:
    kind = TooManyConnections if message.get("code") == CROWDED else NotAdmitted
    return kind(f"the data stream refuses: {message.get('code')} {wire_scalars.text(message.get('msg'))}")


def _kept(frame: str | bytes) -> str:
    return wire_scalars.text(frame) if isinstance(frame, str) else frame.hex()
