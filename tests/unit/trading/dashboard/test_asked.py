"""A request is told in words that say what is meant, and nothing of it is cut but a fingerprint."""

from typing import Any

import pytest

from risk import membership
from risk.models import ChangeRequest
from trading import strategy_changes
from trading.dashboard.presenters import asked


def request(kind: str, base: str = "1", **payload: Any) -> ChangeRequest:
    return ChangeRequest(kind=kind, base_version=base, payload=payload)


class TestVerb:
    @pytest.mark.parametrize(("active", "verb"), [(True, "Give the vote to"), (False, "Reinstate")])
    def test_of_a_person_says_whether_he_or_she_was_away(self, active: bool, verb: str) -> None:
        old, new = {"active": active, "approves": False}, {"active": True, "approves": True}

        assert asked.verb(request(membership.CHANGE, name="Olaf", old=old, new=new)) == verb


class TestDifferences:
    def test_of_a_strategy_show_risk_as_a_share_of_equity(self) -> None:
        made = request(strategy_changes.KIND, old={"risk_fraction": "0.001"}, new={"risk_fraction": "0.0025"})

        assert asked.differences(made) == [
            {"name": "equity at risk per entry", "old": "0.1 %", "new": "0.25 %", "changed": True}
        ]


class TestEvidence:
    def test_of_a_list_keeps_its_order(self) -> None:
        lines = [{"name": "zeta", "value": 1}, {"name": "alpha", "value": "two"}]

        assert asked.evidence(request("any", evidence=lines)) == [
            {"name": "zeta", "value": "1"},
            {"name": "alpha", "value": "two"},
        ]


class TestFacts:
    @pytest.mark.parametrize(
        ("base", "said"),
        [
            ("3", "version 3"),
            ("3 active", "version 3, active"),
            ("active, does not approve", "active, does not approve"),
            ("0123456789abcdef" * 4, "0123456789abcdef…"),
        ],
    )
    def test_say_what_it_was_written_against(self, base: str, said: str) -> None:
        assert asked.facts(request("any", base))[0] == {"name": "Written against", "value": said}
