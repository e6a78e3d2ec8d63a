"""Consensus: several rules vote with weights; the position is entered, or left, when enough weight agrees.

A rule that has no opinion adds nothing but its weight to the whole, so silence counts against a change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Self

from trading import targets
from trading.bars import BarWindow
from trading.strategies.base import Rule
from trading.strategies.breakout import Breakout, BreakoutParameters
from trading.strategies.mean_reversion import MeanReversion, ReversionParameters
from trading.strategies.parameters import (
    Parameters,
    Range,
    Rules,
    UnableToUseParameters,
    as_text,
    ranges,
    refuse_unknown,
)
from trading.strategies.trend_following import TrendFollowing, TrendParameters
from trading.targets import Target

WEIGHT = Range(Decimal("0.01"), Decimal(100), "weight of the rule's vote")
_MOST_MEMBERS = 10


@dataclass(frozen=True, slots=True)
class Member:
    """One voter: a rule, the parameters it votes by, and its weight. Raises `UnableToUseParameters`."""

    rule: Rule
    parameters: Parameters
    weight: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        if sentence := WEIGHT.refuse(f"weight of {self.rule.name}", self.weight):
            raise UnableToUseParameters(sentence)


def _default_members() -> tuple[Member, ...]:
    # Rules that act on one bar would hardly ever agree, so their opinions stand longer here than alone.
    return (
        Member(TrendFollowing(), TrendParameters(fresh_bars=10, adx_least=Decimal(20))),
        Member(Breakout(), BreakoutParameters(entry_period=30, fresh_bars=5, volume_least=Decimal(1))),
        Member(MeanReversion(), ReversionParameters(fresh_bars=30, entry_score=Decimal(2))),
    )


@dataclass(frozen=True, slots=True)
class ConsensusParameters(Parameters):
    """Who votes, and the share of all weight that must agree to enter and to leave."""

    members: tuple[Member, ...] = field(default_factory=_default_members)
    entry_share: Annotated[Decimal, Range(Decimal("0.1"), Decimal(1), "share of all weight")] = Decimal("0.6")
    exit_share: Annotated[Decimal, Range(Decimal("0.1"), Decimal(1), "share of all weight")] = Decimal("0.6")

    def check(self) -> None:
        if not 1 <= len(self.members) <= _MOST_MEMBERS:
            raise UnableToUseParameters(
                f"members has {len(self.members)} rules; a consensus must have from 1 to {_MOST_MEMBERS}."
            )

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], rules: Rules) -> Self:
        limits = ranges(cls)
        refuse_unknown(raw, {"members", *limits})
        given: dict[str, Any] = {name: limits[name].parse(raw[name]) for name in limits if name in raw}
        if "members" in raw:
            given["members"] = _members(raw["members"], rules)
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        members = [
            {"rule": m.rule.name, "weight": as_text(m.weight), "parameters": m.parameters.to_json()}
            for m in self.members
        ]
        # Named outright: super() without arguments fails in a slotted dataclass.
        return {"members": members, **Parameters.to_json(self)}


def _members(raw: object, rules: Rules) -> tuple[Member, ...]:
    if not isinstance(raw, list) or not all(isinstance(entry, Mapping) for entry in raw):
        raise UnableToUseParameters("members must be a list of objects with rule, weight and parameters.")
    return tuple(_member(entry, rules) for entry in raw)


def _member(entry: Mapping[str, Any], rules: Rules) -> Member:
    refuse_unknown(entry, {"rule", "weight", "parameters"})
    name, settings = entry.get("rule"), entry.get("parameters", {})
    if not isinstance(name, str) or not isinstance(settings, Mapping):
        raise UnableToUseParameters("Each member must name its rule as text and give its parameters as an object.")
    if name == Consensus.name:
        raise UnableToUseParameters("A consensus may not be a member of a consensus; list its rules instead.")
    rule, parameters = rules.parse(name, settings)
    return Member(rule, parameters, WEIGHT.parse(entry.get("weight", "1")))  # type: ignore[arg-type]


class Consensus:
    """Long when members with `entry_share` of all weight say long, flat when members with `exit_share` say flat.

    The strength is that of the agreeing members by weight; the stop is their nearest, the target their nearest.
    """

    name = "consensus"
    title = "Consensus of rules"
    parameters_type = ConsensusParameters

    def warm_up(self, parameters: ConsensusParameters) -> int:
        return max(member.rule.warm_up(member.parameters) for member in parameters.members)

    def evaluate(self, window: BarWindow, parameters: ConsensusParameters, held: Decimal) -> Target | None:
        if len(window) < self.warm_up(parameters):
            return None
        votes = [(m, m.rule.evaluate(window, m.parameters, held)) for m in parameters.members]
        wanted, share = ("flat", parameters.exit_share) if held > 0 else ("long", parameters.entry_share)
        agreed = [(m.weight, target) for m, target in votes if target is not None and target.direction == wanted]
        weight = sum((w for w, _ in agreed), Decimal(0))
        whole = sum((m.weight for m in parameters.members), Decimal(0))
        if not agreed or weight < share * whole:
            return None
        heading = f"{len(agreed)} of {len(votes)} rules with {weight / whole * 100:.0f} % of the weight say {wanted}: "
        return _joint(window.symbol, agreed, heading)


def _joint(symbol: str, agreed: list[tuple[Decimal, Target]], heading: str) -> Target:
    agreeing = [target for _, target in agreed]
    weight = sum((w for w, _ in agreed), Decimal(0))
    strength = sum((w * target.strength for w, target in agreed), Decimal(0)) / weight
    return Target(
        symbol,
        agreeing[0].direction,
        targets.clamp(strength),
        heading + " ".join(target.reason for target in agreeing),
        min((t.stop_loss for t in agreeing if t.stop_loss is not None), default=None),
        min((t.take_profit for t in agreeing if t.take_profit is not None), default=None),
    )
