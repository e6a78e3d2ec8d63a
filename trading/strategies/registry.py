"""Rules by name: those of the house, those installed as entry points, and one's own by dotted path."""

import importlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from typing import Any

from trading.strategies.base import Rule
from trading.strategies.breakout import Breakout
from trading.strategies.consensus import Consensus
from trading.strategies.mean_reversion import MeanReversion
from trading.strategies.parameters import Parameters, UnableToUseParameters
from trading.strategies.trend_following import TrendFollowing

ENTRY_POINTS = "gatehouse.rules"
"""Group in which an installed package offers rules, each a class or an object."""


class UnknownRule(LookupError):
    """No rule has that name, or what was named is not a rule; the sentence names the remedy."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class Registry:
    """A closed set of rules by name. Raises `UnknownRule` where two share a name."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.name in self._rules:
                raise UnknownRule(f"Two rules are named {rule.name!r}; rename one of them.")
            self._rules[rule.name] = rule

    def names(self) -> tuple[str, ...]:
        return tuple(self._rules)

    def get(self, name: str) -> Rule:
        """The rule of that name. Raises `UnknownRule`."""
        if name not in self._rules:
            raise UnknownRule(f"There is no rule {name!r}; known are {', '.join(self._rules)}.")
        return self._rules[name]

    def parse(self, name: str, raw: Mapping[str, Any]) -> tuple[Rule, Parameters]:
        """The rule and its parameters from their JSON form. Raises `UnknownRule`, `UnableToUseParameters`."""
        rule = self.get(name)
        try:
            return rule, rule.parameters_type.from_json(raw, self)
        except UnableToUseParameters as error:
            raise UnableToUseParameters(f"{name}: {error}") from error


HOUSE = Registry((TrendFollowing(), MeanReversion(), Breakout(), Consensus()))
"""The rules that come with the house."""


@cache
def load(dotted_paths: tuple[str, ...] = ()) -> Registry:
    """The house's rules, every rule of an installed entry point, and those at `dotted_paths` ("package.module.Rule").

    Read once per process: what is installed does not change under it.

    Raises `UnknownRule` for one that cannot be found or does not have the shape of a rule.
    """
    installed = (_as_rule(point.load(), point.value) for point in metadata.entry_points(group=ENTRY_POINTS))
    own = (_as_rule(_found(path), path) for path in dotted_paths)
    return Registry((*(HOUSE.get(name) for name in HOUSE.names()), *installed, *own))


def _found(path: str) -> object:
    module, _, attribute = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownRule(f"No rule can be imported from {path!r}: {error}. Name it as package.module.Rule.") from error


def _as_rule(found: object, path: str) -> Rule:
    rule: Any = found() if isinstance(found, type) else found
    missing = [a for a in ("name", "title", "parameters_type", "warm_up", "evaluate") if not hasattr(rule, a)]
    if missing:
        raise UnknownRule(f"{path!r} is not a rule: it has no {', '.join(missing)}.")
    if not (isinstance(rule.parameters_type, type) and issubclass(rule.parameters_type, Parameters)):
        raise UnknownRule(f"{path!r} is not a rule: its parameters_type must be a subclass of Parameters.")
    typed: Rule = rule
    return typed
