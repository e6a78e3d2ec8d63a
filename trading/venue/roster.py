"""Who trades at the venue: accounts and their keys as the command line or a file gives them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from trading.venue import words
from trading.venue.auth import KeyPair

FORM = "KEY:SECRET[:CASH[:NUMBER[:KIND]]]"
STARTING_CASH = Decimal(100_000)
_MOST_CASH = Decimal(10) ** 12
_WORD = re.compile(r"[A-Za-z0-9_.+/=-]{1,64}")


class BadAccount(ValueError):
    """An account cannot be read; the message names it by key, never by secret, and says what is wanted."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An account to open: its keys, number, kind (paper or live) and starting cash in USD."""

    keys: KeyPair
    number: str
    kind: words.AccountKind
    cash: Decimal


def from_argument(text: str) -> Opening:
    """Read `KEY:SECRET[:CASH[:NUMBER[:KIND]]]`.

    Raises BadAccount.
    """
    parts = text.split(":")
    if not 2 <= len(parts) <= 5 or not all(parts[:2]):
        raise BadAccount(f"An account is given as {FORM}; one given has {len(parts)} part(s).")
    return _opening(dict(zip(("key", "secret", "cash", "number", "kind"), parts, strict=False)))


def from_file(path: Path) -> list[Opening]:
    """Read a JSON list of objects with `key`, `secret` and, if wanted, `cash`, `number` and `kind`.

    Raises BadAccount for a file that is missing, unreadable or of another shape.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadAccount(f"The accounts file {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise BadAccount(f"The accounts file {path} is not JSON.") from None
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        example = '[{"key": "…", "secret": "…", "cash": "100000"}]'
        raise BadAccount(f"The accounts file {path} must hold a list such as {example}.")
    return [_opening(each) for each in entries]


def checked(openings: Iterable[Opening]) -> list[Opening]:
    """Return the accounts, refusing two with one key or one number.

    Raises BadAccount for a repeated key or number, or where there is no account at all.
    """
    found = list(openings)
    if not found:
        raise BadAccount(f"The venue needs at least one account: give --account {FORM}, or --accounts-file.")
    for what, given in (("key", [each.keys.key_id for each in found]), ("number", [each.number for each in found])):
        twice = next((each for each in given if given.count(each) > 1), None)
        if twice is not None:
            raise BadAccount(f"Two accounts have the {what} {twice}; each needs its own.")
    return found


def _opening(entry: Mapping[str, Any]) -> Opening:
    key, secret = str(entry.get("key") or ""), str(entry.get("secret") or "")
    if not _WORD.fullmatch(key) or not secret:
        raise BadAccount(f"An account needs a key and a secret: {FORM} (letters and digits, at most 64).")
    kind = str(entry.get("kind") or ("live" if key.startswith("AK") else "paper"))
    if kind not in list(words.AccountKind):
        raise BadAccount(f"Account {key} is of kind {kind}; it can be paper or live.")
    # Alpaca's paper account numbers start with PA; the keys tell the rest apart.
    number = str(entry.get("number") or f"{'PA' if kind == 'paper' else ''}{key[-9:].upper()}")
    if not _WORD.fullmatch(number):
        raise BadAccount(f"Account {key} has the number {number}; letters and digits are wanted, at most 64.")
    return Opening(KeyPair(key, secret), number, words.AccountKind(kind), _cash(key, entry.get("cash")))


def _cash(key: str, given: Any) -> Decimal:
    if given is None or given == "":
        return STARTING_CASH
    try:
        cash = Decimal(str(given))
    except InvalidOperation:
        cash = Decimal("NaN")
    if not cash.is_finite() or not 0 <= cash <= _MOST_CASH or cash != cash.quantize(Decimal("0.01")):
        raise BadAccount(f"Account {key} starts with cash {given}; give USD such as 100000 or 2500.50.")
    return cash
