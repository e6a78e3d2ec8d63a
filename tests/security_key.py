"""A security key without a browser: it enrols with an account and signs votes as a real one does (ES256)."""

import json
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

if TYPE_CHECKING:
    # Models can not be imported before Django is set up, and conftest files import this one earlier.
    from django.contrib.auth.models import User

    from risk.models import ChangeRequest
    from risk.proofs import Key

PRESENT = AuthenticatorData.FLAG.UP


class SecurityKey:
    """One key; the same name makes the same key again."""

    def __init__(self, name: str, rp_id: str = "localhost") -> None:
        number = int.from_bytes(sha256(name.encode()).digest()) >> 1
        self._private = ec.derive_private_key(number, ec.SECP256R1())
        self._rp_hash = sha256(rp_id.encode()).digest()
        self.credential_id = sha256(b"id " + name.encode()).digest()

    @property
    def id(self) -> str:
        return websafe_encode(self.credential_id)

    def registration(self, challenge: str = "") -> dict[str, Any]:
        """What a browser gives the site that enrols it at a challenge (base64url)."""
        public = ES256.from_cryptography_key(self._private.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        flags = PRESENT | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(self._rp_hash, flags, 0, credential)
        client = json.dumps(
            {"type": "webauthn.create", "challenge": challenge, "origin": "http://localhost:8000"}
        ).encode()
        attested = AttestationObject.create("none", data, {})
        response = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(attested)}
        return {"id": self.id, "rawId": self.id, "type": "public-key", "response": response}

    def answer(
        self, challenge: bytes, *, origin: str = "http://localhost:8000", flags: AuthenticatorData.FLAG = PRESENT
    ) -> dict[str, Any]:
        """A browser's answer to a challenge, as WebAuthn's JSON."""
        said = {"type": "webauthn.get", "challenge": websafe_encode(challenge), "origin": origin, "crossOrigin": False}
        client = json.dumps(said).encode()
        data = AuthenticatorData.create(self._rp_hash, flags, 7)
        signature = self._private.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": bytes(data), "signature": signature}
        response = {name: websafe_encode(part) for name, part in parts.items()}
        return {"id": self.id, "rawId": self.id, "type": "public-key", "response": response}


def give(user: "User", name: str = "") -> SecurityKey:
    """Put a key among the factors the account signs in with."""
    from allauth.mfa.models import Authenticator

    key = SecurityKey(name or user.get_username())
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "key", "credential": key.registration()}
    )
    return key


def sign(user: "User", asked: "ChangeRequest", now: datetime, decision: str = "APPROVE", nonce: str = "") -> "Key":
    """What the account's key says to a vote, at a challenge given at `now`."""
    from risk import assertions, proofs

    nonce = nonce or f"{asked.pk}-{user.pk}-{decision}-{now.timestamp()}"
    challenge = assertions.challenge(proofs.ballot(asked, decision, user.get_username()), nonce, now)
    return proofs.Key(SecurityKey(user.get_username()).answer(challenge), nonce, now)
