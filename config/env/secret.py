"""A secret text that does not leave by accident."""

import hashlib
import hmac
from typing import NoReturn, Self
from urllib.parse import urlsplit

MASK = "****"


def _password(value: str) -> str:
    try:
        return (urlsplit(value).password or "") if "://" in value else ""
    except ValueError:
        return ""


class Secret:
    """Hold a credential; printing, logging, formatting or pickling it never shows the value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself. Call it only where the value goes on the wire."""
        return self._value

    def fingerprint(self, name: str) -> str:
        """16 hexadecimal digits by which the same secret under the same name is known again; slow on purpose.

        Of an address its password counts alone: another host is not another secret.
        """
        kept = _password(self._value) or self._value
        return hashlib.scrypt(kept.encode(), salt=f"gatehouse {name}".encode(), n=2**13, r=8, p=1, dklen=8).hex()

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Secret is not pickled: it would leave the process in the clear.")
