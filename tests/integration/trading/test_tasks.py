"""Celery's doors of trading that no other test goes through; `test_processes` runs the rest twice at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from risk.models import Limit
from tests.robot import robot
from trading import sessions, tasks
from trading.duties import BEFORE_OPEN
from trading.models import Account, AccountState, LossTrack, PreflightRun
from trading.watching import heartbeats

pytestmark = pytest.mark.django_db(transaction=True)


class TestPreflightBeforeSessions:
    def test_runs_once_before_an_open(self) -> None:
        with robot() as desk:
            Account.objects.update(active=True)
            before_open = desk.gateway.clock().at
            assert sessions.next_open(before_open) - before_open <= BEFORE_OPEN

            tasks.preflight_before_sessions()
            tasks.preflight_before_sessions()

            assert PreflightRun.objects.get().account == desk.account

    def test_leaves_resting_accounts_alone(self) -> None:
        with robot():
            Account.objects.update(active=False)

            tasks.preflight_before_sessions()

        assert not PreflightRun.objects.exists()

    def test_runs_none_during_a_session(self) -> None:
        with robot() as desk:
            Account.objects.update(active=True)
            desk.minutes(1)

            tasks.preflight_before_sessions()

        assert not PreflightRun.objects.exists()


class TestWatch:
    def test_reads_fresh_figures_and_judges_them(self) -> None:
        with robot() as desk:
            desk.minutes(7)
            AccountState.objects.update(figures_at=None)
            heartbeats.beat("worker", now=timezone.now(), worked=True)

            tasks.watch()

            assert AccountState.objects.get().figures_at is not None
            assert LossTrack.objects.get().index == 1
            assert not AuditEvent.objects.filter(event__startswith="monitor.").exists()

    def test_leaves_an_account_whose_books_are_not_open(self) -> None:
        with robot():
            tasks.watch()

        assert not LossTrack.objects.exists()

    def test_tells_when_the_monitors_fail(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with robot() as desk:
            desk.minutes(2)
            monkeypatch.setattr("trading.watching.monitors.watch", explodes)

            tasks.watch()

        assert AuditEvent.objects.filter(event="monitor.failed", severity="serious").count() == 1


def explodes(*_: object, **__: object) -> None:
    raise ZeroDivisionError("inside")


class TestReturnLimits:
    def test_puts_back_what_has_ended(self) -> None:
        now = timezone.now()
        terms: dict[str, Any] = {"scope_kind": "firm", "scope_key": "", "unit": "count", "set_by": "t", "reason": "t"}
        Limit.objects.create(
            name="positions", value=12, version=1, returns_to=8, expires_at=now - timedelta(seconds=1),
            active_from=now - timedelta(hours=1), **terms,
        )  # fmt: skip

        tasks.return_limits()

        assert Limit.objects.in_force().get().value == 8
