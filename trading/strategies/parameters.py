"""Parameters of a rule: frozen values with a range each, their JSON form, and the hash a sign-off pins them by.

In JSON a `Decimal` is text, so that 0.1 stays 0.1; whole numbers are numbers.
"""

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, Self, get_type_hints

import rfc8785


class UnableToUseParameters(ValueError):
    """Parameters a rule cannot run with; one sentence that names the parameter, its value and its range."""


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds (both allowed) of one parameter, of its own type; `unit` says what it counts."""

    low: int | Decimal
    high: int | Decimal
    unit: str

    def refuse(self, name: str, value: object) -> str:
        """The sentence that refuses `value`, or "" where it may be used."""
        whole = isinstance(self.low, int)
        if whole and type(value) is int and self.low <= value <= self.high:
            return ""
        if not whole and isinstance(value, Decimal) and value.is_finite() and self.low <= value <= self.high:
            return ""
        kind = "a whole number" if whole else "a decimal number"
        shown = f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else value
        return f"{name} is {shown}; it must be {kind} from {self.low} to {self.high} ({self.unit})."

    def parse(self, raw: object) -> object:
        """`raw` from JSON as this parameter's type; what cannot be read is handed back, to be refused by its range."""
        if isinstance(self.low, Decimal) and isinstance(raw, str | int) and not isinstance(raw, bool):
            try:
                return Decimal(raw)
            except InvalidOperation:
                return raw
        return raw


class Rules(Protocol):
    """Where a rule that is made of other rules finds them."""

    def parse(self, name: str, raw: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Parameters:
    """Base of every rule's parameters: a field with a `Range` is checked at birth. Raises `UnableToUseParameters`."""

    def __post_init__(self) -> None:
        for name, limits in ranges(type(self)).items():
            sentence = limits.refuse(name, getattr(self, name))
            if sentence:
                raise UnableToUseParameters(sentence)
        self.check()

    def check(self) -> None:
        """Laws between parameters; a rule with some overrides this. Raises `UnableToUseParameters`."""

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], rules: Rules) -> Self:
        """Parameters from their JSON form; what is absent takes its default. Raises `UnableToUseParameters`."""
        limits = ranges(cls)
        refuse_unknown(raw, set(limits))
        return cls(**{name: limits[name].parse(value) for name, value in raw.items()})

    def to_json(self) -> dict[str, Any]:
        """The JSON form; equal parameters give equal text, whatever zeros they were written with."""
        return {name: _plain(getattr(self, name)) for name in ranges(type(self))}


def ranges(kind: type[Parameters]) -> Mapping[str, Range]:
    """The ranged parameters of a type, in their order: for forms, documentation and checks."""
    found: dict[str, Range] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        for extra in getattr(hint, "__metadata__", ()):
            if isinstance(extra, Range):
                found[name] = extra
    return found


def refuse_unknown(raw: Mapping[str, Any], known: set[str]) -> None:
    """Raises `UnableToUseParameters` for the first name that is not known, with the nearest that is."""
    for name in raw:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known)) or 'none'}."
            raise UnableToUseParameters(f"There is no parameter {name!r}; {remedy}")


def parameters_hash(rule: str, parameters: Parameters) -> str:
    """SHA-256 (hex) over the RFC 8785 canonical JSON of the rule's name and parameters."""
    canonical = rfc8785.dumps({"rule": rule, "parameters": parameters.to_json()})
    return hashlib.sha256(canonical).hexdigest()


def as_text(value: Decimal) -> str:
    """A `Decimal` as its one plain text: no exponent, no trailing zeros."""
    return f"{value.normalize():f}"


def _plain(value: int | Decimal) -> int | str:
    return as_text(value) if isinstance(value, Decimal) else value
