"""PostgreSQL and Valkey of the package: private, durable, and gone with the process that started them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config import embedded

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 20
_SCRIPT = """
import sys, time, pathlib
from config import embedded
services = embedded.Services(pathlib.Path(sys.argv[1]))
services.start()
print("started", flush=True)
time.sleep(60)
"""


def until(happened: Callable[[], object]) -> None:
    """Wait for something that happens soon."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def left_behind(home: Path) -> list[psutil.Process]:
    """Return the servers that run on `home`."""
    places = (str(home / "valkey.conf"), str((home / "postgres").resolve()))
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(part.startswith(places) for part in process.info["cmdline"] or []):
            found.append(process)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home") / "services"
    yield home
    embedded.remove(home)


class TestServices:
    def test_keep_data_and_passwords_over_a_restart(self, home: Path) -> None:
        services = embedded.Services(home)
        first = services.start()
        with psycopg.connect(first.owner_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        services.stop()

        again = services.start()
        try:
            with psycopg.connect(again.owner_url) as connection:
                row = connection.execute("SELECT n FROM kept").fetchone()
        finally:
            services.stop()

        assert row == (7,)
        assert again.owner_url == first.owner_url
        assert left_behind(home) == []

    def test_ask_for_their_passwords(self, home: Path) -> None:
        services = embedded.Services(home)
        addresses = services.start()
        try:
            wrong = addresses.owner_url.replace("gatehouse_owner:", "gatehouse_owner:x")
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(wrong)
            host, port = addresses.redis_url.rpartition("@")[2].removesuffix("/0").split(":")
            with pytest.raises(redis.AuthenticationError):
                redis.Redis(host=host, port=int(port)).ping()
        finally:
            services.stop()

    def test_write_passwords_for_their_owner_only(self, home: Path) -> None:
        modes = {path.name: path.stat().st_mode & 0o777 for path in (home / "passwords.json", home / "valkey.conf")}

        assert modes == {"passwords.json": 0o600, "valkey.conf": 0o600}

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
    def test_end_with_a_process_that_is_killed(self, home: Path) -> None:
        command = [sys.executable, "-c", _SCRIPT, str(home)]
        parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=dict(os.environ))
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        assert len(left_behind(home)) == 2

        parent.kill()
        parent.wait()

        until(lambda: not left_behind(home))

    def test_say_what_went_wrong(self, tmp_path: Path) -> None:
        services = embedded.Services(tmp_path / "services")
        services.start()
        services.stop()
        configuration = next((tmp_path / "services").glob("postgres/data/postgresql.conf"))
        configuration.write_text("nonsense = 1\n")

        with pytest.raises(embedded.UnableToServe, match="PostgreSQL did not start"):
            services.start()

        assert left_behind(tmp_path) == []
        embedded.remove(tmp_path / "services")
