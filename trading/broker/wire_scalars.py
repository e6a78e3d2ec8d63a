"""The smallest parts of the broker's wire: decoding JSON exactly, and reading a word, number or instant without trust.

Nothing here raises for odd content: what cannot be read is None (or empty), and the caller decides what that means.
"""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

# Beyond these powers of ten a "number" is damage, and arithmetic on it would take for ever.
LARGEST_EXPONENT, SMALLEST_EXPONENT = 15, -15
LONGEST_NUMBER = 64

_UNSTORABLE_ESCAPE = re.compile(r"\\u(0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class WireError(Exception):
    """A message that cannot be read as what it should be; the text says what was expected and what came."""


def decode(payload: str | bytes) -> Any:
    """Decode JSON so that nothing is lost: a number with a fraction stays the text that was sent, never a float.

    Characters no database stores (NUL, lone surrogates) become U+FFFD. Raises `WireError` where it is no JSON.
    """
    try:
        text = payload if isinstance(payload, str) else payload.decode("utf-8", "replace")
        value = json.loads(text, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as problem:
        raise WireError(f"no JSON: {problem}") from None
    return storable(value) if _UNSTORABLE_ESCAPE.search(text) else value


def storable(value: Any) -> Any:
    """Return the value with every character that no database stores replaced by U+FFFD."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    return value


def member(value: Any, name: str) -> dict[str, Any]:
    """Return the value as an object; raises `WireError` naming what should have come."""
    if isinstance(value, dict):
        return value
    raise WireError(f"{name}: an object was expected, {type(value).__name__} came: {str(value)[:80]!r}")


def members(value: Any, name: str) -> list[Any]:
    """Return the value as a list, null as an empty one; raises `WireError` for anything else."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise WireError(f"{name}: a list was expected, {type(value).__name__} came: {str(value)[:80]!r}")


def text(value: Any) -> str:
    """Return a word as sent; empty for null and for anything that is no word."""
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else ""


def number(value: Any) -> Decimal | None:
    """Return the exact number; None for null, NaN, infinity, absurd magnitude and whatever is no number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    written = str(value).strip() if not isinstance(value, int) or abs(value) < 10**LONGEST_NUMBER else ""
    if not written or len(written) > LONGEST_NUMBER or "_" in written:
        return None
    try:
        parsed = Decimal(written)
    except InvalidOperation:
        return None
    if not parsed.is_finite():
        return None
    if parsed.is_zero():
        return Decimal(0)
    return parsed if SMALLEST_EXPONENT <= parsed.adjusted() <= LARGEST_EXPONENT else None


def price(value: Any) -> Decimal | None:
    """Return a number above zero, else None."""
    parsed = number(value)
    return parsed if parsed is not None and parsed > 0 else None


def required(source: dict[str, Any], name: str) -> Decimal:
    """Return the number under `name`; raises `WireError` where there is none that can be read."""
    parsed = number(source.get(name))
    if parsed is None:
        raise WireError(f"{name}: a finite number was expected, {source.get(name)!r} came")
    return parsed


def instant(value: Any) -> datetime | None:
    """Return an RFC 3339 instant in UTC, cut to microseconds; None for null, for no zone and for what is no instant."""
    if isinstance(value, datetime):
        parsed = value
    elif isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            return None
    else:
        return None
    if parsed.tzinfo is None:
        return None
    try:
        return parsed.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def required_instant(source: dict[str, Any], name: str) -> datetime:
    """Return the instant under `name`; raises `WireError` where there is none that can be read."""
    parsed = instant(source.get(name))
    if parsed is None:
        raise WireError(f"{name}: an instant with its zone was expected, {source.get(name)!r} came")
    return parsed
