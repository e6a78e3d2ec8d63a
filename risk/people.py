"""The one writer of people: who is who behind the accounts, and whose vote counts from when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from audit import trail
from risk import adoption, factors, refusals, wording
from risk.models import ChangeRequest, Person, PersonAccount
from risk.models.person import SEASONING


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
            sentence = "The desk has people already; two people decide who joins (People, Ask to enrol)."
            raise NotEnrolled(sentence, by=by, now=now)
        adoption.begin(by=by, now=now)
        return [_enrol(member, None, by=by, now=now, from_=now).person for member in members]


def enrol(member: Member, request: ChangeRequest, *, by: str, now: datetime) -> PersonAccount:
    """Enrol one person, or give one a further account, by a request that was just executed.

    The account may propose and vote after SEASONING. The database refuses a request that is for something else.
    """
    with refusals.attempt():
        return _enrol(member, request, by=by, now=now, from_=now + SEASONING)


def reinstate(person: Person, request: ChangeRequest, *, approves: bool, by: str, now: datetime) -> Person:
    """Put a person back on the desk by a request that was just executed; a given vote counts after SEASONING."""
    with refusals.attempt():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        locked.active, locked.change = True, request
        locked.approves_from = (locked.approves_from or now + SEASONING) if approves else None
        locked.save(update_fields=["active", "approves_from", "change"])
        vote = f"; the vote counts from {wording.moment(locked.approves_from)}" if locked.approves_from else ""
        _record("person.reinstated", f"{person.name} is on the desk{vote}.", person, by=by, now=now)
        return locked


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


def _enrol(member: Member, request: ChangeRequest | None, *, by: str, now: datetime, from_: datetime) -> PersonAccount:
    defaults = {"approves_from": from_ if member.approves else None, "created_at": now, "change": request}
    person, _ = Person.objects.get_or_create(name=member.name, defaults=defaults)
    account = PersonAccount.objects.create(
        person=person, user=member.user, usable_from=from_, created_at=now, change=request
    )
    vote = f"; the vote counts from {wording.moment(from_)}" if member.approves else ""
    sentence = f"{member.name} signs in as {member.user.get_username()}{vote}."
    _record("person.enrolled", sentence, person, by=by, now=now)
    factors.bring_in_line(member.user, by=by, now=now)
    return account
    return person


def _record(event: str, sentence: str, person: Person, *, by: str, now: datetime) -> None:
    trail.record(event=event, subject=person.name, sentence=sentence, data={"person": person.pk}, by=by, now=now)
