"""A proxy before the venue, in a process of its own: it delays what passes and tells when a request came by."""

import asyncio
import json
import sys
import time

METHODS = (b"DELETE ", b"POST ", b"PATCH ", b"GET ")


async def main(target: int, delay: float) -> None:
    """Listen on a free port and pass on to `target`; `delay` is one way, in seconds. Ends with standard input."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_pass(reader, back, delay, note=True), _pass(there, writer, delay, note=False))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    _say({"port": server.sockets[0].getsockname()[1]})
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float, *, note: bool) -> None:
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def out() -> None:
        while True:
            due, chunk = await queue.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not chunk:
                writer.close()
                return
            writer.write(chunk)
            await writer.drain()

    sending = asyncio.create_task(out())
    try:
        while True:
            chunk = await reader.read(65536)
            now = time.monotonic()
            if note and chunk.startswith(METHODS):
                _say({"at": now, "line": chunk.split(b" HTTP/", 1)[0].decode()})
            queue.put_nowait((now + delay, chunk))
            if not chunk:
                break
    except ConnectionError:
        queue.put_nowait((time.monotonic(), b""))
    await asyncio.gather(sending, return_exceptions=True)


def _say(told: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
