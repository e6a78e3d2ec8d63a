"""One websocket's outgoing mail: frames wait in order and one task sends them; no slow reader holds up the venue."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

# A reader this far behind is not reading; Alpaca cuts such a client off too (its code 407).
CAPACITY = 20_000


class Outbox:
    """Frames on their way to one websocket; bytes leave as binary frames, str as text frames."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._frames: asyncio.Queue[bytes | str | None] = asyncio.Queue(CAPACITY)
        self._runner: asyncio.Task[None] | None = None
        self.closed = False
        self._code = 1001

    def put(self, frame: bytes | str) -> None:
        """Line up a frame; a reader that is `CAPACITY` frames behind is cut off instead."""
        if self.closed:
            return
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.closed = True
            if self._runner is not None:
                self._runner.cancel()

    async def drain(self, patience: float) -> None:
        """Wait until everything lined up has been handed to the socket, at most `patience` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._frames.join(), patience)

    async def converse(self, listening: Coroutine[Any, Any, None]) -> None:
        """Send frames while `listening` reads, until either is over; then close the socket."""
        self._runner = asyncio.create_task(self._deliver())
        reader = asyncio.create_task(listening)
        try:
            await asyncio.wait({self._runner, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._runner.cancel()
            reader.cancel()
            outcomes = await asyncio.gather(self._runner, reader, return_exceptions=True)
            self._discard()
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await self._websocket.close(self._code)
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                raise outcome

    async def _deliver(self) -> None:
        try:
            while not self.closed:
                frame = await self._frames.get()
                try:
                    if frame is None:
                        break
                    await self._send(frame)
                finally:
                    self._frames.task_done()
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            self._discard()

    def end(self, code: int = 1001) -> None:
        """Let the frames before this call out and then close the socket with a code."""
        self._code = code
        with contextlib.suppress(asyncio.QueueFull):
            self._frames.put_nowait(None)

    async def _send(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes):
            await self._websocket.send_bytes(frame)
        else:
            await self._websocket.send_text(frame)

    def _discard(self) -> None:
        self.closed = True
        while not self._frames.empty():
            self._frames.get_nowait()
            self._frames.task_done()
