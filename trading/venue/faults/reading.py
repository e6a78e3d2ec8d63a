"""From a fault file, JSON or TOML, to planned faults; whatever is wrong is one sentence that names the entry."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from trading.venue.faults.known import MENU
from trading.venue.faults.menu import BadSetting, Known, meant, number, whole
from trading.venue.faults.plan import Fault, When

_CONDITIONS = {
    "rate": number("0", "1"),
    "count": whole(1, 1_000_000_000),
    "after": whole(0, 1_000_000_000),
    "session": whole(1, 1_000_000),
    "minute": whole(0, 100_000),
    "minutes": whole(1, 100_000),
}
_SELECTORS = ("on", "symbol", "account")
_LARGEST = 1_000_000
_SEED = whole(0, 2**63)


class BadFaults(Exception):
    """The faults cannot be planned; the message is one sentence that names where, what and the remedy."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file asks for."""

    faults: tuple[Fault, ...]
    seed: int | None


def from_file(path: Path) -> Wanted:
    """Read a fault file; one whose name ends in .toml is TOML, any other JSON. Raises `BadFaults`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFaults(f"{path} cannot be read: {error.strerror}; give --faults a file that is there.") from None
    return from_bytes(raw, str(path), toml=path.suffix == ".toml")


def from_bytes(raw: bytes, origin: str, *, toml: bool = False) -> Wanted:
    """Read faults from what a file or a request holds; `origin` is named in every complaint. Raises `BadFaults`."""
    kind = "TOML" if toml else "JSON"
    if len(raw) > _LARGEST:
        raise BadFaults(f"{origin} has more than {_LARGEST} bytes; a plan of faults is smaller.")
    try:
        text = raw.decode()
        parsed = tomllib.loads(text, parse_float=Decimal) if toml else json.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        why = str(error).splitlines()[0] if isinstance(error, json.JSONDecodeError | tomllib.TOMLDecodeError) else kind
        raise BadFaults(f"{origin} is no readable {kind} ({why}); mend it, or see docs/venue-faults.md.") from None
    return _wanted(parsed, origin)


def _wanted(parsed: Any, origin: str) -> Wanted:
    if not isinstance(parsed, dict) or not isinstance(parsed.get("faults"), list):
        raise BadFaults(f'{origin} holds no list of faults; write {{"seed": 7, "faults": [{{"name": …}}]}}.')
    _no_others(parsed, ("seed", "faults"), origin)
    try:
        seed = None if parsed.get("seed") is None else _SEED(parsed["seed"])
    except BadSetting as problem:
        raise BadFaults(f"{origin}: seed {problem}.") from None
    return Wanted(
        tuple(_fault(each, f"{origin}, fault {index}") for index, each in enumerate(parsed["faults"], 1)), seed
    )


def _fault(fields: Any, where: str) -> Fault:
    if not isinstance(fields, dict) or not isinstance(fields.get("name"), str):
        raise BadFaults(f"{where} has no name; give it one of {', '.join(sorted(MENU))}.")
    known = MENU.get(fields["name"])
    if known is None:
        raise BadFaults(f'{where}: "{_short(fields["name"])}" is not a known fault; known are {_listed(MENU)}.')
    where = f"{where} ({known.name})"
    _no_others(fields, ("name", *_CONDITIONS, *_SELECTORS, *known.settings), where)
    conditions: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for name, value in fields.items():
        if name in known.settings or name in _CONDITIONS:
            read = known.settings[name].read if name in known.settings else _CONDITIONS[name]
            try:
                (settings if name in known.settings else conditions)[name] = read(value)
            except BadSetting as problem:
                raise BadFaults(f"{where}: {name} {problem}.") from None
    on = _on(_texts(fields, "on", where), known, where)
    symbols, accounts = _texts(fields, "symbol", where), _texts(fields, "account", where)
    return Fault(known, When(**conditions), on, frozenset(map(str.upper, symbols)), frozenset(accounts), settings)


def _on(words: Iterable[str], known: Known, where: str) -> frozenset[str]:
    chosen: set[str] = set()
    for word in words:
        kinds = meant(word, known.place) & known.on
        if not kinds:
            raise BadFaults(f'{where}: it does not strike on "{_short(word)}"; on may be {_listed(known.on)}.')
        chosen |= kinds
    return frozenset(chosen)


def _texts(fields: Mapping[str, Any], name: str, where: str) -> list[str]:
    """A selector: one word, or a list of them."""
    given = fields.get(name, [])
    listed = given if isinstance(given, list) else [given]
    if not all(isinstance(each, str) and each for each in listed) or (name in fields and not listed):
        raise BadFaults(f"{where}: {name} must be a word or a list of words.")
    return listed


def _no_others(fields: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
    others = [name for name in fields if name not in set(allowed)]
    if others:
        raise BadFaults(f'{where}: "{_short(others[0])}" is not a known key; known are {_listed(allowed)}.')


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _short(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text[:60])
