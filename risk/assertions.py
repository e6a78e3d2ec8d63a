"""What a security key signs when a person votes, and whether a stored signature is genuine. Pure: rows alone suffice.

The challenge is a hash over the request, its content, the decision and a number used once, so that a signature for one
vote is a signature for nothing else (WebAuthn level 2, §7.2).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Self, cast

import rfc8785
from cryptography.exceptions import InvalidSignature
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.rpid import verify_rp_id
from fido2.utils import websafe_decode
from fido2.webauthn import AuthenticatorData

FRESH = timedelta(minutes=5)
"""How old the challenge of a vote may be."""

_PURPOSE = "gatehouse vote 1"


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a vote covers: the request, the hash of its content, the decision, and the account that votes."""

    request: str
    payload_hash: str
    decision: str
    account: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """A whole WebAuthn assertion with what is needed to verify it; binary parts are base64url, `issued_at` ISO 8601."""

    credential_id: str
    public_key: str
    client_data: str
    authenticator_data: str
    signature: str
    nonce: str
    issued_at: str
    origin: str
    rp_id: str

    @classmethod
    def of(cls, stored: Any) -> Self | None:
        """The assertion as it was stored; None for anything else."""
        names = set(cls.__slots__)
        if not isinstance(stored, Mapping) or set(stored) != names:
            return None
        return cls(**stored) if all(isinstance(value, str) for value in stored.values()) else None

    def stored(self) -> dict[str, str]:
        """As it goes into a row."""
        return asdict(self)


def challenge(ballot: Ballot, nonce: str, issued_at: datetime) -> bytes:
    """SHA-256 over the canonical JSON (RFC 8785) of the ballot, the number used once and the instant it was given."""
    signed = {"purpose": _PURPOSE, **asdict(ballot), "nonce": nonce, "issued_at": instant(issued_at)}
    return sha256(rfc8785.dumps(signed)).digest()


def instant(at: datetime) -> str:
    """An instant as it is hashed: ISO 8601 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def why_not_genuine(assertion: Assertion, ballot: Ballot, *, origin: str, rp_id: str) -> str:
    """Say why this assertion is no signature of this ballot by its key, for the site `origin`; empty when it is."""
    try:
        return (
            _foreign(assertion, origin, rp_id)
            or _other_words(assertion, ballot)
            or _absent(assertion)
            or _unsigned(assertion)
        )
    except Exception as unreadable:  # of whatever a stranger's bytes make a parser raise
        return f"it cannot be read ({type(unreadable).__name__})"


def _foreign(assertion: Assertion, origin: str, rp_id: str) -> str:
    if assertion.origin != origin or assertion.rp_id != rp_id or not verify_rp_id(rp_id, origin):
        return f"it was made for {assertion.origin}, not for {origin}"
    return ""


def _other_words(assertion: Assertion, ballot: Ballot) -> str:
    said = json.loads(websafe_decode(assertion.client_data))
    if said["type"] != "webauthn.get" or said.get("crossOrigin", False) is not False:
        return "it is no signature of this site's own page"
    if said["origin"] != assertion.origin:
        return f"the browser made it for {said['origin']}"
    expected = challenge(ballot, assertion.nonce, datetime.fromisoformat(assertion.issued_at))
    if websafe_decode(said["challenge"]) != expected:
        return "it was made for another request, content, decision or account"
    return ""


def _absent(assertion: Assertion) -> str:
    data = AuthenticatorData(websafe_decode(assertion.authenticator_data))
    if data.rp_id_hash != sha256(assertion.rp_id.encode()).digest():
        return "the key made it for another site"
    return "" if data.is_user_present() else "nobody touched the key"


def _unsigned(assertion: Assertion) -> str:
    key = CoseKey.parse(cast(dict[int, Any], cbor.decode(websafe_decode(assertion.public_key))))
    signed = websafe_decode(assertion.authenticator_data) + sha256(websafe_decode(assertion.client_data)).digest()
    try:
        key.verify(signed, websafe_decode(assertion.signature))
    except InvalidSignature:
        return "the signature is not by this key"
    return ""
