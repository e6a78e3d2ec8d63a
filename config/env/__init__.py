"""The environment of a process: one table, read and checked as a whole before anything else starts.

`python -m config.env example` prints `.env.example`, `python -m config.env docs` prints `docs/configuration.md`.
"""

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from config.env import accounts, reading, rules
from config.env.accounts import BrokerAccount
from config.env.reading import Problem, Value
from config.env.secret import Secret

ROOT = Path(__file__).resolve().parents[2]
_NOT_RENEWED = frozenset({"ALPACA_API_KEY", "ALPACA_SECRET_KEY", "DJANGO_SECRET_KEY_FALLBACKS"})
"""The account's keys are told of by its number; what was replaced is not renewed again."""
_LINE = re.compile(r"(?:export )?[A-Za-z_0-9]+=.*")


class UnableToStart(ImproperlyConfigured):
    """The environment is not sound; the text lists every problem with its remedy and holds no value of a secret."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"The environment has {len(problems)} problem(s); nothing was started.\n{lines}")


@dataclass(frozen=True, slots=True)
class Environment:
    """The checked values. Reading a name that is not in the table raises KeyError."""

    values: Mapping[str, Value] = field(repr=False)
    accounts: Mapping[str, BrokerAccount]

    def text(self, name: str) -> str:
        """Return a plain text, choice, path or URL ("" when empty)."""
        return _expect(self.values[name], str, name)

    def flag(self, name: str) -> bool:
        """Return a true-or-false variable."""
        return _expect(self.values[name], bool, name)

    def number(self, name: str) -> int:
        """Return a whole number."""
        return _expect(self.values[name], int, name)

    def items(self, name: str) -> tuple[str, ...]:
        """Return a comma-separated list."""
        return _expect(self.values[name], tuple, name)

    def fingerprints(self) -> dict[str, str]:
        """Name of each secret that is set -> a fingerprint of it that cannot be turned back; takes a second."""
        found = {
            name: value.fingerprint(name)
            for name, value in self.values.items()
            if isinstance(value, Secret) and value and name not in _NOT_RENEWED
        }
        for number, account in self.accounts.items():
            name = f"secret of account {number}"
            found[name] = account.secret.fingerprint(name)
        return found

    def secret(self, name: str) -> Secret:
        """Return a secret, masked until revealed; false when empty."""
        return _expect(self.values[name], Secret, name)


def _expect[T](value: Value, kind: type[T], name: str) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{name} is not of type {kind.__name__}.")
    return value


def load(source: Mapping[str, str]) -> Environment:
    """Read and check all variables of `source`.

    Raises UnableToStart with all problems at once.
    """
    state = reading.read(source)
    rules.check(state, source)
    broker_accounts = accounts.read(state)
    if state.problems:
        raise UnableToStart(state.problems)
    return Environment(state.values, broker_accounts)


_chosen: list[Environment] = []


def use(source: Mapping[str, str]) -> None:
    """Take the environment from `source` alone, for tests and checks; call it before settings are read."""
    _chosen[:] = [load(source)]


def current() -> Environment:
    """Return the environment of this process, read once from its variables and the file ENV_FILE (`.env`)."""
    if not _chosen:
        use(process_variables())
    return _chosen[0]


def process_variables() -> dict[str, str]:
    """Return the variables of the process over those of the file named by ENV_FILE; an empty name means no file.

    Raises UnableToStart for a line that says nothing, and for a name that somebody gave and that no file has.
    """
    variables = dict(os.environ)
    name = variables.get("ENV_FILE", ".env")
    path = ROOT / name
    if name and "ENV_FILE" in variables and not path.is_file():
        why = f"names {name}, and there is no such file."
        raise UnableToStart([Problem("ENV_FILE", why, "Correct the name, or leave it out for .env.")])
    if not name or not path.is_file():
        return variables
    lines = path.read_text(encoding="utf-8").splitlines()
    problems = [
        Problem(f"{name}, line {number}", "is not NAME=value.", "No spaces around the sign; begin remarks with #.")
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#") and not _LINE.fullmatch(line)
    ]
    if problems:
        raise UnableToStart(problems)
    reader: type[environ.Env] = type("Reader", (environ.Env,), {"ENVIRON": variables})
    reader.read_env(io.StringIO("\n".join(lines)))
    return variables
