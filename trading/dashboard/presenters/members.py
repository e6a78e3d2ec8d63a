"""The people of the desk: who they are, who votes from when, with what, and which accounts belong to nobody yet."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from risk.models import Factor, Person
from trading.dashboard import words


def page(now: datetime) -> dict[str, Any]:
    """Everybody with accounts and second factors; three queries."""
    found = Person.objects.prefetch_related("accounts__user", "accounts__factors").order_by("-active", "name")
    able = set(Person.objects.approvers(now).values_list("pk", flat=True))
    strangers = User.objects.filter(is_active=True, person_account=None).order_by("username")
    return {
        "people": [_member(person, able, now) for person in found],
        "strangers": [{"id": user.pk, "name": user.get_username()} for user in strangers],
        "votes": len(able),
    }


def _member(person: Person, able: set[int], now: datetime) -> dict[str, Any]:
    accounts = list(person.accounts.all())
    factors = [factor for account in accounts for factor in account.factors.all() if factor.revoked_at is None]
    return {
        "id": person.pk,
        "name": person.name,
        "active": person.active,
        "approves": person.approves_from is not None,
        "accounts": ", ".join(account.user.get_username() for account in accounts) or words.NOTHING,
        "standing": _standing(person, able, now),
        "tone": "ok" if person.pk in able else "deny" if person.active else "bad",
        "factors": [
            {"said": str(factor), "tone": _tone(factor, now), "state": _state(factor, now)} for factor in factors
        ],
    }


def _standing(person: Person, able: set[int], now: datetime) -> str:
    if not person.active:
        return "off the desk"
    if person.approves_from is None:
        return "does not vote"
    if person.approves_from > now:
        return f"votes from {words.moment(person.approves_from, now.date())}"
    return "votes" if person.pk in able else "votes, but no account has the role"


def _state(factor: Factor, now: datetime) -> str:
    if not factor.founding and factor.change_id is None:
        return "not admitted to votes"
    if factor.usable_from > now:
        return f"from {words.moment(factor.usable_from, now.date())}"
    return "counts for votes" if factor.kind == Factor.Kind.KEY else "counts for votes, the weaker way"


def _tone(factor: Factor, now: datetime) -> str:
    counts = (factor.founding or factor.change_id is not None) and factor.usable_from <= now
    return "deny" if not counts else "ok" if factor.kind == Factor.Kind.KEY else "warn"
