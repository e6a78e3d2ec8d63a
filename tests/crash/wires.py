"""The network between the desk and what it stands on: a small TCP proxy that cuts, delays, swallows and resets."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

NOW = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset."""


class Wire:
    """One link. `target` is a port of this machine or a Unix socket."""

    def __init__(self, target: int | Path) -> None:
        self.target = target
        self.delay = 0.0
        """Seconds each chunk takes, each way."""
        self.is_cut = False
        self.port = 0
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()

    async def open(self) -> None:
        self._flows = asyncio.Event()
        self._flows.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """End every connection, and let no new one through until `mend`."""
        self.is_cut = True
        self.reset()

    def swallow(self) -> None:
        """Let nothing through and tell nobody: neither side sees the other go. New connections hang as well."""
        self._flows.clear()

    def mend(self) -> None:
        """Let everything through again; connections that were swallowed are forgotten, as a firewall forgets them."""
        self.is_cut, self.delay = False, 0.0
        if not self._flows.is_set():
            self.reset()
            self._flows.set()

    def reset(self) -> None:
        """Break every connection off with a reset."""
        for pair in list(self._pairs):
            for writer in pair:
                _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flows.wait()
        if self.is_cut:
            _reset(writer)
            return
        try:
            there, back = await self._connect()
        except OSError:
            _reset(writer)
            return
        pair = (writer, back)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        finally:
            self._pairs.discard(pair)
            for each in pair:
                each.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(str(self.target))
        return await asyncio.open_connection("127.0.0.1", self.target)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._flows.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        taken = writer.get_extra_info("socket")
        if taken is not None and taken.family == socket.AF_INET:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
    writer.transport.abort()


class Network:
    """The wires of a rig, in a thread of their own."""

    def __init__(self, **targets: int | Path) -> None:
        self.wires = {name: Wire(target) for name, target in targets.items()}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wires", daemon=True)
        self._thread.start()
        for wire in self.wires.values():
            asyncio.run_coroutine_threadsafe(wire.open(), self._loop).result(10)

    def do(self, act: Callable[[], None]) -> None:
        """Do something to a wire where its connections live."""

        async def acting() -> None:
            act()

        asyncio.run_coroutine_threadsafe(acting(), self._loop).result(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
