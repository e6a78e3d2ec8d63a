"""Each process that starts takes a halt raised without the database onto the record before it does anything else."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery.signals import worker_init
from django.core.management import call_command
from django.db import connection, connections

import config.asgi
import config.celery
from risk import halt_files
from risk.models import Halt
from tests.orderpath import WALL
from trading.management.commands import stream
from trading.management.commands import watchdog as watchdog_command
from trading.models import Account
from trading.watching import watchdog

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def left(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed file as `halt --direct` leaves it, and an account that would be worked for."""
    settings.HALT_DIRECTORY = tmp_path
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's own transaction stays open
    Account.objects.create(number="PA1", name="one", mode="paper", created_at=WALL)
    told = halt_files.DirectHalt("H2", "PA1", "the database is away", "halt --direct", WALL)
    return halt_files.write(tmp_path, settings.SECRET_KEY, told)


class Reached(Exception):
    """The process came to its own work."""


def taken_up(left: Path) -> bool:
    """Is the halt on the record, and its file gone?"""
    return Halt.objects.filter(level="H2", scope_key="PA1", released_at=None).exists() and not left.exists()


@contextmanager
def first_of_all_tables(table: str) -> Iterator[None]:
    """Assert that of all the desk's tables this one is asked for first."""
    asked: list[str] = []

    def note(execute: Any, sql: Any, *rest: Any) -> Any:
        asked.extend(word for word in str(sql).replace('"', " ").split() if word.startswith(("risk_", "trading_")))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield
    assert asked[0].startswith(table), asked[:3]


class TestWorker:
    def test_takes_the_file_up_before_it_prepares_its_first_task(
        self, left: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[bool] = []
        load = importlib.import_module

        def noting(name: str) -> Any:
            if name != "risk.taking_up":
                seen.append(taken_up(left))
            return load(name)

        monkeypatch.setattr(config.celery, "import_module", noting)
        # Celery's own receivers would rearrange this process; ours are called in its order.
        for receiver in [reference() for _, reference in worker_init.receivers]:
            if receiver.__module__ == "config.celery":
                receiver()

        assert seen
        assert all(seen)


class TestWeb:
    def test_takes_the_file_up_before_it_has_a_door(self, left: Path) -> None:
        with first_of_all_tables("risk_halt"):
            importlib.reload(config.asgi)

        assert taken_up(left)


class TestStream:
    def test_takes_the_file_up_before_it_looks_for_accounts(self, left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def listening(*_: Any, **__: Any) -> None:
            assert taken_up(left)
            raise Reached

        monkeypatch.setattr(stream, "Listener", listening)

        with first_of_all_tables("risk_halt"), pytest.raises(Reached):
            call_command("stream")


class TestWatchdog:
    def test_takes_the_file_up_before_it_looks_at_anything(self, left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def clock() -> None:
            assert taken_up(left)
            raise Reached

        monkeypatch.setattr(watchdog, "market_clock", clock)

        with first_of_all_tables("risk_halt"), pytest.raises(Reached):
            watchdog_command._look_once(WALL)
