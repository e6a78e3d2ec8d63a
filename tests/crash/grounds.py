"""What the rig's desk stands on: a PostgreSQL and a Valkey of its own, to be ended, frozen and started again."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from config import database, embedded
from tests import databases
from tests.valkey import Valkey

PATIENCE = 20.0


class Postgres(embedded.Services):
    """A durable PostgreSQL at one address for the rig's life."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.owner_url = self.url = ""

    def begin(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.owner_url, self.url = self._start_postgres(embedded._passwords(self.home / "passwords.json"))

    @property
    def main(self) -> subprocess.Popen[bytes]:
        return self._started[-1][0]

    def end(self, by: int) -> None:
        """End it by SIGINT (connections are closed) or SIGKILL (it recovers at its next start)."""
        self.main.send_signal(by)
        self.main.wait(PATIENCE)
        self._started.clear()

    def freeze(self) -> None:
        for process in self._all():
            process.suspend()

    def thaw(self) -> None:
        for process in self._all():
            process.resume()

    def _all(self) -> list[psutil.Process]:
        main = psutil.Process(self.main.pid)
        return [main, *main.children(recursive=True)]


@contextmanager
def grounds() -> Iterator[tuple[Postgres, Valkey, Path]]:
    """Both, and a folder that others may look into; migrated, and with what a restore goes back to."""
    home = Path(tempfile.mkdtemp(prefix="gatehouse-crash-"))
    home.chmod(0o711)
    postgres, valkey = Postgres(home / "services"), Valkey(embedded.free_port())
    try:
        postgres.begin()
        valkey.start()
        yield postgres, valkey, home
    finally:
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            postgres.thaw()
        valkey.stop()
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def migrate(owner_url: str) -> None:
    """Lay the tables as the owner, and keep what every run begins with."""
    from django.core.management import call_command

    with psycopg.connect(owner_url, autocommit=True) as connection:
        database.ensure_program_role(connection, os.environ["DATABASE_URL"])
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(databases._KEEP)


def wait_until_sound(owner_url: str) -> None:
    """Wait until PostgreSQL takes statements again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(owner_url, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
                return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


STOP, KILL = signal.SIGINT, signal.SIGKILL
