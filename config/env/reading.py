"""Turn the text of each variable into its value and note every problem on the way; no rule about two variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import environ

from config.env.secret import Secret
from config.env.variables import TABLE, Kind, Variable

TRUE = ("true", "1", "yes", "on")
FALSE = ("false", "0", "no", "off")

type Value = str | bool | int | tuple[str, ...] | Secret


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the environment: whose it is, why, and what helps. Never holds a value."""

    name: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason} {self.remedy}"


@dataclass(slots=True)
class Reading:
    """What was read so far: values of the sound variables, problems of the others."""

    values: dict[str, Value] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, reason: str, remedy: str) -> None:
        """Note a problem and go on."""
        self.problems.append(Problem(name, reason, remedy))

    def text(self, name: str) -> str:
        """Return the text of a variable, a secret's included; "" when it is absent or was refused."""
        value = self.values.get(name, "")
        return value.reveal() if isinstance(value, Secret) else str(value)

    def items(self, name: str) -> tuple[str, ...]:
        """Return a comma-separated list; empty when it was refused."""
        value = self.values.get(name, ())
        return value if isinstance(value, tuple) else ()

    def flag(self, name: str) -> bool:
        """Return a true-or-false variable; False when it was refused."""
        return self.values.get(name) is True


def read(source: Mapping[str, str]) -> Reading:
    """Read every variable of the table from `source`."""
    reading = Reading()
    for variable in TABLE.values():
        text = _raw(variable, source, reading)
        if text is None:
            continue
        if text:
            reading.given.add(variable.name)
        reading.values[variable.name] = _understand(variable, text or variable.default, reading)
    return reading


def _raw(variable: Variable, source: Mapping[str, str], reading: Reading) -> str | None:
    """Return the given text ("" when absent), or None when it could not be had, which is then a problem."""
    name, file_name = variable.name, f"{variable.name}_FILE"
    text = source.get(name, "").strip()
    path = source.get(file_name, "").strip() if variable.secret else ""
    if not path:
        return text
    if text:
        reading.refuse(name, f"is given twice, directly and by {file_name}.", "Keep one of the two.")
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "not a text"
        reading.refuse(file_name, f"names a file that cannot be read ({cause}).", "Correct the path or its rights.")
        return None


def _understand(variable: Variable, text: str, reading: Reading) -> Value:
    if variable.secret:
        return Secret(text)
    match variable.kind:
        case Kind.FLAG:
            return _flag(variable, text, reading)
        case Kind.NUMBER:
            return _number(variable, text, reading)
        case Kind.LIST:
            return tuple(item.strip() for item in environ.Env.parse_value(text, list) if item.strip())
        case Kind.CHOICE:
            return _choice(variable, text, reading)
        case Kind.URL:
            return _url(variable, text, reading)
        case _:
            return text


def _flag(variable: Variable, text: str, reading: Reading) -> bool:
    # django-environ takes every unknown word for False; here a typing error is a problem instead.
    if text.lower() not in TRUE + FALSE:
        reading.refuse(variable.name, f"is '{text}', neither true nor false.", "Write true or false.")
        return False
    return text.lower() in TRUE


def _number(variable: Variable, text: str, reading: Reading) -> int:
    try:
        number = int(text)
    except ValueError:
        reading.refuse(variable.name, f"is '{text}', not a whole number.", "Write digits only.")
        return int(variable.default)
    low, high = variable.minimum, variable.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        reading.refuse(variable.name, f"is {number}, out of range.", f"Choose from {low} to {high}.")
    return number


def _choice(variable: Variable, text: str, reading: Reading) -> str:
    if text not in variable.choices:
        reading.refuse(variable.name, f"is '{text}'.", f"Choose one of: {', '.join(variable.choices)}.")
    return text


def _url(variable: Variable, text: str, reading: Reading) -> str:
    if not text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in variable.schemes or not parts.hostname:
        schemes = " or ".join(f"{scheme}://" for scheme in variable.schemes)
        reading.refuse(variable.name, "is not a complete URL.", f"Begin it with {schemes} and a host.")
    elif parts.username or parts.password:
        reading.refuse(variable.name, "holds a user or password.", "Keep credentials in their own variables.")
    return text.rstrip("/")
