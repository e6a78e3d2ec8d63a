"""A changed policy loosens nothing until two people have adopted it and a day has passed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from risk import adopting, adoption, limits, policy, signoff
from risk.models import ChangeRequest, PolicyAdoption
from tests import voting
from tests.integration.risk.desks import NOW, PLACE, Ask, Desk

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)


@pytest.fixture
def weaker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program comes with a higher ceiling."""
    bound = replace(policy.BOUNDS["positions"], ceiling=Decimal(500))
    monkeypatch.setitem(policy.BOUNDS, "positions", bound)


def proposed(desk: Desk) -> ChangeRequest:
    return adopting.propose(reason="larger account", by=desk.ann, now=NOW, place=PLACE)


def adopted(desk: Desk) -> PolicyAdoption:
    asked = proposed(desk)
    voting.cast(asked.pk, by=desk.ben, now=NOW)
    return adopting.carry_out(asked, by="ann", now=NOW, place=PLACE)


class TestAdoption:
    def test_begins_with_the_desk(self, desk: Desk) -> None:
        held = adoption.latest()

        assert held is not None
        assert (held.digest, held.change) == (adoption.digest(), None)

    @pytest.mark.usefixtures("weaker")
    def test_is_missed_by_whatever_would_loosen(self, ask: Ask) -> None:
        with pytest.raises(signoff.NotAllowed, match="has not adopted the policy"):
            ask()

    def test_is_missed_by_what_was_approved_under_the_old_one(
        self, approved: ChangeRequest, request: pytest.FixtureRequest
    ) -> None:
        request.getfixturevalue("weaker")

        with pytest.raises(signoff.NotAllowed, match="has not adopted the policy"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)

    @pytest.mark.usefixtures("weaker")
    def test_shows_every_difference_and_holds_a_day_later(self, ask: Ask, desk: Desk) -> None:
        made = adopted(desk)

        assert made.change is not None
        assert list(made.change.payload["differences"]) == ["positions"]
        with pytest.raises(signoff.NotAllowed, match="just adopted"):
            ask()
        assert ask(now=NOW + DAY).status == "PENDING"

    @pytest.mark.usefixtures("weaker")
    def test_takes_another_person(self, desk: Desk) -> None:
        asked = proposed(desk)

        with pytest.raises(signoff.NotAllowed, match="another person decides"):
            voting.cast(asked.pk, by=desk.ann_again, now=NOW)
        with pytest.raises(signoff.NotAllowed, match="not approved"):
            adopting.carry_out(asked, by="ann", now=NOW, place=PLACE)

        assert PolicyAdoption.objects.count() == 1

    @pytest.mark.usefixtures("weaker")
    def test_covers_the_text_that_was_shown(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = proposed(desk)
        voting.cast(asked.pk, by=desk.ben, now=NOW)
        weaker_still = replace(policy.BOUNDS["positions"], ceiling=Decimal(5000))
        monkeypatch.setitem(policy.BOUNDS, "positions", weaker_still)

        with pytest.raises(adopting.PolicyRefused, match="has changed since"):
            adopting.carry_out(asked, by="ann", now=NOW, place=PLACE)

    def test_is_refused_where_it_is_adopted_already(self, desk: Desk) -> None:
        with pytest.raises(adopting.PolicyRefused, match="already"):
            proposed(desk)

    @pytest.mark.usefixtures("weaker")
    def test_is_not_needed_to_release_a_halt(self) -> None:
        assert adoption.why_not_loosen("halt.release", NOW) == ""
