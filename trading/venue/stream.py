"""The `trade_updates` websocket: what happened to an account's orders, told to every connection its keys opened."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgpack
from starlette.websockets import WebSocket

from trading.venue import auth
from trading.venue.faults.door import FaultyDoor
from trading.venue.faults.plan import Plan
from trading.venue.faults.telling import MESSAGES, Telling
from trading.venue.outbox import Outbox

STREAM = "trade_updates"


class Listener:
    """One connection to the stream: whose it is, whether it listens, and how it wants its frames."""

    def __init__(self, websocket: WebSocket) -> None:
        self.outbox = Outbox(websocket)
        self.account: str | None = None
        self.listening = False
        self.packed = websocket.headers.get("content-type") == "application/msgpack"

    def tell(self, stream: str, data: Mapping[str, Any]) -> None:
        """Line up one envelope. Alpaca's paper stream sends JSON inside *binary* frames, and so does this one."""
        envelope = {"stream": stream, "data": data}
        self.outbox.put(
            msgpack.packb(envelope) if self.packed else json.dumps(envelope, separators=(",", ":")).encode()
        )

    def complain(self, message: str) -> None:
        """Line up an in-stream error; the documented form has no `stream` key."""
        self.outbox.put(json.dumps({"action": "error", "data": {"error_message": message}}).encode())


class TradeUpdates:
    """All connections to the stream. There is no replay: what is published while nobody listens is gone."""

    def __init__(self, keys: auth.KeyRing, plan: Plan, connections_per_account: int = 0) -> None:
        self._keys = keys
        self._door = FaultyDoor(plan, "updates")
        self._telling: Telling[Mapping[str, Any]] = Telling(plan, MESSAGES, self._hang_up)
        self._allowed = connections_per_account
        self._listeners: set[Listener] = set()

    def publish(self, account: str, update: Mapping[str, Any]) -> None:
        """Tell one update to every connection that listens for this account."""
        self._tell(account, self._telling.pass_on(account, update))

    def tell_rest(self) -> None:
        """Tell what a fault held back and nothing came after."""
        for account in {each.account for each in self._listeners if each.account is not None}:
            self._tell(account, self._telling.rest(account))

    def _tell(self, account: str, updates: Sequence[Mapping[str, Any]]) -> None:
        for listener in self._listeners:
            if listener.listening and listener.account == account:
                for update in updates:
                    listener.tell(STREAM, update)

    def _hang_up(self, account: str, code: int, complaining: bool) -> None:
        for listener in self._listeners:
            if listener.account == account:
                if complaining:
                    listener.complain("internal server error")
                listener.outbox.end(code)
                listener.listening = False

    async def drain(self, patience: float) -> None:
        """Wait until every listener has been sent what was published, at most `patience` seconds each."""
        for listener in list(self._listeners):
            await listener.outbox.drain(patience)

    def listening(self, account: str) -> int:
        """Return how many connections listen for an account's updates."""
        return sum(1 for each in self._listeners if each.listening and each.account == account)

    def close(self) -> None:
        """Close every connection once what was published has left."""
        for listener in self._listeners:
            listener.outbox.end()

    async def serve(self, websocket: WebSocket) -> None:
        """Hold one connection from its handshake to its end."""
        if await self._door.refuses(websocket):
            return
        await websocket.accept()
        listener = Listener(websocket)
        self._listeners.add(listener)
        try:
            await listener.outbox.converse(self._listen(websocket, listener))
        finally:
            self._listeners.discard(listener)

    async def _listen(self, websocket: WebSocket, listener: Listener) -> None:
        while (frame := await websocket.receive())["type"] == "websocket.receive":
            message = _decode(frame.get("text") or frame.get("bytes") or b"", packed=listener.packed)
            if message is None:
                listener.complain("invalid message")
            elif message.get("action") in {"auth", "authenticate"}:
                self._authenticate(listener, message)
            elif message.get("action") == "listen":
                self._subscribe(listener, message)
            else:
                listener.complain(f"unknown action {message.get('action')!r}")

    def _authenticate(self, listener: Listener, message: Mapping[str, Any]) -> None:
        account = self._keys.account_of(auth.from_message(message))
        fault = self._door.at_auth(account)
        if fault == "auth_silence":
            return
        if fault == "auth_refused":
            account = None
        if account and (fault == "connection_limit" or self._is_full(account)):
            listener.complain("connection limit exceeded")
            listener.outbox.end()
            return
        listener.account = account
        listener.tell(
            "authorization", {"status": "authorized" if account else "unauthorized", "action": "authenticate"}
        )

    def _is_full(self, account: str) -> bool:
        return 0 < self._allowed <= sum(1 for each in self._listeners if each.account == account)

    def _subscribe(self, listener: Listener, message: Mapping[str, Any]) -> None:
        if listener.account is None:
            listener.tell("authorization", {"status": "unauthorized", "action": "listen"})
            return
        data = message.get("data")
        wanted = data.get("streams") if isinstance(data, Mapping) else None
        ignored = self._door.ignores(listener.account)
        streams = [STREAM] if isinstance(wanted, list) and STREAM in wanted and not ignored else []
        listener.listening = bool(streams)
        listener.tell("listening", {"streams": streams})


def _decode(frame: str | bytes, *, packed: bool) -> Mapping[str, Any] | None:
    try:
        message = msgpack.unpackb(frame) if packed and isinstance(frame, bytes) else json.loads(frame)
    except (ValueError, msgpack.UnpackException):
        return None
    return message if isinstance(message, Mapping) else None
