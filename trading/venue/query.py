"""Query strings as Alpaca's clients write them: `True` and `true`, comma lists, instants with or without a zone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum

from trading.venue import parsing, values

type Params = Mapping[str, str]


def flag(params: Params, name: str) -> bool:
    """Read a boolean; absent is False. Python clients send `True` with a capital."""
    text = params.get(name, "false").lower()
    if text not in {"true", "false", "1", "0"}:
        raise _invalid(name)
    return text in {"true", "1"}


def whole(params: Params, name: str, default: int, most: int) -> int:
    """Read a count between 1 and `most`."""
    text = params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise values.Refusal(422, parsing.INVALID, f"{name} must be a number between 1 and {most}")
    return int(text)


def listed(params: Params, name: str) -> list[str] | None:
    """Read a comma list; None where the parameter is absent."""
    text = params.get(name)
    return None if text is None else [each.strip() for each in text.split(",") if each.strip()]


def choice(params: Params, name: str, default: str, *allowed: str) -> str:
    """Read one word out of those allowed."""
    text = params.get(name, default)
    if text not in allowed:
        raise _invalid(name)
    return text


def word[W: StrEnum](params: Params, name: str, vocabulary: type[W]) -> W | None:
    """Read one word of a vocabulary, or None where the parameter is absent."""
    text = params.get(name)
    if text is None:
        return None
    try:
        return vocabulary(text)
    except ValueError:
        raise _invalid(name) from None


def instant(params: Params, name: str) -> datetime | None:
    """Read an instant or a date (its UTC midnight); no zone means UTC. None where the parameter is absent."""
    text = params.get(name)
    if text is None:
        return None
    return read_instant(text, name)


def read_instant(text: str, name: str) -> datetime:
    """Read RFC 3339 text with any number of fractional digits."""
    try:
        # An unescaped plus sign of the offset arrives as a space.
        read = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise _invalid(name) from None
    try:
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except OverflowError:
        raise _invalid(name) from None


def day(params: Params, name: str) -> date | None:
    """Read a date; an instant stands for its date as written. None where the parameter is absent."""
    text = params.get(name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text.strip().replace(" ", "+")).date()
    except ValueError:
        raise _invalid(name) from None


def _invalid(name: str) -> values.Refusal:
    return values.Refusal(422, parsing.INVALID, f"invalid {name}")
