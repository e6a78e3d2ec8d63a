"""A limit is loosened by two people: one asks, another approves, and the act uses the approval up."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from risk import limits
from risk.models import ChangeRequest
from risk.signoff_terms import Place
from tests import desk_people, voting


def ask_and_vote() -> None:
    """Ann asks for one position more than her stricter limit allows, and Ben approves."""
    now = timezone.now()
    people = desk_people.three(now)
    terms: dict[str, Any] = {"scope_kind": "firm", "scope_key": "", "reason": "crash rig"}
    limits.tighten(name="positions", value="8", by="ann", now=now, **terms)
    asked = limits.propose(name="positions", value="9", by=people.ann, now=now, place=_place(), **terms)
    assert isinstance(asked, ChangeRequest)
    voting.cast(asked.pk, by=people.ben, now=timezone.now())


def main() -> None:
    """Carry it out, in a process of the run."""
    limits.loosen(ChangeRequest.objects.get(), by="ann", now=timezone.now(), place=_place())


def _place() -> Place:
    return Place(environment="paper", account="", build=settings.BUILD_ID)
