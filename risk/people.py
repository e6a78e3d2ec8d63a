"""The one writer of people: who is who behind the accounts, and whose vote counts from when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from audit import trail
from risk import refusals, wording
from risk.models import Person, PersonAccount

SEASONING = timedelta(hours=72)
"""How long a new account or a new approver waits before it may propose or vote."""


class NotEnrolled(refusals.Refused):
    """A person could not be put on the list."""

    event = "person.refused"


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of the desk: a human being's name, the account he or she signs in with, and whether the vote counts."""

    name: str
    user: User
    approves: bool


def found(members: Iterable[Member], *, by: str, now: datetime) -> list[Person]:
    """Enrol the first people of a desk, at once; there is nobody yet whom waiting would protect.

    Raises NotEnrolled when the desk has people already.
    """
    with refusals.attempt():
        if Person.objects.exists():
            raise NotEnrolled("The desk has people already; enrol further ones singly.", by=by, now=now)
        return [_enrol(member, by=by, now=now, from_=now) for member in members]


def enrol(member: Member, *, by: str, now: datetime) -> Person:
    """Enrol one person, or give one a further account; it may propose and vote after SEASONING.

    Raises NotEnrolled when the account already belongs to someone.
    """
    with refusals.attempt():
        if PersonAccount.objects.filter(user=member.user).exists():
            sentence = f"The account {member.user.get_username()} already belongs to a person, for ever."
            raise NotEnrolled(sentence, by=by, now=now, subject=member.name)
        return _enrol(member, by=by, now=now, from_=now + SEASONING)


def deactivate(person: Person, *, by: str, now: datetime) -> None:
    """Take a person off the desk: he or she neither proposes nor votes, and votes not yet executed are void."""
    with refusals.attempt():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        locked.active = False
        locked.save(update_fields=["active"])
        _record("person.deactivated", f"{person.name} was taken off the desk.", person, by=by, now=now)


def stop_approving(person: Person, *, by: str, now: datetime) -> None:
    """Take the vote from a person, at once; it also counts no longer where it was cast and not yet executed."""
    with refusals.attempt():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        locked.approves_from = None
        locked.save(update_fields=["approves_from"])
        _record("person.vote_withdrawn", f"{person.name} approves no longer.", person, by=by, now=now)


def behind(user: User, now: datetime) -> Person | None:
    """Return the active person behind a usable account, or None."""
    account = (
        PersonAccount.objects.select_related("person")
        .filter(user_id=user.pk, user__is_active=True, usable_from__lte=now, person__active=True)
        .first()
    )
    return account.person if account else None


def may_approve(person: Person, now: datetime) -> bool:
    """Does this person's vote count now? Asked of the database, not of the object in hand."""
    return Person.objects.approvers(now).filter(pk=person.pk).exists()


def _enrol(member: Member, *, by: str, now: datetime, from_: datetime) -> Person:
    defaults = {"approves_from": from_ if member.approves else None, "created_at": now}
    person, _ = Person.objects.get_or_create(name=member.name, defaults=defaults)
    PersonAccount.objects.create(person=person, user=member.user, usable_from=from_, created_at=now)
    vote = f"; the vote counts from {wording.moment(from_)}" if member.approves else ""
    sentence = f"{member.name} signs in as {member.user.get_username()}{vote}."
    _record("person.enrolled", sentence, person, by=by, now=now)
    return person


def _record(event: str, sentence: str, person: Person, *, by: str, now: datetime) -> None:
    trail.record(event=event, subject=person.name, sentence=sentence, data={"person": person.pk}, by=by, now=now)
