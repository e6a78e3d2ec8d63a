"""The watchdog: it judges by signs of life, halts alone, and lifts nothing."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from audit.models import AuditEvent
from risk.models import Halt
from tests import orderpath
from trading.management.commands import watchdog as command
from trading.models import ProcessHeartbeat
from trading.watching import heartbeats, watchdog
from trading.watching.symptoms import Finding

pytestmark = pytest.mark.django_db

BEGAN = orderpath.WALL
LATER = BEGAN + timedelta(minutes=5)


def alive(*processes: str, at: Any = LATER) -> None:
    for process in processes:
        heartbeats.beat(process, now=at, worked=True)


@pytest.fixture
def signals() -> Iterator[None]:
    """Put back what a command does with signals."""
    kept = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    yield
    for sign, handler in kept.items():
        signal.signal(sign, handler)


class TestLook:
    def test_finds_nothing_while_all_show_signs_of_life(self) -> None:
        alive("worker", "beat", "stream")

        assert watchdog.look(now=LATER + timedelta(seconds=60), since=BEGAN) == []

    def test_names_the_process_that_shows_none(self) -> None:
        alive("worker", "beat", "stream")
        alive("worker", "beat", at=LATER + timedelta(seconds=20))

        found = watchdog.look(now=LATER + timedelta(seconds=61), since=BEGAN)

        assert [finding.sentence for finding in found] == ["no sign of life from stream for 61 s"]

    def test_takes_any_living_worker_for_the_workers(self) -> None:
        alive("worker", "beat", "stream")
        ProcessHeartbeat.objects.create(
            process="worker", instance="worker@dead", build="test", beat_at=BEGAN, started_at=BEGAN
        )

        assert watchdog.look(now=LATER, since=BEGAN) == []

    def test_judges_nobody_before_it_has_watched_long_enough(self) -> None:
        assert watchdog.look(now=BEGAN + timedelta(seconds=60), since=BEGAN) == []
        assert len(watchdog.look(now=BEGAN + timedelta(seconds=61), since=BEGAN)) == 3


class TestAct:
    def test_halts_the_firm_for_entries(self) -> None:
        account = orderpath.open_account()
        account.active = True
        account.save(update_fields=["active"])
        findings = watchdog.look(now=LATER, since=BEGAN)

        assert watchdog.act(findings, now=LATER)

        halt = Halt.objects.get()
        assert (halt.level, halt.scope_kind, halt.engaged_by, halt.released_at) == ("H1", "firm", "watchdog", None)
        assert "no sign of life from worker" in halt.reason

    def test_engages_one_halt_however_often_it_looks(self) -> None:
        account = orderpath.open_account()
        account.active = True
        account.save(update_fields=["active"])
        findings = watchdog.look(now=LATER, since=BEGAN)

        watchdog.act(findings, now=LATER)
        watchdog.act(findings, now=LATER + timedelta(seconds=5))

        assert Halt.objects.count() == 1

    def test_tells_once_an_hour_of_what_halts_nothing(self) -> None:
        account = orderpath.open_account()
        account.active = True
        account.save(update_fields=["active"])
        warnings = [Finding("clock", "this machine's clock is 0.7 s off", halts=False)]

        for minutes in (0, 59, 61):
            assert not watchdog.act(warnings, now=LATER + timedelta(minutes=minutes))

        told = AuditEvent.objects.filter(event="watchdog.warned")
        assert set(told.values_list("subject", "severity", "sentence")) == {
            ("clock", "serious", "this machine's clock is 0.7 s off")
        }
        assert [event.at for event in told.order_by("at")] == [LATER, LATER + timedelta(minutes=61)]
        assert not Halt.objects.exists()

    def test_leaves_a_desk_alone_that_trades_nothing(self) -> None:
        assert not watchdog.act(watchdog.look(now=LATER, since=BEGAN), now=LATER)

        assert not Halt.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestCommand:
    @pytest.mark.usefixtures("signals")
    def test_looks_says_that_it_lives_and_ends_when_told_to(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = heartbeats.beat

        def beat(process: str, **more: Any) -> None:
            """End the command from within, as a supervisor would."""
            real(process, **more)
            if process == "watchdog":
                os.kill(os.getpid(), signal.SIGTERM)

        monkeypatch.setattr(command, "EVERY", 0.01)
        monkeypatch.setattr(heartbeats, "beat", beat)
        out = StringIO()

        call_command("watchdog", stdout=out)

        assert out.getvalue() == "Watching worker, beat and stream.\n"
        assert ProcessHeartbeat.objects.get(process="watchdog").note == "all well"
        assert not Halt.objects.exists()
