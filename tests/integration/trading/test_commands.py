"""The desk's commands as the supervisor and people call them: `seed_desk`, `stream`, `summary`."""

import json
import os
import signal
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from audit.models import AuditEvent
from config.env.accounts import BrokerAccount
from config.env.secret import Secret
from risk.models import Limit
from tests.integration.trading.hands import move_cash, open_desk
from tests.robot import robot
from trading.models import Account, AccountState, ProcessHeartbeat, Strategy
from trading.streams import listening
from trading.watching import heartbeats

pytestmark = pytest.mark.django_db(transaction=True)


def told(*arguments: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def keys(number: str, kind: str) -> BrokerAccount:
    """Keys that open nothing."""
    nowhere: dict[str, Any] = dict.fromkeys(
        ("base_url", "data_url", "stream_url", "data_stream_url"), "http://127.0.0.1:1"
    )
    return BrokerAccount(number=number, kind=kind, key=Secret("PKNOWHERE"), secret=Secret("s" * 40), **nowhere)


class TestSummary:
    def test_says_that_the_books_equal_the_brokers(self) -> None:
        with open_desk(minutes=3):
            figures = json.loads(told("summary", "--json"))

        assert figures["books_equal_broker"] is True
        assert (figures["passes"], figures["equity"]) == (3, "100000.00")

    def test_ends_with_1_when_they_differ(self) -> None:
        out = StringIO()
        with open_desk() as desk:
            move_cash(desk, "-12.50")

            with pytest.raises(SystemExit) as end:
                call_command("summary", stdout=out)

        assert end.value.code == 1
        assert "books equal broker: no" in out.getvalue()


class TestSeedDesk:
    def test_makes_what_a_new_desk_needs(self, settings: Settings) -> None:
        settings.BROKER_ACCOUNTS = {"PA1": keys("PA1", "paper"), "AL1": keys("AL1", "live")}

        said = told("seed_desk")

        assert "Account PA1 (paper) is on the desk." in said
        assert dict(Account.objects.values_list("number", "active")) == {"PA1": True, "AL1": False}
        assert AccountState.objects.count() == 2
        assert Strategy.objects.filter(account__number="PA1", active=True).count() == 3
        assert Limit.objects.in_force().exists()

    def test_changes_nothing_the_second_time(self, settings: Settings) -> None:
        settings.BROKER_ACCOUNTS = {"PA1": keys("PA1", "paper")}
        told("seed_desk")
        made = (Account.objects.count(), Strategy.objects.count(), Limit.objects.count())
        Account.objects.update(active=False)

        assert told("seed_desk") == ""

        assert (Account.objects.count(), Strategy.objects.count(), Limit.objects.count()) == made
        assert not Account.objects.get().active

    def test_refuses_keys_of_the_other_mode(self, settings: Settings) -> None:
        settings.BROKER_ACCOUNTS = {"PA1": keys("PA1", "paper")}
        told("seed_desk")
        settings.BROKER_ACCOUNTS = {"PA1": keys("PA1", "live")}

        with pytest.raises(CommandError, match="is on this desk as a paper account, its keys are configured as live"):
            told("seed_desk")

        assert Account.objects.get().mode == "paper"


@pytest.fixture
def ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """End the command from within, as a supervisor would: once it hears the broker, or has nobody to hear."""
    real, deadline = heartbeats.beat, time.monotonic() + 15

    def beat(process: str, **more: Any) -> None:
        real(process, **more)
        heard = AuditEvent.objects.filter(event="stream.connected").exists()
        if heard or not Account.objects.filter(active=True).exists() or time.monotonic() > deadline:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(listening, "BEAT", 0.05)
    monkeypatch.setattr(heartbeats, "beat", beat)


@pytest.mark.usefixtures("ends_itself")
class TestStream:
    def test_waits_for_an_account(self) -> None:
        assert "No account is active yet" in told("stream")

        assert ProcessHeartbeat.objects.filter(process="stream").exists()

    def test_hears_the_broker_until_it_is_told_to_end(self) -> None:
        with robot():
            said = told("stream")

        assert said == "Listening for 1 account(s) and 2 symbol(s).\n"
        assert AuditEvent.objects.filter(event="stream.connected").count() == 1
