"""Which changes of people and strategies tighten, decided field by field. Pure.

A field nobody wrote a rule for never tightens, and one field that loosens makes the whole change loosen: a person
approves a document, not its harmless half. Limits have their own rule in `policy`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

PERSON, STRATEGY = "person", "strategy"

Rule = Callable[[Any, Any], bool]


def is_tightening(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Does going from `old` to `new` allow at most what was allowed before? Nothing known of `what`: no."""
    rules = _RULES.get(what)
    if rules is None:
        return False
    # Whatever rests may do nothing, so what else it says loosens nothing until it is waked.
    if new.get("active") is False and old.keys() == new.keys():
        return True
    return all(_tightens(rules.get(name), name, old, new) for name in old.keys() | new.keys())


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The names of the fields that differ, in order."""
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _tightens(rule: Rule | None, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    if name not in old or name not in new:
        return False
    return old[name] == new[name] or (rule is not None and rule(old[name], new[name]))


def _falls(old: Any, new: Any) -> bool:
    return old is True and new is False


def _shrinks(old: Any, new: Any) -> bool:
    return isinstance(old, list) and isinstance(new, list) and set(new) <= set(old)


def _lowers(old: Any, new: Any) -> bool:
    try:
        before, after = Decimal(old), Decimal(new)
    except (InvalidOperation, TypeError, ValueError):
        return False
    return before.is_finite() and after.is_finite() and 0 <= after <= before


_RULES: dict[str, dict[str, Rule]] = {
    PERSON: {"active": _falls, "approves": _falls},
    STRATEGY: {"active": _falls, "symbols": _shrinks, "risk_fraction": _lowers},
}
