"""Real processes on one account at once: what must happen once happens once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.models import AuditEvent
from tests.robot import WISHES, Robot, robot
from tests.venue import account
from trading import market_data
from trading.choices import OrderStatus, Timeframe
from trading.models import AccountState, DailyReport, EnginePass, Fill, Order, OrderIntent, Position, Signal
from trading.venue import walk

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[3]


@pytest.fixture
def desk() -> Iterator[Robot]:
    """Seven minutes played and six judged: the next pass buys."""
    with robot() as made:
        made.minutes(6)
        yield made


def next_bar(desk: Robot) -> datetime:
    """Play a minute whose pass nobody has made yet."""
    played = desk.venue.step()
    desk.now += timedelta(minutes=1)
    bar_at: datetime = played.at - timedelta(minutes=1)  # type: ignore[union-attr]
    market_data.ingest(desk.gateway.bars(["AAPL", "MSFT"], Timeframe.MINUTE, bar_at, desk.gateway.clock().at))
    return bar_at


def given(desk: Robot, job: str, **more: Any) -> dict[str, Any]:
    opening = account()
    keys = {
        "number": opening.number,
        "kind": "paper",
        "key": opening.keys.key_id,
        "secret": opening.keys.secret,
        "base_url": desk.venue.url,
        "data_url": desk.venue.url,
        "stream_url": desk.venue.stream_url,
        "data_stream_url": desk.venue.data_stream_url,
    }
    wishes = [[symbol, minute, wish] for (symbol, minute), wish in WISHES.by_minute.items()]
    return {"job": job, "number": opening.number, "keys": keys, "wishes": wishes, "now": desk.now.isoformat(), **more}


class Worker:
    """A process that takes jobs, as Celery's do, without a queue between."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.integration.trading.worker"],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def is_ready(self) -> bool:
        assert self._process.stdout is not None
        return self._process.stdout.readline() == "ready\n"

    def start(self, job: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        """What it said; the exit code of a process that died over the job."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return str(json.loads(line)) if line else str(self._process.wait(10))

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def workers(django_db_setup: None) -> Iterator[list[Worker]]:
    """Three processes on this worker's database; the last one is there to die."""
    made = [Worker() for _ in range(3)]
    try:
        assert all(worker.is_ready() for worker in made)
        yield made
    finally:
        for worker in made:
            worker.end()


def at_once(workers: list[Worker], job: dict[str, Any]) -> list[str]:
    """Let two processes do the same job in the same moment."""
    for worker in workers[:2]:
        worker.start(job)
    return [worker.answer() for worker in workers[:2]]


def books_equal(desk: Robot) -> bool:
    theirs = {held.symbol: held.quantity for held in desk.gateway.positions()}
    ours = dict(Position.objects.exclude(quantity=0).values_list("instrument__symbol", "quantity"))
    return ours == theirs and AccountState.objects.get().ledger_cash == desk.gateway.account().cash


class TestTwoWorkers:
    def test_make_one_pass_and_one_order_of_one_bar(self, desk: Robot, workers: list[Worker]) -> None:
        WISHES.by_minute["AAPL", 6] = "long"
        bar_at = next_bar(desk)

        said = at_once(workers, given(desk, "pass", bar_at=bar_at.isoformat()))

        assert set(said) <= {"done", "Busy"}
        assert "done" in said
        assert EnginePass.objects.filter(bar_at=bar_at).count() == 1
        assert (Signal.objects.count(), OrderIntent.objects.count()) == (1, 1)
        entries = [r for r in desk.gateway.orders_since(bar_at - timedelta(hours=1)) if r.side == "buy"]
        assert len(entries) == Order.objects.filter(purpose="entry").count() == 1

    def test_leave_an_order_of_a_killed_one_to_the_next(self, desk: Robot, workers: list[Worker]) -> None:
        WISHES.by_minute["AAPL", 6] = "long"
        bar_at = next_bar(desk)
        workers[2].start(given(desk, "die", bar_at=bar_at.isoformat()))
        said = workers[2].answer()
        order = Order.objects.get(purpose="entry")
        left = (said, order.status, EnginePass.objects.get(bar_at=bar_at).outcome)

        desk.now += timedelta(seconds=12)  # the dead one's lease runs out
        again = desk.run_pass(bar_at)

        order.refresh_from_db()
        assert left == ("-9", OrderStatus.SUBMITTED, "running")
        assert again.outcome == "done"
        assert order.status in (OrderStatus.ACCEPTED, OrderStatus.FILLED)
        entries = [r for r in desk.gateway.orders_since(bar_at - timedelta(hours=1)) if r.side == "buy"]
        assert len(entries) == 1
        desk.minutes(2)
        assert books_equal(desk)


class TestTasks:
    @pytest.mark.parametrize("task", ["run_pass", "tick", "heal", "reconcile", "close_day", "prove_alive"])
    def test_are_safe_to_run_twice_at_once(self, desk: Robot, task: str, workers: list[Worker]) -> None:
        WISHES.by_minute["AAPL", 5] = "long"
        desk.minute()
        bar_at = next_bar(desk)
        arguments = {
            "run_pass": {"account": desk.account.number, "bar_at": bar_at.isoformat()},
            "heal": {"account": desk.account.number},
            "close_day": {"account": desk.account.number, "session_date": bar_at.date().isoformat()},
        }.get(task, {})
        if task == "close_day":
            while not isinstance(desk.venue.step_once(), walk.Close | walk.Done):
                pass

        said = at_once(workers, given(desk, "task", task=task, arguments=arguments))

        assert said == ["done", "done"]
        assert EnginePass.objects.filter(bar_at=bar_at).count() <= 1
        assert DailyReport.objects.count() == (task == "close_day")
        assert OrderIntent.objects.filter(purpose="entry").count() <= 1
        assert Fill.objects.count() <= 1
        assert AuditEvent.objects.filter(event="fill.booked").count() == Fill.objects.count()
