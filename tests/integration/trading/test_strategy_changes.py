"""Strategies: what rests or narrows holds at once, what wakes or widens waits for another person."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from audit.models import AuditEvent
from risk import signoff
from risk.models import ChangeRequest
from tests import desk_people, voting
from tests.desk_people import People
from trading import strategy_changes
from trading.models import Account, AccountState, DailyReport, Strategy

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@pytest.fixture
def people() -> People:
    return desk_people.three(NOW)


@pytest.fixture
def strategy() -> Strategy:
    account = Account.objects.create(number="PA1", name="paper", mode="paper", created_at=NOW)
    return Strategy.objects.create(
        account=account, name="trend", rule="trend_following", symbols=["AAPL", "IBM"],
        risk_fraction=Decimal("0.002"), active=True, created_at=NOW,
    )  # fmt: skip


def propose(strategy: Strategy, by: User, **changes: Any) -> Strategy | ChangeRequest:
    wanted = strategy_changes.state(Strategy.objects.get(pk=strategy.pk)) | changes
    return strategy_changes.propose(strategy, wanted, reason="ten sessions say so", by_user=by, now=NOW)


class TestPropose:
    @pytest.mark.parametrize(
        "changes", [{"active": False}, {"symbols": ["IBM"]}, {"risk_fraction": "0.001"}, {"active": False, "rule": "x"}]
    )
    def test_tightens_at_once(self, strategy: Strategy, people: People, changes: dict[str, Any]) -> None:
        made = propose(strategy, people.ann, **changes)

        assert isinstance(made, Strategy)
        assert strategy_changes.state(Strategy.objects.get(pk=strategy.pk)).items() >= changes.items()
        assert Strategy.history.filter(id=strategy.pk).latest("history_id").history_user == people.ann

    @pytest.mark.parametrize(
        "changes",
        [
            {"symbols": ["AAPL", "IBM", "FB"]},
            {"risk_fraction": "0.003"},
            {"parameters": {"fast": 5}},
            {"rule": "mean_reversion"},
            {"risk_fraction": "0.001", "parameters": {"fast": 5}},
        ],
    )
    def test_asks_another_person_to_loosen(self, strategy: Strategy, people: People, changes: dict[str, Any]) -> None:
        before = strategy_changes.state(strategy)

        made = propose(strategy, people.ann, **changes)

        assert isinstance(made, ChangeRequest)
        assert strategy_changes.state(Strategy.objects.get(pk=strategy.pk)) == before

    def test_is_refused_where_nothing_would_change(self, strategy: Strategy, people: People) -> None:
        with pytest.raises(strategy_changes.Refused, match="Nothing would change"):
            propose(strategy, people.ann)

        assert AuditEvent.objects.filter(event="strategy.refused").exists()


class TestEvidence:
    def test_is_what_the_strategy_and_its_account_have_done(self, strategy: Strategy, people: People) -> None:
        AccountState.objects.create(account=strategy.account, equity="99968.22")
        DailyReport.objects.create(
            account=strategy.account, session_date=NOW.date(), figures={}, books_equal_broker=False, created_at=NOW
        )

        asked = propose(strategy, people.ann, risk_fraction="0.003")

        assert isinstance(asked, ChangeRequest)
        assert {line["name"]: line["value"] for line in asked.payload["evidence"]} == {
            "account": "paper (PA1), paper",
            "equity": "$99,968.22",
            "entries so far": "0 asked for, 0 denied",
            "closed so far": "0 lots, 0 with a gain",
            "realised": "$0",
            "sessions": "1 closed, 0 with books equal to the broker's",
        }


class TestCarryOut:
    def asked(self, strategy: Strategy, people: People, **changes: Any) -> ChangeRequest:
        made = propose(strategy, people.ann, **changes)
        assert isinstance(made, ChangeRequest)
        return made

    def test_changes_by_two_and_makes_a_version(self, strategy: Strategy, people: People) -> None:
        asked = self.asked(strategy, people, risk_fraction="0.003", parameters={"fast": 5})
        with pytest.raises(signoff.NotAllowed, match="not approved"):
            strategy_changes.carry_out(asked, by_user=people.ann, now=NOW)
        voting.cast(asked.pk, by=people.ben, now=NOW)

        made = strategy_changes.carry_out(asked, by_user=people.ann, now=NOW)

        assert (made.version, made.parameters, made.risk_fraction) == (2, {"fast": 5}, Decimal("0.003"))
        with pytest.raises(signoff.NotAllowed, match="it executed"):
            strategy_changes.carry_out(asked, by_user=people.ann, now=NOW)

    def test_wakes_a_strategy_by_two(self, strategy: Strategy, people: People) -> None:
        propose(strategy, people.ann, active=False)
        asked = self.asked(strategy, people, active=True)
        voting.cast(asked.pk, by=people.ben, now=NOW)

        assert strategy_changes.carry_out(asked, by_user=people.ann, now=NOW).active

    def test_is_refused_when_the_strategy_has_moved_on(self, strategy: Strategy, people: People) -> None:
        asked = self.asked(strategy, people, risk_fraction="0.003")
        voting.cast(asked.pk, by=people.ben, now=NOW)
        propose(strategy, people.eve, symbols=["IBM"])

        with pytest.raises(signoff.NotAllowed, match="moved on"):
            strategy_changes.carry_out(asked, by_user=people.ann, now=NOW)
