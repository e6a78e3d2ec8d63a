"""Who is speaking: key pairs and the accounts they open, over REST headers and the two websocket forms."""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key and its secret as a client sends them; the secret never shows in a repr."""

    key_id: str
    secret: str = field(repr=False)


class KeyRing:
    """The key pairs the venue knows and the account number each one opens."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[str, str]] = {}

    def admit(self, pair: KeyPair, account_number: str) -> None:
        """Let a key pair open an account; a key already known gets the new secret and account."""
        self._locks[pair.key_id] = (pair.secret, account_number)

    def account_of(self, pair: KeyPair | None) -> str | None:
        """Return the number of the account a key pair opens, or None where the pair is unknown or wrong."""
        if pair is None:
            return None
        secret, number = self._locks.get(pair.key_id, ("", ""))
        # The comparison runs for unknown keys too, so that the time taken does not tell which keys exist.
        equal = hmac.compare_digest(secret.encode(), pair.secret.encode())
        return number if equal and number else None

    def keys_of(self, account_number: str) -> Iterable[str]:
        """Yield the key ids (never the secrets) that open an account."""
        return (key for key, (_, number) in self._locks.items() if number == account_number)


def from_headers(headers: Mapping[str, str]) -> KeyPair | None:
    """Read a key pair from request headers: Alpaca's own two, or HTTP Basic as the data clients may use.

    Returns None where neither form is present and complete.
    """
    key, secret = headers.get("apca-api-key-id"), headers.get("apca-api-secret-key")
    if key and secret:
        return KeyPair(key, secret)
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    key, _, secret = decoded.partition(":")
    return KeyPair(key, secret) if key and secret else None


def from_message(message: Mapping[str, Any]) -> KeyPair | None:
    """Read a key pair from a websocket message in either documented form.

    One is `{"action": "authenticate", "data": {"key_id", "secret_key"}}`, the newer `{"action": "auth", "key", …}`.
    """
    if message.get("action") == "authenticate" and isinstance(message.get("data"), Mapping):
        data: Mapping[str, Any] = message["data"]
        key, secret = data.get("key_id"), data.get("secret_key")
    elif message.get("action") in {"auth", "authenticate"}:
        key, secret = message.get("key"), message.get("secret")
    else:
        return None
    return KeyPair(key, secret) if isinstance(key, str) and isinstance(secret, str) and key and secret else None
