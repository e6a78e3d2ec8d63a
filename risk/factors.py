"""The one writer of second factors that vote: enrolled when a person sets one up, admitted by two people, taken away.

Signing in with a factor is allauth's affair; its table is read here and never written.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from fido2 import cbor
from fido2.utils import websafe_encode

from audit import trail
from risk import refusals, wording
from risk.models import ChangeRequest, Factor, Person, PersonAccount
from risk.models.person import SEASONING

_VOTING = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class FactorRefused(refusals.Refused):
    """A second factor is not admitted; nothing was changed."""

    event = "factor.refused"


def bring_in_line(user: User, *, by: str, now: datetime) -> list[Factor]:
    """Enrol what this account set up for signing in since, take away what it removed; returns what is new.

    A new factor votes after SEASONING, once two people admitted it. The first one of somebody the desk began with
    votes at once. An account that belongs to nobody has none.
    Raises FactorRefused for a security key that belongs to another account.
    """
    with refusals.attempt():
        account = PersonAccount.objects.filter(user=user).first()
        if account is None:
            return []
        # Two pages of one person at once would enrol the same factor twice.
        Person.objects.select_for_update().get(pk=account.person_id)
        present = {row.pk: row for row in Authenticator.objects.filter(user=user, type__in=_VOTING).order_by("pk")}
        known = list(Factor.objects.filter(account=account))
        for factor in known:
            if factor.revoked_at is None and factor.authenticator not in present:
                _revoke(factor, by=by, now=now)
        seen = {factor.authenticator for factor in known}
        return [_enrol(account, row, by=by, now=now) for pk, row in present.items() if pk not in seen]


def admit(factor: Factor, request: ChangeRequest, *, by: str, now: datetime) -> Factor:
    """Let a factor vote, by a request that was just executed. Raises FactorRefused where it was taken away since."""
    with refusals.attempt():
        factor = Factor.objects.select_for_update(of=("self",)).get(pk=factor.pk)
        if factor.revoked_at is not None:
            raise FactorRefused(f"{factor} was taken away already.", by=by, now=now, subject=request.target)
        factor.change = request
        factor.save(update_fields=["change"])
        sentence = f"{factor} of {factor.account.person} votes from {wording.moment(factor.usable_from)}."
        _record("factor.admitted", factor, sentence, by=by, now=now)
        return factor


def usable(user: User, now: datetime) -> list[Factor]:
    """What this account may vote with now: its security keys, or else its authenticator app.

    Whoever has a key that counts votes with the key: the weaker way is not left open beside the stronger.
    """
    present = set(Authenticator.objects.filter(user=user, type__in=_VOTING).values_list("pk", flat=True))
    found = [
        factor
        for factor in Factor.objects.usable(now).filter(account__user=user).order_by("pk")
        if factor.authenticator in present
    ]
    return [factor for factor in found if factor.kind == Factor.Kind.KEY] or found


def why_none(user: User, now: datetime) -> str:
    """Say why this account has no factor to vote with, with the remedy; empty when it has one."""
    if usable(user, now):
        return ""
    waiting = list(Factor.objects.present().filter(account__user=user).order_by("usable_from"))
    if not waiting:
        return "You have no second factor that counts for votes; set one up under Second factors."
    unadmitted = [factor for factor in waiting if not factor.founding and factor.change_id is None]
    if len(unadmitted) == len(waiting):
        return f"Your {waiting[0]} is not admitted to votes yet; ask for it under Second factors."
    soonest = min(factor.usable_from for factor in waiting if factor not in unadmitted)
    return f"Your second factor is new; it votes from {wording.moment(soonest)}."


def standing(user: User, now: datetime) -> list[dict[str, Any]]:
    """Each factor of an account that was not taken away, for its owner: what it is, and what it may do for votes."""
    voting = {factor.pk for factor in usable(user, now)}
    return [
        {
            "factor": factor,
            "votes": factor.pk in voting,
            "asks": not factor.founding and factor.change_id is None,
            "why_not": "" if factor.pk in voting else _why_not(factor, now),
        }
        for factor in of(user)
        if factor.revoked_at is None
    ]


def _why_not(factor: Factor, now: datetime) -> str:
    if not factor.founding and factor.change_id is None:
        return "Signs you in. To vote with it, have another person admit it."
    if now < factor.usable_from:
        return f"New: votes from {wording.moment(factor.usable_from)}."
    return "Signs you in; you vote with your security key, which is stronger."


def described(factor: Factor) -> dict[str, str]:
    """A factor as two people compare it: what it is, its name, and the beginning of its credential's id."""
    return {
        "kind": factor.get_kind_display(),
        "name": factor.name or "none",
        "fingerprint": factor.credential_id[:16] or "none",
        "enrolled": wording.moment(factor.enrolled_at),
    }


def set_up(user: User) -> list[dict[str, str]]:
    """What an account has set up for signing in, as two people compare it; for accounts that belong to nobody yet."""
    rows = Authenticator.objects.filter(user=user, type__in=_VOTING).order_by("pk")
    return [{"kind": Factor.Kind(row.type).label, "fingerprint": _credential(row)[0][:16] or "none"} for row in rows]


def of(user: User) -> Iterable[Factor]:
    """Everything this account ever enrolled, newest first."""
    return Factor.objects.filter(account__user=user).select_related("change").order_by("-pk")


def _enrol(account: PersonAccount, row: Authenticator, *, by: str, now: datetime) -> Factor:
    credential, key, name = _credential(row)
    if credential and Factor.objects.filter(credential_id=credential).exists():
        sentence = "This security key is or was another account's; use one of your own."
        raise FactorRefused(sentence, by=by, now=now, subject=account.person.name)
    founder = account.usable_from == account.created_at and now < account.created_at + SEASONING
    founding = founder and not Factor.objects.filter(account=account).exists()
    made = Factor.objects.create(
        account=account,
        kind=row.type,
        name=name,
        authenticator=row.pk,
        credential_id=credential,
        public_key=key,
        enrolled_at=now,
        usable_from=now if founding else now + SEASONING,
        founding=founding,
    )
    when = "at once" if founding else f"from {wording.moment(made.usable_from)}, once two people admitted it"
    _record("factor.enrolled", made, f"{account.person} enrolled {made}; it votes {when}.", by=by, now=now)
    return made


def _credential(row: Authenticator) -> tuple[str, str, str]:
    """Credential id and public key (base64url) and name of a security key; nothing of anything else."""
    if row.type != Authenticator.Type.WEBAUTHN:
        return "", "", ""
    data = row.wrap().authenticator_data.credential_data
    key = websafe_encode(cbor.encode(dict(data.public_key)))
    return websafe_encode(data.credential_id), key, row.wrap().name[:100]


def _revoke(factor: Factor, *, by: str, now: datetime) -> None:
    factor.revoked_at = now
    factor.save(update_fields=["revoked_at"])
    sentence = f"{factor} of {factor.account.person} votes no longer, nor do its votes not yet carried out."
    _record("factor.taken_away", factor, sentence, by=by, now=now)


def _record(event: str, factor: Factor, sentence: str, *, by: str, now: datetime) -> None:
    data = {"factor": factor.pk, "kind": factor.kind, "fingerprint": factor.credential_id[:16]}
    trail.record(event=event, subject=factor.account.person.name, sentence=sentence, data=data, by=by, now=now)
