"""Raw SQL with the program's own database role: a strategy of any account is not woken, widened or altered by one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from tests import desk_people, voting
from tests.desk_people import People
from tests.integration.risk.raw import refused, run
from trading import strategy_changes
from trading.models import Account, EnginePass, Strategy

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
_ADD = (
    "INSERT INTO trading_strategy (account_id, name, rule, parameters, symbols, risk_fraction, version, active,"
    " created_at, written_in) SELECT id, %s, 'r', '{}', '[\"IBM\"]', 0.001, 1, %s, now(),"
    " pg_current_xact_id()::text::bigint + %s FROM trading_account"
)


@pytest.fixture
def people() -> People:
    return desk_people.three(NOW)


@pytest.fixture(params=["paper", "live"])
def strategy(request: pytest.FixtureRequest) -> Strategy:
    account = Account.objects.create(number="A1", name="one", mode=request.param, created_at=NOW)
    return Strategy.objects.create(
        account=account, name="trend", rule="trend_following", parameters={"fast": 5}, symbols=["AAPL", "IBM"],
        risk_fraction="0.002", active=True, created_at=NOW,
    )  # fmt: skip


def carried_out(strategy: Strategy, people: People, **changes: Any) -> str:
    """Two people change it; the id of their request."""
    held = Strategy.objects.get(pk=strategy.pk)
    wanted = strategy_changes.state(held) | changes
    asked = strategy_changes.propose(held, wanted, reason="r", by_user=people.ann, now=timezone.now())
    assert not isinstance(asked, Strategy)
    voting.cast(asked.pk, by=people.ben, now=timezone.now())
    strategy_changes.carry_out(asked, by_user=people.ann, now=timezone.now())
    return str(asked.pk)


class TestUpdate:
    @pytest.mark.parametrize(
        "change",
        [
            "risk_fraction = 0.003",
            "name = 'free of its limits'",
            "rule = 'mean_reversion'",
            "parameters = '{}'",
            'symbols = \'["AAPL", "IBM", "FB"]\'',
            "symbols = '\"IBM\"'",
            "symbols = '[]', parameters = '{\"fast\": 1}'",
        ],
    )
    def test_loosens_nothing(self, strategy: Strategy, change: str) -> None:
        refused(f"UPDATE trading_strategy SET {change}", match="Two people wake")  # noqa: S608

    def test_wakes_nothing(self, strategy: Strategy) -> None:
        run("UPDATE trading_strategy SET active = false, parameters = '{}', risk_fraction = 0.01")

        refused("UPDATE trading_strategy SET active = true", match="Two people wake")

    @pytest.mark.parametrize("change", ["risk_fraction = 0.001", "symbols = '[\"IBM\"]'", "active = false"])
    def test_tightens(self, strategy: Strategy, change: str) -> None:
        run(f"UPDATE trading_strategy SET {change}")  # noqa: S608

    @pytest.mark.parametrize("change", ["account_id = 0", "written_in = 0", "created_at = now()"])
    def test_moves_it_nowhere(self, strategy: Strategy, change: str) -> None:
        refused(f"UPDATE trading_strategy SET {change}", match="permission denied")  # noqa: S608
        refused("DELETE FROM trading_strategy", match="permission denied")

    def test_says_what_two_people_said(self, strategy: Strategy, people: People) -> None:
        """A request that is not carried out, one carried out for less, one long since used: none of them serves."""
        held = Strategy.objects.get(pk=strategy.pk)
        waits = strategy_changes.propose(
            held, strategy_changes.state(held) | {"risk_fraction": "0.004"}, reason="r", by_user=people.ann, now=NOW
        )
        refused("UPDATE trading_strategy SET risk_fraction = 0.004, change_id = %s", [waits.pk], match="Two people")
        first = carried_out(strategy, people, risk_fraction="0.003")
        refused("UPDATE trading_strategy SET risk_fraction = 0.004", match="Two people")
        carried_out(strategy, people, parameters={"fast": 9})
        run("UPDATE trading_strategy SET risk_fraction = 0.001")

        again = "UPDATE trading_strategy SET risk_fraction = 0.003, parameters = %s, change_id = %s"
        refused(again, [json.dumps({"fast": 5}), first], match="Two people")


class TestInsert:
    @pytest.mark.django_db(transaction=True)
    def test_begins_at_rest_beside_one_of_an_earlier_transaction(self) -> None:
        account = Account.objects.create(number="A1", name="one", mode="paper", created_at=NOW)
        run(_ADD, ["old", True, 0])

        refused(_ADD, ["new", True, 0], match="rests until two people")
        refused(_ADD, ["new", True, 1], match="rests until two people")
        run(_ADD, ["new", False, 0])
        assert not account.strategies.get(name="new").active

    def test_begins_at_rest_once_the_account_made_a_pass(self, strategy: Strategy) -> None:
        EnginePass.objects.create(account=strategy.account, bar_at=NOW, session_date=NOW.date(), started_at=NOW)

        refused(_ADD, ["new", True, 0], match="rests until two people")


class TestAccount:
    def test_stays_who_it_is(self, strategy: Strategy) -> None:
        other = "live" if strategy.account.mode == "paper" else "paper"

        refused("UPDATE trading_account SET number = 'A2'", match="Cannot update")
        refused("UPDATE trading_account SET mode = %s", [other], match="Cannot update")
