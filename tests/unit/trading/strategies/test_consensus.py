"""The consensus: weights and shares decide, silence counts against a change, and bad members are named."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.trading import windows
from trading.bars import BarWindow
from trading.strategies import registry
from trading.strategies.consensus import Consensus, ConsensusParameters, Member
from trading.strategies.parameters import Parameters, UnableToUseParameters
from trading.strategies.registry import UnknownRule
from trading.targets import Direction, Target

NONE, SOME = Decimal(0), Decimal(10)
WINDOW = windows.of_closes(["100", "101"])


@dataclass(frozen=True)
class Says:
    """A rule of one opinion, to make votes with."""

    direction: Direction | None
    strength: str = "1"
    stop: str = "0.02"
    title: str = "Says"
    name: str = "says"
    parameters_type: type[Parameters] = Parameters

    def warm_up(self, parameters: Parameters) -> int:
        return 1

    def evaluate(self, window: BarWindow, parameters: Parameters, held: Decimal) -> Target | None:
        if self.direction is None:
            return None
        reason = f"I say {self.direction}."
        return Target(
            window.symbol, self.direction, Decimal(self.strength), reason, Decimal(self.stop), Decimal("0.03")
        )


def vote(held: Decimal, *members: tuple[Says, str]) -> Target | None:
    parameters = ConsensusParameters(
        members=tuple(Member(rule, Parameters(), Decimal(weight)) for rule, weight in members),
        entry_share=Decimal("0.6"),
        exit_share=Decimal("0.4"),
    )
    return Consensus().evaluate(WINDOW, parameters, held)


class TestEvaluate:
    @pytest.mark.parametrize(("weight", "enters"), [("6", True), ("5.99", False)])
    def test_enters_at_the_share_of_all_weight(self, weight: str, enters: bool) -> None:
        rest = str(10 - Decimal(weight))

        assert (vote(NONE, (Says("long"), weight), (Says(None), rest)) is not None) == enters

    @pytest.mark.parametrize(("weight", "leaves"), [("4", True), ("3.99", False)])
    def test_leaves_at_its_own_share(self, weight: str, leaves: bool) -> None:
        rest = str(10 - Decimal(weight))

        target = vote(SOME, (Says("flat"), weight), (Says(None), rest))

        assert (target is not None) == leaves
        assert target is None or target.direction == "flat"

    def test_weighs_strengths_and_takes_the_nearest_stop(self) -> None:
        target = vote(NONE, (Says("long", "1", "0.02"), "3"), (Says("long", "0.2", "0.01"), "1"))

        assert target is not None
        assert target.strength == Decimal("0.8")
        assert target.stop_loss == Decimal("0.01")

    def test_tells_who_agreed_and_why(self) -> None:
        target = vote(NONE, (Says("long"), "2"), (Says(None), "1"))

        assert target is not None
        assert target.reason == "1 of 2 rules with 67 % of the weight say long: I say long."

    def test_does_not_enter_on_votes_to_leave(self) -> None:
        assert vote(NONE, (Says("flat"), "1")) is None


class TestConsensusParameters:
    @pytest.mark.parametrize(
        ("raw", "sentence"),
        [
            ({"members": []}, "members has 0 rules; a consensus must have from 1 to 10."),
            ({"members": {}}, "members must be a list"),
            ({"members": [{"weight": "1"}]}, "must name its rule as text"),
            ({"members": [{"rule": "breakout", "weight": "0"}]}, "weight of breakout is 0; it must be a decimal"),
            ({"members": [{"rule": "breakout", "parameters": {"entry_period": 1}}]}, "breakout: entry_period is 1"),
            ({"members": [{"rule": "consensus"}]}, "may not be a member of a consensus"),
            ({"members": [{"rule": "breakout", "wieght": "1"}]}, "did you mean weight?"),
            ({"entry_share": "1.1"}, "entry_share is 1.1; it must be a decimal number from 0.1 to 1"),
        ],
    )
    def test_refuse_in_a_sentence(self, raw: dict[str, Any], sentence: str) -> None:
        with pytest.raises(UnableToUseParameters, match=sentence):
            registry.HOUSE.parse("consensus", raw)

    def test_name_an_unknown_member(self) -> None:
        with pytest.raises(UnknownRule, match="no rule 'hodl'"):
            registry.HOUSE.parse("consensus", {"members": [{"rule": "hodl"}]})

    def test_take_members_from_json(self) -> None:
        raw = {"members": [{"rule": "breakout", "weight": "2.5", "parameters": {"entry_period": 40}}]}

        rule, parameters = registry.HOUSE.parse("consensus", raw)

        assert parameters.to_json()["members"][0]["weight"] == "2.5"
        assert parameters.to_json()["members"][0]["parameters"]["entry_period"] == 40
        assert rule.warm_up(parameters) == 41
