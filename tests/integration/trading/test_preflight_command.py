"""`manage.py preflight`: what it prints, how it ends, and what it says of bad input."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.integration.trading.busy_desk import gateway
from tests.integration.trading.ready_desk import NAMES, ready_desk
from trading.broker import factory
from trading.broker import gateway as port
from trading.models import PreflightRun, ProcessHeartbeat

pytestmark = pytest.mark.django_db


class TestCommand:
    def test_prints_every_item_and_ends_well(self) -> None:
        with ready_desk() as desk:
            out = StringIO()

            call_command("preflight", stdout=out)

            told = out.getvalue()
            assert f"of {desk.account} (paper): ready" in told
            assert all(name in told for name in NAMES)

    def test_ends_with_one_and_the_remedy_when_an_item_fails(self) -> None:
        with ready_desk() as desk:
            ProcessHeartbeat.objects.all().delete()
            out = StringIO()

            with pytest.raises(SystemExit) as ended:
                call_command("preflight", account=desk.account.number, stdout=out)

            assert ended.value.code == 1
            assert "FAIL  workers alive: no sign of worker, beat, stream" in out.getvalue()
            assert "→ Start the missing processes" in out.getvalue()

    def test_prints_json_for_machines(self) -> None:
        with ready_desk() as desk:
            out = StringIO()

            call_command("preflight", "--json", stdout=out)

            (told,) = json.loads(out.getvalue())
            assert (told["account"], told["passed"], len(told["items"])) == (desk.account.number, True, len(NAMES))
            assert told["run"] == PreflightRun.objects.get().pk

    def test_names_the_accounts_it_knows(self) -> None:
        with ready_desk(), pytest.raises(CommandError, match=r"There is no account PA9; known are: PA0000001\."):
            call_command("preflight", "--account", "PA9")

    def test_says_that_no_account_is_active(self) -> None:
        with pytest.raises(CommandError, match=r"No account is active: run manage\.py seed_desk"):
            call_command("preflight")

    def test_says_that_there_are_no_keys(self) -> None:
        with ready_desk():
            factory.forget()
            with override_settings(BROKER_ACCOUNTS={}), pytest.raises(CommandError, match="no keys are configured"):
                call_command("preflight")

    def test_says_that_the_keys_are_refused(self) -> None:
        with ready_desk() as desk:
            out = StringIO()
            refused = port.BrokerRejected("the keys are refused", status=401)

            def refuse() -> port.AccountReport:
                raise refused

            with gateway(desk, account=refuse), pytest.raises(SystemExit):
                call_command("preflight", stdout=out)

            assert "FAIL  credentials pinned to the account: the broker did not answer: the keys are refused" in (
                out.getvalue()
            )
            assert PreflightRun.objects.get().passed is False
            assert Decimal(0) < PreflightRun.objects.get().seconds < 30
