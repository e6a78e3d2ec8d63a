"""What a limit may be: its name, scope, value and end, checked into one frozen value or refused with a sentence."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from risk import policy, wording
from risk.models import Limit
from risk.models.scope import ScopeKind, label

LONGEST_RAISE = timedelta(hours=24)
"""How long a temporary value may stand, at most: a raise is for a day, not for ever."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}")
_WHOLE = frozenset({policy.COUNT, policy.SECONDS, policy.FLAG})


class Unfit(Exception):
    """A limit cannot be like that; the text is the sentence for a person."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A limit as somebody wants it, every part of it possible."""

    bound: policy.Bound
    scope_kind: str
    scope_key: str
    value: Decimal
    until: datetime | None = None
    """When the value before it returns by itself; None holds for good."""

    @property
    def named(self) -> str:
        """For people: "Gross exposure 30 % for account PA1"."""
        scope = "the firm" if self.scope_kind == ScopeKind.FIRM else label(self.scope_kind, self.scope_key)
        end = f" until {wording.moment(self.until)}" if self.until else ""
        return f"{wording.title(self.bound.name)} {wording.figure(self.bound.unit, self.value)} for {scope}{end}"

    def tightens(self, old: Limit | None) -> bool:
        """Does it allow at most what is allowed now, and at most what would return by itself?"""
        held = None if old is None else self.bound.strictest(strictest(old, self.bound), self.bound.ceiling)
        return policy.is_tightening(self.bound.name, held, self.value, firm=self.scope_kind == ScopeKind.FIRM)


def strictest(limit: Limit, bound: policy.Bound) -> Decimal:
    """The tighter of a version's value and of what returns after it."""
    return limit.value if limit.returns_to is None else bound.strictest(limit.value, limit.returns_to)


def value_at(
    given: Decimal,
    expires_at: datetime | None,
    returns_to: Decimal | None,
    *,
    bound: policy.Bound,
    now: datetime | None,
) -> Decimal:
    """What counts at `now` of a version's value; without `now`, the tighter of it and of what returns after it."""
    if returns_to is None:
        return given
    if now is None:
        return bound.strictest(given, returns_to)
    return returns_to if expires_at is not None and expires_at <= now else given


def check(
    name: str,
    scope_kind: str,
    scope_key: str,
    value: Decimal | str,
    reason: str,
    *,
    until: datetime | None = None,
    now: datetime,
) -> Wanted:
    """Return what is wanted. Raises Unfit with the sentence a risk officer would want."""
    bound = policy.BOUNDS.get(name)
    if bound is None:
        raise Unfit(f"There is no limit {name!r}; choose one of {', '.join(policy.BOUNDS)}.")
    number = _number(value)
    why = _scope_problem(bound, scope_kind, scope_key) or _end_problem(until, now)
    if not why and not reason.strip():
        why = "Say why: a change of a limit needs a reason."
    if not why and number is None:
        why = f"{value} is not a number a limit can hold: give a plain figure, zero or more, six decimals at most."
    if why or number is None:
        raise Unfit(why)
    if sentence := _value_problem(bound, value, number):
        raise Unfit(sentence)
    return Wanted(bound, scope_kind, scope_key, number, until)


def text(value: Decimal) -> str:
    """A value as it stands in requests and sentences, without trailing zeros."""
    return f"{value.normalize():f}"


def _value_problem(bound: policy.Bound, value: Decimal | str, number: Decimal) -> str:
    title = wording.title(bound.name)
    if bound.unit in _WHOLE and number != number.to_integral_value():
        return f"The {title} counts in whole {bound.unit}; {value} is not whole."
    if bound.unit == policy.FLAG and number > 1:
        return f"The {title} is yes (1) or no (0), not {value}."
    if not policy.within_ceiling(bound, number):
        return f"{value} is beyond the ceiling {text(bound.ceiling)} of the {title}, which no one can raise here."
    return ""


def _scope_problem(bound: policy.Bound, kind: str, key: str) -> str:
    if kind not in ScopeKind.values:
        return f"{kind!r} is no scope; choose firm, account, strategy or symbol."
    if bound.per_symbol_only and kind != ScopeKind.SYMBOL:
        return f"{bound.name} is set for a symbol, not for {label(kind, key)}."
    if kind == ScopeKind.FIRM:
        return "A limit of the firm has no key." if key else ""
    return "" if _KEY.fullmatch(key) else f"Name the {kind} the limit is for; {key!r} is no name."


def _end_problem(until: datetime | None, now: datetime) -> str:
    if until is None:
        return ""
    if until <= now:
        return f"It should end at {wording.moment(until)}, which is past; name a time to come."
    if until - now > LONGEST_RAISE:
        hours = LONGEST_RAISE // timedelta(hours=1)
        return f"A temporary value stands for {hours} hours at most; {wording.moment(until)} is too far off."
    return ""


def _number(value: Decimal | str) -> Decimal | None:
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return None
    if not number.is_finite() or number < 0 or number >= Decimal(10) ** 14:
        return None
    return number if number == round(number, 6) else None
