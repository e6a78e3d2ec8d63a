"""`manage.py halt` in a real terminal's way: what it says before and after, and what it makes of bad input."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from risk.models import Halt, HaltReceipt
from tests.integration.trading.busy_desk import busy_desk, market_going_on, working
from trading.halting import sweeping

pytestmark = pytest.mark.django_db


class TestHalt:
    def test_says_what_it_will_meet_and_what_the_broker_confirmed(self) -> None:
        with busy_desk() as desk:
            out = StringIO()

            call_command("halt", "--reason", "looks odd", stdout=out)

            first, *_, last = out.getvalue().strip().splitlines()
            assert first == "H2 on the whole firm: entries working 1, protective orders 4, positions AAPL 48."
            assert "confirmed  cancel" in out.getvalue()
            assert last == "Complete."
            assert ("MSFT", "entry") not in working()
            assert desk.gateway.positions()

    def test_closes_everything_at_h3(self) -> None:
        with busy_desk() as desk:
            out = StringIO()

            with market_going_on(desk):
                call_command("halt", "--level", "H3", "--reason", "looks odd", "--yes", "--json", stdout=out)

            receipt = json.loads(out.getvalue())
            assert receipt["complete"]
            assert {line["action"] for line in receipt["lines"]} == {"cancel", "close"}
            assert HaltReceipt.objects.filter(halt_id=receipt["halt"]).count() == len(receipt["lines"])
            assert desk.gateway.positions() == ()

    def test_ends_with_1_when_the_broker_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "PATIENCE", 0.2)
        with busy_desk() as desk:
            desk.venue.stop()
            out = StringIO()

            with pytest.raises(SystemExit) as ended:
                call_command("halt", "--reason", "looks odd", stdout=out)

            assert ended.value.code == 1
            assert "STILL OPEN" in out.getvalue()
            assert "Not complete: look at the broker, then halt again." in out.getvalue()
            assert Halt.objects.open().exists()

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ((), "--reason"),
            (("--reason", "  "), "Say why: a halt needs a reason"),
            (("--reason", "x", "--level", "H9"), "invalid choice"),
            (("--reason", "x", "--account", "PA9"), "There is no account PA9; known are: none"),
        ],
    )
    def test_refuses_bad_input_and_halts_nothing(self, arguments: tuple[str, ...], sentence: str) -> None:
        with pytest.raises(CommandError, match=sentence):
            call_command("halt", *arguments, stdout=StringIO())

        assert not Halt.objects.exists()
