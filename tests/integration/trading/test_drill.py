"""`manage.py drill`: the emergency stop exercised with one small order, its proof kept, and never with real money."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from tests.integration.trading.busy_desk import gateway
from tests.integration.trading.faulty_desk import planned
from tests.integration.trading.hands import Altered, compare, lose_the_answer, open_cases, open_desk
from tests.orderpath import Killed, open_account, raising
from tests.robot import Robot
from trading import drill, healing
from trading.broker.gateway import BrokerUnavailable

pytestmark = pytest.mark.django_db


class TestDrill:
    def test_cancels_one_small_order_and_keeps_the_proof(self) -> None:
        with open_desk() as desk:
            out = StringIO()

            call_command("drill", "--account", desk.account.number, stdout=out)

            assert out.getvalue().startswith(
                f"Drill on {desk.account.number} passed: the latch refuses entries; a cancel was final at the broker in"
            )
            assert AuditEvent.objects.filter(event="drill.passed", account=desk.account.number).count() == 1
            assert desk.gateway.open_orders() == ()

    def test_prints_json_and_ends_with_1_where_the_cancel_is_not_confirmed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drill, "PATIENCE", 0.2)
        with open_desk() as desk:
            out = StringIO()

            with gateway(desk, cancel=lambda _: None), pytest.raises(SystemExit) as ended:
                call_command("drill", "--json", stdout=out)

            (told,) = json.loads(out.getvalue())
            assert (ended.value.code, told["passed"]) == (1, False)
            assert "did not confirm the cancel" in told["detail"]
            assert AuditEvent.objects.filter(event="drill.failed").exists()

    def test_sends_nothing_for_practice_with_real_money(self, settings: Any) -> None:
        settings.VENUE_CONTROL_URL = ""
        open_account("LIVE1", mode="live")

        with pytest.raises(CommandError, match=r"LIVE1 is a live account: .* no order goes out for practice"):
            call_command("drill", "--account", "LIVE1")

        assert not AuditEvent.objects.filter(event__startswith="drill").exists()

    def test_names_the_accounts_it_knows(self) -> None:
        with pytest.raises(CommandError, match=r"There is no account PA9; known are: none\."):
            call_command("drill", "--account", "PA9")


class TestExercise:
    def test_goes_on_with_an_order_whose_answer_was_lost(self) -> None:
        with open_desk() as desk:
            planned(desk, "reset_after_accept", on=["submit"])

            proof = drill.exercise(desk.account, desk.gateway, now=desk.now)

            assert "a cancel was final" in proof
            assert desk.gateway.open_orders() == ()

    def test_goes_on_after_a_cancel_whose_answer_was_lost(self) -> None:
        with open_desk() as desk:
            planned(desk, "reset_after_accept", on=["cancel"])

            assert "a cancel was final" in drill.exercise(desk.account, desk.gateway, now=desk.now)

    def test_fails_where_the_broker_does_not_show_its_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(drill, "PATIENCE", 0.1)
        with open_desk() as desk:
            with pytest.raises(drill.Failed, match="canceled as soon as the broker shows it"):
                drill.exercise(desk.account, hidden(desk), now=desk.now)

            assert len(desk.gateway.open_orders()) == 1


class TestWhatADrillLeftBehind:
    """The order of a drill is ours to cancel, never a stranger's case."""

    def test_is_canceled_by_healing_once_the_drill_must_have_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(drill, "PATIENCE", 0.1)
        with open_desk() as desk:
            with pytest.raises(drill.Failed):
                drill.exercise(desk.account, hidden(desk), now=desk.now)

            self._is_left_alone_and_then_canceled(desk)

    def test_by_a_process_that_was_killed_is_canceled_likewise(self) -> None:
        with open_desk() as desk:
            killed = Altered(desk.gateway, cancel=raising(Killed()))
            with pytest.raises(Killed):
                drill.exercise(desk.account, killed, now=desk.now)

            self._is_left_alone_and_then_canceled(desk)

    def test_is_a_case_only_where_the_broker_will_not_cancel_it(self) -> None:
        with open_desk(minutes=3) as desk:
            desk.gateway = Altered(desk.gateway, cancel=raising(Killed()))
            with pytest.raises(Killed):
                drill.exercise(desk.account, desk.gateway, now=desk.now)
            desk.gateway._answers["cancel"] = raising(BrokerUnavailable("no"))

            desk.minutes(16)

            assert compare(desk, desk.gateway).outcome == "breaks"

    def _is_left_alone_and_then_canceled(self, desk: Robot) -> None:
        at = desk.gateway.clock().at
        healing.heal(desk.account, desk.gateway, now=desk.now, market_now=at + healing.DRILL_TAKES / 2)
        young = len(desk.gateway.open_orders())

        healing.heal(desk.account, desk.gateway, now=desk.now, market_now=at + healing.DRILL_TAKES)

        assert (young, desk.gateway.open_orders()) == (1, ())
        assert AuditEvent.objects.filter(event="drill.swept", account=desk.account.number).count() == 1
        assert compare(desk).outcome == "clean"
        assert open_cases() == []


def hidden(desk: Robot) -> Any:
    """A broker that takes the order, loses its answer and does not show it yet."""
    real = desk.gateway
    return Altered(real, submit=lambda order: lose_the_answer(real, order), order_by_client_id=lambda _: None)
