"""What a request leads to is said of this very request, so that its approver need not work it out."""

from typing import Any

import pytest

from risk import limits, membership
from risk.models import ChangeRequest
from trading import strategy_changes
from trading.dashboard.presenters import consequences

HELD = {
    "name": "trend",
    "rule": "trend_following",
    "parameters": {},
    "symbols": ["AAPL"],
    "risk_fraction": "0.001",
    "active": True,
}


def told(kind: str, **payload: Any) -> str:
    return consequences.of(ChangeRequest(kind=kind, payload=payload))


def of_strategy(old: dict[str, Any] | None = None, *, mode: str = "paper", **changes: Any) -> str:
    before = HELD | (old or {})
    return told(strategy_changes.KIND, name="trend", mode=mode, old=before, new=before | changes)


class TestStrategy:
    def test_says_what_it_trades_and_risks(self) -> None:
        assert of_strategy({"active": False}, active=True).startswith(
            "It trades AAPL from the next pass on and may lose up to 0.1 % of equity at the stop of each entry."
        )
        assert of_strategy(risk_fraction="0.002").startswith("The new version trades AAPL")

    def test_names_symbols_that_are_new(self) -> None:
        assert "Entries in FB are denied unless the allow-list has it." in of_strategy(symbols=["AAPL", "FB"])
        assert "allow-list" not in of_strategy(parameters={"fast": 5})

    def test_says_that_a_new_name_leaves_limits_and_halts_behind(self) -> None:
        assert "set for the strategy trend do not reach it" in of_strategy(name="trend 2")
        assert "do not reach" not in of_strategy(rule="consensus")

    def test_says_that_a_live_account_must_be_armed_anew(self) -> None:
        assert "until two people arm it anew" in of_strategy(mode="live", parameters={"fast": 5})
        assert of_strategy(parameters={"fast": 5}).endswith("It trades on paper, with no money.")


class TestPeople:
    @pytest.mark.parametrize(
        ("payload", "sentence"),
        [
            ({"approves": True}, "Olaf may ask for changes and decides what others ask for."),
            ({"approves": False}, "Olaf may ask for changes and never votes."),
            ({"approves": True, "member": "a member already"}, "who asks with one does not approve with another."),
        ],
    )
    def test_says_what_who_joins_may_do(self, payload: dict[str, Any], sentence: str) -> None:
        assert told(membership.ENROL, name="Olaf", **payload).endswith(sentence)

    @pytest.mark.parametrize(
        ("old", "new", "sentence"),
        [
            ((False, False), (True, False), "Olaf is back at once and may ask for changes."),
            ((True, False), (True, True), "From 72 hours after it is carried out Olaf decides what others ask for."),
            (
                (False, True), (True, True),
                "Olaf is back at once and may ask for changes. Olaf decides again what others ask for.",
            ),
        ],
    )  # fmt: skip
    def test_says_what_who_returns_may_do(self, old: tuple[bool, bool], new: tuple[bool, bool], sentence: str) -> None:
        names = ("active", "approves")
        payload = {"old": dict(zip(names, old, strict=True)), "new": dict(zip(names, new, strict=True))}

        assert told(membership.CHANGE, name="Olaf", **payload) == sentence

    def test_names_whose_vote_a_factor_casts(self) -> None:
        assert "confirmed with this security key counts as Olaf's" in told(
            membership.ADMIT, name="Olaf", factor={"kind": "security key"}
        )


class TestOthers:
    def test_have_one_sentence_each(self) -> None:
        assert told(limits.KIND).startswith("The new limit judges every order")
        assert told("unheard.of") == "The change is carried out once, exactly as shown here."
