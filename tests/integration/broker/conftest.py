"""An account of each test's own at the real database and a Valkey of this file's own."""

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from tests import valkey
from trading.broker.safeguards import Shared
from trading.broker.shared_ledger import SharedLedger
from trading.broker.shared_ledger import line as ledger_line
from trading.broker.shared_memory import Line, SharedMemory
from trading.broker.shared_memory import line as memory_line

type Make = Callable[..., Shared]

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def kept_server() -> Iterator[valkey.Valkey]:
    with valkey.running() as server:
        yield server


@pytest.fixture
def server(kept_server: valkey.Valkey) -> Iterator[valkey.Valkey]:
    """The Valkey, running and thawed again after the test."""
    yield kept_server
    if kept_server.process is None:
        kept_server.start()
    kept_server.thaw()


@pytest.fixture
def number() -> str:
    return f"PA{os.getpid()}{next(_numbers):04d}"


@pytest.fixture
def memory(server: valkey.Valkey, number: str) -> SharedMemory:
    memory_line.cache_clear()
    return SharedMemory(server.url, "test", number)


@pytest.fixture
def ledger(django_db_setup: None, number: str) -> Iterator[SharedLedger]:
    yield SharedLedger(number, "broker.test", first_limit=200)
    ledger_line().close()


@pytest.fixture
def make(memory: SharedMemory, ledger: SharedLedger, server: valkey.Valkey, number: str) -> Make:
    """Makes the safeguards of another process: nothing but Redis and the database is common to two of them."""

    def made(per_minute: int = 200, to: SharedLedger | None = None) -> Shared:
        of_its_own = SharedMemory(server.url, "test", number)
        of_its_own._line = Line(server.url)
        return Shared(per_minute, of_its_own, to or ledger)

    return made
