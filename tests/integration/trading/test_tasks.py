"""Celery's doors of trading that no other test goes through; `test_processes` runs the rest twice at once."""

import pytest

from tests.robot import robot
from trading import sessions, tasks
from trading.duties import BEFORE_OPEN
from trading.models import Account, PreflightRun

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
