"""The real PostgreSQL and Valkey of one test run, and a database of its own for every worker of it."""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

from config import database, embedded
from tests import databases

RUN = "GATEHOUSE_TEST_RUN"
SERVER = "GATEHOUSE_TEST_SERVER"


def provide() -> None:
    """Put the addresses of database and queue into the environment: given ones, or embedded ones started for this run.

    A given DATABASE_URL is the owner's unless DATABASE_OWNER_URL is given too; the program's role is made there.
    """
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    os.environ[RUN] = f"gatehouse_test_{secrets.token_hex(4)}"
    if len(given) < 2:
        addresses = _start()
        os.environ["REDIS_URL"] = given.get("REDIS_URL", addresses.redis_url)
        if "DATABASE_URL" not in given:
            os.environ |= {"DATABASE_URL": addresses.database_url, "DATABASE_OWNER_URL": addresses.owner_url}
    if not os.environ.get("DATABASE_OWNER_URL"):
        owner = os.environ["DATABASE_OWNER_URL"] = os.environ["DATABASE_URL"]
        os.environ["DATABASE_URL"] = _as_role(owner, "gatehouse_tests", secrets.token_urlsafe(24))
    server = os.environ[SERVER] = os.environ["DATABASE_OWNER_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        database.ensure_program_role(connection, os.environ["DATABASE_URL"])
    if "DATABASE_URL" in given:
        atexit.register(databases.drop, server, os.environ[RUN])


def _start() -> embedded.Addresses:
    home = Path(tempfile.mkdtemp(prefix="gatehouse-tests-"))
    home.chmod(0o711)
    services = embedded.Services(home / "services", durable=False)

    def end() -> None:
        services.stop()
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(end)
    return services.start()


def _as_role(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password)}@{parts.netloc.rpartition('@')[2]}"))
