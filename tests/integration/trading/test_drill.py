"""`manage.py drill`: the emergency stop exercised with one small order, its proof kept, and never with real money."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from tests.integration.trading.busy_desk import gateway
from tests.integration.trading.hands import open_desk
from tests.orderpath import open_account
from trading import drill

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
