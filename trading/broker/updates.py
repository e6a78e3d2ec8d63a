"""The broker's `trade_updates` stream: what happens to the account's orders, as reports with their event and execution.

A stream without memory: what is said while nobody listens is gone, so a REST heal is to follow every `Connected`.
"""

import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any

from websockets.asyncio.client import ClientConnection

from trading.broker import alpaca_wire, wire_scalars
from trading.broker.credentials import Credentials
from trading.broker.gateway import OrderReport
from trading.broker.stream_link import Control, Link, NotAdmitted, Patience, TooManyConnections, Unreadable

STREAM = "trade_updates"
CROWDED = "connection limit"


class TradeUpdates:
    """One account's stream. `async for item in TradeUpdates(given).listen()`; one listener per account at a time."""

    def __init__(self, given: Credentials, patience: Patience | None = None) -> None:
        self._link: Link[OrderReport] = Link(_TradeDialect(given), patience or Patience())

    async def listen(self) -> AsyncGenerator[OrderReport | Control]:
        """Yield reports, and what happens to the hearing, until the iterator is closed."""
        async with aclosing(self._link.follow()) as items:
            async for item in items:
                yield item


class _TradeDialect:
    headers: dict[str, str]

    def __init__(self, given: Credentials) -> None:
        self.url, self.headers, self._given = given.stream_url, {}, given

    async def enter(self, socket: ClientConnection) -> Iterable[OrderReport | Unreadable]:
        keys = {"key_id": self._given.key.reveal(), "secret_key": self._given.secret.reveal()}
        await socket.send(json.dumps({"action": "authenticate", "data": keys}))
        told: list[OrderReport | Unreadable] = []
        answer = await self._answer(socket, "authorization", told)
        if answer.get("status") != "authorized":
            raise NotAdmitted(
                f"the broker refused these keys: {wire_scalars.text(answer.get('status')) or 'no reason'}"
            )
        await socket.send(json.dumps({"action": "listen", "data": {"streams": [STREAM]}}))
        # The SDK takes any answer, or none, for a yes: then a deaf connection looks healthy.
        streams = (await self._answer(socket, "listening", told)).get("streams")
        if not isinstance(streams, list) or STREAM not in streams:
            raise NotAdmitted(f"the broker does not let us listen to {STREAM}")
        return told

    async def _answer(
        self, socket: ClientConnection, stream: str, told: list[OrderReport | Unreadable]
    ) -> dict[str, Any]:
        """Wait for the answer of one kind; what is said before it is put aside, not lost."""
        while True:
            frame = await socket.recv()
            message = _envelope(frame)
            if message.get("stream") == stream and isinstance(message.get("data"), dict):
                return dict(message["data"])
            told.extend(self.read(frame))

    def read(self, frame: str | bytes) -> Iterable[OrderReport | Unreadable]:
        try:
            message = wire_scalars.member(wire_scalars.decode(frame), "message")
            if message.get("action") == "error":
                raise _farewell(message)
            if message.get("stream") == STREAM:
                yield alpaca_wire.update_report(message.get("data"))
            elif message.get("stream") not in {"listening", "authorization"}:
                yield Unreadable(_kept(frame), "a message of a stream that was not asked for")
        except wire_scalars.WireError as problem:
            yield Unreadable(_kept(frame), str(problem))


def _envelope(frame: str | bytes) -> dict[str, Any]:
    try:
        return wire_scalars.member(wire_scalars.decode(frame), "message")
    except wire_scalars.WireError as problem:
        raise NotAdmitted(f"an answer that cannot be read: {problem}") from None


def _farewell(message: dict[str, Any]) -> NotAdmitted:
    data = message.get("data")
    reason = wire_scalars.text(data.get("error_message")) if isinstance(data, dict) else ""
    kind = TooManyConnections if CROWDED in reason.lower() else NotAdmitted
    return kind(f"the broker ends the stream: {reason or 'no reason given'}")


def _kept(frame: str | bytes) -> str:
    return wire_scalars.text(frame if isinstance(frame, str) else frame.decode("utf-8", "replace"))
