"""What the broker's headers say of its limit: `X-RateLimit-*`, `Retry-After`, and `Date`, by which the rest is read."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from trading import error_rules
from trading.broker.bucket import Told

SHORTEST, LONGEST = 1.0, error_rules.LONGEST_STOP
"""Seconds a stop sign holds at least and at most, whatever a header says."""


def read(headers: Mapping[str, str], unix_time: float) -> Told | None:
    """Return what an answer says of the limit; None where it says nothing that can be used."""
    limit = _whole(headers.get("X-RateLimit-Limit"))
    if not limit:
        return None
    return Told(limit, _whole(headers.get("X-RateLimit-Remaining")), _turns_in(headers, unix_time))


def pause(headers: Mapping[str, str], unix_time: float) -> float:
    """Return the seconds to hold after a 429: as `Retry-After` says, else until the window turns, else `BACK_OFF`."""
    said = _retry_after(headers, unix_time)
    if said is None:
        said = _turns_in(headers, unix_time)
    return error_rules.BACK_OFF if said is None else min(max(said, SHORTEST), LONGEST)


def _turns_in(headers: Mapping[str, str], unix_time: float) -> float | None:
    reset = _whole(headers.get("X-RateLimit-Reset"))
    return None if reset is None else reset - _their_time(headers, unix_time)


def _retry_after(headers: Mapping[str, str], unix_time: float) -> float | None:
    said = headers.get("Retry-After")
    seconds = _whole(said)
    if seconds is not None:
        return seconds
    until = _date(said)
    return None if until is None else until - _their_time(headers, unix_time)


def _their_time(headers: Mapping[str, str], unix_time: float) -> float:
    # The broker's instants are read by the broker's clock: ours may be seconds off.
    told = _date(headers.get("Date"))
    return unix_time if told is None else told


def _date(value: str | None) -> float | None:
    if not value:
        return None
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 16 else None
