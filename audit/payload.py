"""What may stand in an event: plain values that canonical JSON can hold, and no secret. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

_SECRET_WORDS = re.compile(
    r"(?:^|_)(?:password|passwd|secrets?|api_?key|private_key|credentials?|authorization|cookie|session_key)(?:$|_)"
    r"|(?:^|_)(?:access|refresh|auth|bearer|csrf|totp|bot)_?token$|^token$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CREDENTIAL = re.compile(r"(?<=://)[^\s/@]+(?=@)|\b[PAC]K[A-Z0-9]{14,}\b|(?<=Bearer )\S+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_EXACT_IN_JSON = 2**53


class Unrecordable(ValueError):
    """The payload holds a secret, or something that is no plain value; the sentence names the key, never the value."""


def plain(data: Mapping[str, Any] | None) -> dict[str, Any]:
    """`data` as canonical JSON can hold it: decimals and instants as text (UTC), dataclasses as objects.

    Raises Unrecordable for a key that names a secret, a value that hides one, or a value that is not plain.
    """
    return _object(data or {}, "data")


def text(sentence: str) -> str:
    """`sentence` as the database can keep it; broker keys, bearer tokens and credentials inside addresses masked."""
    return _CREDENTIAL.sub("***", _UNSTORABLE.sub("\ufffd", sentence))


def _object(mapping: Mapping[Any, Any], path: str) -> dict[str, Any]:
    result = {}
    for key, value in mapping.items():
        name = text(str(_value(key, path)))
        here = f"{path}.{name}"
        if _names_a_secret(name):
            raise Unrecordable(
                f"{here} looks like a secret and is not recorded; leave it out or record its fingerprint."
            )
        result[name] = _value(value, here)
    return result


def _names_a_secret(key: str) -> bool:
    return bool(_SECRET_WORDS.search(_CAMEL.sub("_", key).lower().replace("-", "_").replace(" ", "_")))


def _value(value: Any, path: str) -> Any:
    if isinstance(value, Mapping):
        return _object(value, path)
    if is_dataclass(value) and not isinstance(value, type):
        return _object({field.name: getattr(value, field.name) for field in fields(value)}, path)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _sequence(value, path)
    return _scalar(value, path)


def _sequence(values: Iterable[Any], path: str) -> list[Any]:
    items = [_value(item, path) for item in values]
    return sorted(items, key=repr) if isinstance(values, (set, frozenset)) else items


def _scalar(value: Any, path: str) -> Any:
    # Exact types only: a subclass of str may be a wrapped secret, and its text must not leave.
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _scalar(value.value, path)
    if type(value) in (str, SafeString):
        return text(str(value))
    if type(value) is int:
        return value if -_EXACT_IN_JSON < value < _EXACT_IN_JSON else str(value)
    return _as_text(value, path)


def _as_text(value: Any, path: str) -> str:
    if isinstance(value, (Decimal, float)):
        return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)
    if isinstance(value, datetime):
        return instant(value, path)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(Decimal(value // timedelta(microseconds=1)) / 1_000_000)
    if isinstance(value, UUID):
        return str(value)
    raise Unrecordable(
        f"{path} is a {type(value).__name__}, which an event cannot hold; record its plain values instead."
    )


def instant(value: datetime, path: str = "now") -> str:
    """An aware instant as ISO 8601 in UTC. Raises Unrecordable when it has no zone."""
    if value.tzinfo is None:
        raise Unrecordable(f"{path} is a time without a zone; pass an aware UTC instant.")
    return value.astimezone(UTC).isoformat()
