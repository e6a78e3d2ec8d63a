"""The second factor that is asked for with a vote: the challenge for a security key, and what a person presented."""

import json
import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from fido2.utils import websafe_encode

from risk import assertions, factors, proofs
from risk.models import ChangeRequest, Factor

_SALT = "gatehouse vote challenge 1"


def challenge(asked: ChangeRequest, user: User, decision: str, now: datetime) -> dict[str, Any]:
    """What the browser hands to the key (WebAuthn's JSON), and a token by which this site knows its own challenge."""
    nonce = secrets.token_urlsafe(32)
    covered = proofs.ballot(asked, decision, user.get_username())
    _, rp_id = proofs.site()
    token = {"request": str(asked.pk), "user": user.pk, "nonce": nonce, "at": now.isoformat()}
    return {
        "token": signing.dumps(token, salt=_SALT),
        "publicKey": {
            "challenge": websafe_encode(assertions.challenge(covered, nonce, now)),
            "rpId": rp_id,
            "allowCredentials": [{"type": "public-key", "id": each.credential_id} for each in keys(user, now)],
            "userVerification": "preferred",
            "timeout": 120_000,
        },
    }


def keys(user: User, now: datetime) -> list[Factor]:
    """The security keys this person may vote with now."""
    return [each for each in factors.usable(user, now) if each.kind == Factor.Kind.KEY]


def presented(read: dict[str, Any], asked: ChangeRequest, user: User) -> proofs.Key | proofs.Code | None:
    """What was presented with a vote; None where it is nothing, or answers no challenge this person was given."""
    if read.get("credential"):
        return _key(read, asked, user)
    return proofs.Code(read["code"]) if read.get("code") else None


def way(user: User, now: datetime) -> dict[str, Any]:
    """For the page: by what this person confirms a vote, or why by nothing."""
    why = factors.why_none(user, now)
    by_key = not why and bool(keys(user, now))
    return {"key": by_key, "code": not why and not by_key, "why_none": why}


def _key(read: dict[str, Any], asked: ChangeRequest, user: User) -> proofs.Key | None:
    try:
        token = signing.loads(read.get("token") or "", salt=_SALT)
        response = json.loads(read["credential"])
    except (signing.BadSignature, ValueError):
        return None
    if (token["request"], token["user"]) != (str(asked.pk), user.pk) or not isinstance(response, dict):
        return None
    return proofs.Key(response, token["nonce"], datetime.fromisoformat(token["at"]))
