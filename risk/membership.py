"""Who belongs to the desk, who votes and with what: taken away by one person at once, given by two and after a wait."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db.models import Q

from risk import factors, people, refusals, signoff, tightening, wording
from risk.models import ChangeRequest, Factor, Person, PersonAccount, Vote
from risk.people import Member
from risk.signoff_terms import Place

ENROL, CHANGE, ADMIT = "person.enrol", "person.change", "factor.admit"


class Refused(refusals.Refused):
    """A change of who belongs to the desk was refused; nothing was changed."""

    event = "person.refused"


def propose_enrolment(member: Member, *, reason: str, by: User, now: datetime, place: Place) -> ChangeRequest:
    """Ask another person to let somebody join, or to give a member a further account.

    The request names the second factors the account has, and admits those. Raises Refused for an account that belongs
    to somebody, signoff.NotAllowed where the request cannot be made.
    """
    with refusals.attempt():
        name = member.name.strip()
        if not name or PersonAccount.objects.filter(user=member.user).exists():
            why = "already belongs to a person, for ever." if name else "needs the name of the person behind it."
            sentence = f"The account {member.user.get_username()} {why}"
            raise Refused(sentence, by=by.get_username(), now=now, subject=name)
        known = Person.objects.filter(name=name).first()
        payload = {
            "name": name,
            "account": member.user.get_username(),
            "member": "a member already" if known else "new to the desk",
            "approves": member.approves if known is None else known.approves_from is not None,
            "factors": factors.set_up(member.user),
            "evidence": [
                _line("account since", wording.moment(member.user.date_joined)),
                _line("role that votes", _role(member.user)),
                _approvers(now),
            ],
        }
        return signoff.request(
            kind=ENROL,
            target=f"user:{member.user.pk}",
            base_version=_standing(member.user.pk),
            payload=payload,
            reason=reason,
            by=by,
            now=now,
            place=place,
        )


def enrol(request: ChangeRequest, *, by: str, now: datetime, place: Place) -> PersonAccount:
    """Carry out an approved enrolment, once. Raises Refused where the account's second factors changed meanwhile."""
    with refusals.attempt():
        asked = _consumed(request, ENROL, lambda asked: _standing(_number(asked)), by, now, place)
        user, wanted = User.objects.get(pk=_number(asked)), asked.payload
        if factors.set_up(user) != wanted["factors"]:
            sentence = f"The second factors of {user.get_username()} have changed since the request; ask again."
            raise Refused(sentence, by=by, now=now, subject=wanted["name"])
        member = Member(wanted["name"], user, wanted["approves"])
        account = people.enrol(member, asked, by=by, now=now)
        for factor in Factor.objects.present().filter(account=account):
            factors.admit(factor, asked, by=by, now=now)
        return account


def propose_change(
    person: Person, *, active: bool, approves: bool, reason: str, by: User, now: datetime, place: Place
) -> Person | ChangeRequest:
    """Take somebody off the desk or the vote from him or her at once, or ask another person to give it back.

    Raises Refused without a reason or where nothing would change, signoff.NotAllowed as that does.
    """
    with refusals.attempt():
        person = Person.objects.select_for_update().get(pk=person.pk)
        old = _state(person)
        new = {"active": active, "approves": approves and (active or old["approves"])}
        if old == new or not reason.strip():
            sentence = "Nothing would change." if old == new else "Say why."
            raise Refused(sentence, by=by.get_username(), now=now, subject=person.name)
        if tightening.is_tightening(tightening.PERSON, old, new):
            return _tighten(person, active, approves, by.get_username(), now)
        return signoff.request(
            kind=CHANGE,
            target=f"person:{person.pk}",
            base_version=_said(person),
            payload={"name": person.name, "old": old, "new": new, "evidence": _record_of(person, now)},
            reason=reason,
            by=by,
            now=now,
            place=place,
        )


def change(request: ChangeRequest, *, by: str, now: datetime, place: Place) -> Person:
    """Carry out an approved change of a person, once. Raises signoff.NotAllowed unless it may be used here and now."""
    with refusals.attempt():

        def current(asked: ChangeRequest) -> str:
            return _said(Person.objects.select_for_update().get(pk=_number(asked)))

        asked = _consumed(request, CHANGE, current, by, now, place)
        wanted = asked.payload["new"]
        person = Person.objects.get(pk=_number(asked))
        return people.reinstate(person, asked, approves=wanted["approves"], by=by, now=now)


def propose_factor(factor: Factor, *, reason: str, by: User, now: datetime, place: Place) -> ChangeRequest:
    """Ask another person to admit one's own new second factor to votes.

    Raises Refused for somebody else's, and for one that is admitted or gone.
    """
    with refusals.attempt():
        free = factor.founding or factor.change_id is not None or factor.revoked_at is not None
        if factor.account.user_id != by.pk or free:
            sentence = "It needs no admission." if free else "Each person asks for his or her own second factor."
            raise Refused(sentence, by=by.get_username(), now=now, subject=factor.account.person.name)
        return signoff.request(
            kind=ADMIT,
            target=f"factor:{factor.pk}",
            base_version=_factor(factor),
            payload={
                "name": factor.account.person.name,
                "account": by.get_username(),
                "factor": factors.described(factor),
                "old": "signs in",
                "new": "signs in and votes",
                "evidence": [_line("other factors", _others(factor)), _approvers(now)],
            },
            reason=reason,
            by=by,
            now=now,
            place=place,
        )


def admit(request: ChangeRequest, *, by: str, now: datetime, place: Place) -> Factor:
    """Carry out an approved admission, once. Raises signoff.NotAllowed unless it may be used here and now."""
    with refusals.attempt():

        def current(asked: ChangeRequest) -> str:
            return _factor(Factor.objects.select_for_update(of=("self",)).get(pk=_number(asked)))

        asked = _consumed(request, ADMIT, current, by, now, place)
        return factors.admit(Factor.objects.get(pk=_number(asked)), asked, by=by, now=now)


def _consumed(request: ChangeRequest, kind: str, current: Any, by: str, now: datetime, place: Place) -> ChangeRequest:
    return signoff.consume(request.pk, kind=kind, current_base_version=current, by=by, now=now, place=place)


def _tighten(person: Person, active: bool, approves: bool, by: str, now: datetime) -> Person:
    if not approves and person.approves_from is not None:
        people.stop_approving(person, by=by, now=now)
    if not active and person.active:
        people.deactivate(person, by=by, now=now)
    return Person.objects.get(pk=person.pk)


def _number(asked: ChangeRequest) -> int:
    return int(asked.target.partition(":")[2])


def _state(person: Person) -> dict[str, bool]:
    return {"active": person.active, "approves": person.approves_from is not None}


def _said(person: Person) -> str:
    return f"{'active' if person.active else 'off'}, {'approves' if person.approves_from else 'does not approve'}"


def _line(name: str, value: str | int) -> dict[str, str | int]:
    # Of evidence; lines in a list, because what is kept as an object comes back in another order.
    return {"name": name, "value": value}


def _role(*users: User) -> str:
    # Asked for by name: that somebody is a superuser counts for nothing here.
    role = Permission.objects.filter(codename="add_vote", content_type__app_label="risk")
    found = role.filter(Q(group__user__in=users) | Q(user__in=users)).exists()
    return "yes" if found else "no: a vote counts only with the role too"


def _approvers(now: datetime) -> dict[str, str | int]:
    names = Person.objects.approvers(now).order_by("name").values_list("name", flat=True)
    return _line("approvers now", ", ".join(names) or "nobody")


def _record_of(person: Person, now: datetime) -> list[dict[str, str | int]]:
    """What a person did so far, for those who decide whether he or she returns or votes."""
    return [
        _line("member since", wording.moment(person.created_at)),
        _line("role that votes", _role(*User.objects.filter(person_account__person=person))),
        _line("changes asked for", ChangeRequest.objects.filter(requested_by=person).count()),
        _line("votes cast", Vote.objects.filter(decided_by=person).count()),
        _approvers(now),
    ]


def _others(factor: Factor) -> str:
    others = Factor.objects.present().filter(account=factor.account).exclude(pk=factor.pk).order_by("pk")
    return ", ".join(f"{other}, {_factor(other)}" for other in others) or "none"


def _factor(factor: Factor) -> str:
    return "taken away" if factor.revoked_at else "admitted" if factor.change_id else "waits"


def _standing(user_pk: int) -> str:
    return "enrolled" if PersonAccount.objects.filter(user_id=user_pk).exists() else "none"
