"""What a person presents with a vote – a security key's assertion or a code – checked, kept, and checked again.

A key signs the vote itself and anybody can verify that later. A code proves presence and no more; the program seals
such a vote with its own secret, so that a row nobody cast is told from one that was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, validate_totp_code
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.crypto import constant_time_compare, salted_hmac

from audit.models import AuditEvent
from risk import assertions, factors
from risk.assertions import Assertion, Ballot
from risk.models import ChangeRequest, Factor, Vote

TRIES, TRIES_LAST = 5, timedelta(minutes=15)
"""How many wrong codes in how long, before further ones are not looked at."""

WRONG = "signoff.code_wrong"
_SALT = "gatehouse vote by code 1"


class NotProved(Exception):
    """What was presented does not prove who votes; the text is the sentence for that person."""

    def __init__(self, sentence: str, event: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.event = sentence, event


@dataclass(frozen=True, slots=True)
class Key:
    """A browser's answer to the challenge of `nonce`, given at `issued_at`, as WebAuthn's JSON."""

    response: Mapping[str, Any]
    nonce: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """Six digits of an authenticator app."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is kept with the vote; `presented` counts once, for ever."""

    factor: Factor
    at: datetime
    signature: dict[str, Any]
    presented: str


def site() -> tuple[str, str]:
    """The origin votes are cast at and the relying party's id: of this installation's own address."""
    address = urlsplit(settings.SITE_URL)
    return f"{address.scheme}://{address.netloc}", address.hostname or ""


def ballot(asked: ChangeRequest, decision: str, account: str) -> Ballot:
    """What a vote of this account on this request covers."""
    return Ballot(str(asked.pk), asked.payload_hash, decision, account)


def check(given: Key | Code | None, covered: Ballot, by: User, now: datetime) -> Proof:
    """Return what to keep. Raises NotProved where nothing, something stale, used, foreign or wrong was presented."""
    able = factors.usable(by, now)
    if not able:
        raise NotProved(factors.why_none(by, now))
    has_key = able[0].kind == Factor.Kind.KEY
    if given is None:
        raise NotProved(f"Confirm your vote with your {able[0].get_kind_display()}.")
    if isinstance(given, Key):
        return _signed(given, covered, able, now)
    if has_key:
        raise NotProved("You have a security key that counts; vote with it, not with a code.")
    return _coded(given, covered, able[0], by, now)


def why_not_genuine(vote: Vote) -> str:
    """Say why a stored vote does not hold, from its rows alone; empty when it does."""
    factor = vote.factor
    if factor is None:
        return "it bears no second factor"
    if factor.account.person_id != vote.decided_by_id or factor.account.user.get_username() != vote.decided_account:
        return "its second factor is another person's"
    covered = Ballot(str(vote.request_id), vote.payload_hash, vote.decision, vote.decided_account)
    if vote.auth_method == Factor.Kind.APP:
        sealed = (vote.signature or {}).get("seal", "")
        known = [_seal(covered, vote.presented or "", key) for key in (settings.SECRET_KEY, *_older_keys())]
        return "" if any(constant_time_compare(sealed, each) for each in known) else "this program did not seal it"
    return _why_not_signed(vote, factor, covered)


def _why_not_signed(vote: Vote, factor: Factor, covered: Ballot) -> str:
    stored = Assertion.of(vote.signature)
    if stored is None or vote.auth_at is None:
        return "it bears no whole assertion"
    if (stored.credential_id, stored.public_key) != (factor.credential_id, factor.public_key):
        return "its key is not the one that was enrolled"
    if stored.issued_at != assertions.instant(vote.auth_at) or vote.presented != _nonce(stored.nonce):
        return "its challenge is not the one that was kept"
    # For the address it was cast at: the site may have moved, and a key signs for the site it was enrolled at alone.
    return assertions.why_not_genuine(stored, covered, origin=stored.origin, rp_id=stored.rp_id)


def _signed(given: Key, covered: Ballot, able: list[Factor], now: datetime) -> Proof:
    answer = given.response.get("response")
    factor = next((each for each in able if each.credential_id == given.response.get("id")), None)
    if not isinstance(answer, Mapping) or factor is None or factor.kind != Factor.Kind.KEY:
        raise NotProved("That key is none of yours that counts for votes.")
    if not timedelta(0) <= now - given.issued_at <= assertions.FRESH:
        raise NotProved("Your confirmation is older than five minutes; confirm again.")
    origin, rp_id = site()
    presented = Assertion(
        credential_id=factor.credential_id,
        public_key=factor.public_key,
        client_data=str(answer.get("clientDataJSON", "")),
        authenticator_data=str(answer.get("authenticatorData", "")),
        signature=str(answer.get("signature", "")),
        nonce=given.nonce,
        issued_at=assertions.instant(given.issued_at),
        origin=origin,
        rp_id=rp_id,
    )
    why = assertions.why_not_genuine(presented, covered, origin=origin, rp_id=rp_id)
    if why:
        raise NotProved(f"Your key's confirmation does not hold: {why}.")
    _unused(_nonce(given.nonce), "That confirmation was used already; confirm again.")
    return Proof(factor, given.issued_at, presented.stored(), _nonce(given.nonce))


def _coded(given: Code, covered: Ballot, factor: Factor, by: User, now: datetime) -> Proof:
    wrong = AuditEvent.objects.filter(event=WRONG, actor=by.get_username(), at__gt=now - TRIES_LAST)
    if wrong.count() >= TRIES:
        raise NotProved("Too many wrong codes; wait a quarter of an hour, or have another approver decide.")
    row = Authenticator.objects.get(pk=factor.authenticator)
    digits = "".join(given.digits.split())
    if not validate_totp_code(decrypt(row.data["secret"]), digits):
        raise NotProved("That code is wrong or over; type the one your app shows now.", WRONG)
    if not TOTP(row).validate_code(digits):
        raise NotProved("That code was used already; wait for the next one, half a minute at most.")
    presented = f"totp:{factor.pk}:{int(now.timestamp()) // 30}"
    _unused(presented, "One code counts for one vote; wait for the next one, half a minute at most.")
    return Proof(factor, now, {"seal": _seal(covered, presented, settings.SECRET_KEY)}, presented)


def _unused(presented: str, sentence: str) -> None:
    if Vote.objects.filter(presented=presented).exists():
        raise NotProved(sentence)


def _nonce(nonce: str) -> str:
    return f"webauthn:{nonce}"


def _seal(covered: Ballot, presented: str, secret: str) -> str:
    said = "\n".join((covered.request, covered.payload_hash, covered.decision, covered.account, presented))
    return salted_hmac(_SALT, said, secret=secret, algorithm="sha256").hexdigest()


def _older_keys() -> list[str]:
    return list(settings.SECRET_KEY_FALLBACKS)
