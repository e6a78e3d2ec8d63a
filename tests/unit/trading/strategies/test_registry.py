"""The registry: rules of the house, one's own by dotted path, and a clear word for what is not there."""

from decimal import Decimal

import pytest

from trading.bars import BarWindow
from trading.strategies import registry
from trading.strategies.parameters import Parameters
from trading.strategies.registry import UnknownRule
from trading.strategies.trend_following import TrendFollowing
from trading.targets import Target

HERE = __name__


class BuyAlways:
    """Somebody's own rule."""

    name = "buy_always"
    title = "Buy always"
    parameters_type = Parameters

    def warm_up(self, parameters: Parameters) -> int:
        return 1

    def evaluate(self, window: BarWindow, parameters: Parameters, held: Decimal) -> Target | None:
        if held:
            return None
        return Target(window.symbol, "long", Decimal(1), "It is always time.", Decimal("0.02"), Decimal("0.03"))


class NotARule:
    name = "not_a_rule"


class TestLoad:
    def test_brings_the_rules_of_the_house(self) -> None:
        assert registry.load().names() == ("trend_following", "mean_reversion", "breakout", "consensus")

    def test_plugs_in_a_rule_by_dotted_path(self) -> None:
        rules = registry.load((f"{HERE}.BuyAlways",))

        rule, parameters = rules.parse("buy_always", {})

        assert rule.warm_up(parameters) == 1

    @pytest.mark.parametrize("path", ["nowhere.Rule", f"{HERE}.Missing", "Rule", ""])
    def test_names_a_path_it_cannot_import(self, path: str) -> None:
        with pytest.raises(UnknownRule, match=r"Name it as package\.module\.Rule"):
            registry.load((path,))

    def test_names_what_a_rule_lacks(self) -> None:
        with pytest.raises(UnknownRule, match="it has no title, parameters_type, warm_up, evaluate"):
            registry.load((f"{HERE}.NotARule",))

    def test_refuses_a_name_twice(self) -> None:
        with pytest.raises(UnknownRule, match="Two rules are named 'trend_following'"):
            registry.load(("trading.strategies.trend_following.TrendFollowing",))


class TestGet:
    def test_finds_a_rule(self) -> None:
        assert isinstance(registry.HOUSE.get("trend_following"), TrendFollowing)

    def test_names_the_rules_there_are(self) -> None:
        with pytest.raises(UnknownRule) as refused:
            registry.HOUSE.get("hodl")

        assert str(refused.value) == (
            "There is no rule 'hodl'; known are trend_following, mean_reversion, breakout, consensus."
        )
