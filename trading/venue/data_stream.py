"""The stock data websocket (`/v2/iex`, `/v2/sip`): subscriptions and the frames that carry bars, quotes and trades.

One publication is one frame: an array with every subscribed symbol's message, in MessagePack (what alpaca-py asks for)
or JSON.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgpack
from starlette.websockets import WebSocket

from trading.venue import auth
from trading.venue.faults.door import FaultyDoor
from trading.venue.faults.plan import Plan
from trading.venue.outbox import Outbox

CHANNELS: Final = (
    "trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds", "corrections", "cancelErrors",
)  # fmt: skip

type Message = Mapping[str, Any]


class Subscriber:
    """One connection: its account, its wants per channel (`*` = every symbol) and its encoding."""

    def __init__(self, websocket: WebSocket) -> None:
        self.outbox = Outbox(websocket)
        self.account: str | None = None
        self.wants: dict[str, set[str]] = {channel: set() for channel in CHANNELS}
        self.packed = websocket.headers.get("content-type") == "application/msgpack"

    def send(self, messages: list[Message]) -> None:
        """Line up one frame of control messages for this connection alone."""
        self.outbox.put(encode(messages, packed=self.packed))

    def fail(self, code: int, message: str) -> None:
        """Line up one of Alpaca's numbered errors."""
        self.send([{"T": "error", "code": code, "msg": message}])

    def confirm(self) -> None:
        """Line up the full list of what this connection is subscribed to."""
        self.send([{"T": "subscription"} | {channel: sorted(symbols) for channel, symbols in self.wants.items()}])


class MarketDataStream:
    """All connections to the data stream."""

    def __init__(self, keys: auth.KeyRing, plan: Plan, connections_per_account: int = 0) -> None:
        self._keys = keys
        self._door = FaultyDoor(plan, "data")
        self._allowed = connections_per_account
        self._subscribers: set[Subscriber] = set()

    def publish(self, channel: str, messages: Mapping[str, Message]) -> None:
        """Send the messages of one moment, by symbol, as one frame to each connection that wants any of them."""
        frames: dict[tuple[bool, frozenset[str]], bytes | str] = {}
        for subscriber in self._subscribers:
            wants = subscriber.wants[channel]
            symbols = frozenset(messages) if "*" in wants else frozenset(messages) & wants
            if not symbols:
                continue
            key = (subscriber.packed, symbols)
            if key not in frames:
                frames[key] = encode([messages[each] for each in messages if each in symbols], packed=subscriber.packed)
            subscriber.outbox.put(frames[key])

    async def drain(self, patience: float) -> None:
        """Wait until every subscriber has been sent what was published, at most `patience` seconds each."""
        for subscriber in list(self._subscribers):
            await subscriber.outbox.drain(patience)

    def subscribers(self, channel: str) -> int:
        """Return how many connections want anything of a channel."""
        return sum(1 for each in self._subscribers if each.wants[channel])

    def close(self) -> None:
        """Close every connection once what was published has left."""
        for subscriber in self._subscribers:
            subscriber.outbox.end()

    async def serve(self, websocket: WebSocket) -> None:
        """Hold one connection from its handshake to its end; only the feeds `iex` and `sip` exist."""
        if await self._door.refuses(websocket):
            return
        await websocket.accept()
        subscriber = Subscriber(websocket)
        subscriber.send([{"T": "success", "msg": "connected"}])
        self._subscribers.add(subscriber)
        try:
            await subscriber.outbox.converse(self._listen(websocket, subscriber))
        finally:
            self._subscribers.discard(subscriber)

    async def _listen(self, websocket: WebSocket, subscriber: Subscriber) -> None:
        while (frame := await websocket.receive())["type"] == "websocket.receive":
            message = _decode(frame)
            action = message.get("action") if message is not None else None
            if message is None or action not in {"auth", "subscribe", "unsubscribe"}:
                subscriber.fail(400, "invalid syntax")
            elif action == "auth":
                self._authenticate(subscriber, message)
            elif subscriber.account is None:
                subscriber.fail(401, "not authenticated")
            elif self._door.ignores(subscriber.account):
                subscriber.confirm()
            else:
                _resubscribe(subscriber, message, adding=action == "subscribe")

    def _authenticate(self, subscriber: Subscriber, message: Message) -> None:
        if subscriber.account is not None:
            subscriber.fail(403, "already authenticated")
            return
        account = self._keys.account_of(auth.from_message(message))
        fault = self._door.at_auth(account)
        if fault == "auth_silence":
            return
        if account is None or fault == "auth_refused":
            subscriber.fail(402, "auth failed")
        elif fault == "connection_limit" or self._is_full(account):
            subscriber.fail(406, "connection limit exceeded")
            subscriber.outbox.end()
        else:
            subscriber.account = account
            subscriber.send([{"T": "success", "msg": "authenticated"}])

    def _is_full(self, account: str) -> bool:
        return 0 < self._allowed <= sum(1 for each in self._subscribers if each.account == account)


def encode(messages: list[Message], *, packed: bool) -> bytes | str:
    """Encode one frame. Instants become MessagePack's Timestamp (alpaca-py takes nothing else) or RFC 3339 text."""
    if packed:
        return bytes(msgpack.packb(messages, datetime=True))
    return json.dumps(messages, separators=(",", ":"), default=_instant)


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no place in a data frame")


def _resubscribe(subscriber: Subscriber, message: Message, *, adding: bool) -> None:
    for channel in CHANNELS:
        asked = message.get(channel)
        if not isinstance(asked, list):
            continue
        symbols = {each for each in asked if isinstance(each, str)}
        if adding:
            subscriber.wants[channel] |= symbols
        else:
            subscriber.wants[channel] -= symbols
    subscriber.confirm()


def _decode(frame: Mapping[str, Any]) -> Message | None:
    try:
        # A binary frame is MessagePack and a text frame JSON whatever the headers said: that cannot be mistaken.
        message = json.loads(frame["text"]) if frame.get("text") is not None else msgpack.unpackb(frame["bytes"])
    except (ValueError, msgpack.UnpackException):
        return None
    return message if isinstance(message, Mapping) else None
