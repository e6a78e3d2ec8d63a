"""The stages of the live ramp: how much of the policy a live account may use, and what a breach does to it. Pure.

S0 is paper: nothing live. What a stage allows stands in the code like a ceiling, so no limit's row goes beyond it.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from risk import policy
from risk.standing import LimitInForce, Limits, StageInForce

ZERO = Decimal(0)


class Stage(StrEnum):
    """Where a live account stands on the ramp; the words sort as the stages do."""

    PAPER = "S0"
    FIRST = "S1"
    SECOND = "S2"
    THIRD = "S3"
    FULL = "S4"


CAPS: Mapping[str, tuple[str, str, str, str, str]] = {
    "position_fraction": ("0", "0.01", "0.02", "0.03", "0.05"),
    "order_fraction": ("0", "0.01", "0.02", "0.03", "0.05"),
    "gross_fraction": ("0", "0.05", "0.12", "0.25", "0.60"),
    "positions": ("0", "3", "5", "8", "12"),
    "entries_day": ("0", "5", "10", "10", "20"),
}
"""Limit -> the most it counts for at S0, S1, S2, S3 and S4; a limit that is not named is the same at every stage."""

_ORDER = tuple(Stage)
_CAPS = {(stage, name): Decimal(values[index]) for name, values in CAPS.items() for index, stage in enumerate(_ORDER)}

TO_PAPER = frozenset({"DRAWDOWN_HALTED"})
"""Breaches after which an account begins again on paper, from whatever stage."""


def cap(stage: str, name: str) -> Decimal | None:
    """The most a limit counts for at a stage; None where the stage says nothing of it. Raises ValueError."""
    return _CAPS.get((Stage(stage), name))


def capped(limits: Limits, held: StageInForce | None) -> Limits:
    """The limits as they count at a stage: the stricter of each and its cap. Without a stage they stay as they are.

    A limit that is not in force stays absent: a cap is no limit.
    """
    if held is None:
        return limits
    limits.stage = held
    for name in CAPS:
        known = limits.by_name.get(name)
        most = cap(held.name, name)
        if known is not None and most is not None and policy.BOUNDS[name].is_stricter(most, known.value):
            limits[name] = LimitInForce(name, most, held.version, f"stage {held.name}")
    return limits


def above(stage: str) -> Stage | None:
    """The next stage; None at the last."""
    index = _ORDER.index(Stage(stage)) + 1
    return _ORDER[index] if index < len(_ORDER) else None


def at_least_first(stage: str) -> Stage:
    """The stage an account stands at once it is live."""
    return max(Stage(stage), Stage.FIRST)


def below(stage: str) -> Stage:
    """The stage before; paper stays paper."""
    return _ORDER[max(_ORDER.index(Stage(stage)) - 1, 0)]


def after(stage: str, breaches: Iterable[str]) -> Stage:
    """Where an account stands once limits were broken: one stage lower, and on paper after a drawdown."""
    found = frozenset(breaches)
    if not found:
        return Stage(stage)
    return Stage.PAPER if found & TO_PAPER else below(stage)
