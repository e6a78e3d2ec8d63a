"""The page of people: taking away at once, asking for the rest; one's own factors are asked for on one's own page."""

import pytest
from django.test import Client
from django.urls import reverse

from config import people as roles
from risk.models import ChangeRequest, Person
from tests import desk, security_key
from tests.desk import house


@pytest.fixture
def administrator(scene: desk.Scene, client: Client) -> Client:
    user = house.person("amal", roles.ADMINISTRATOR)
    client.force_login(user)
    return client


def anna() -> Person:
    return Person.objects.get(name="Anna Weiss")


class TestPage:
    def test_shows_who_votes_and_with_what(self, operator: Client) -> None:
        page = operator.get(reverse("people")).content.decode()

        assert "Anna Weiss" in page
        assert "counts for votes" in page
        assert "an administrator asks and an approver decides" in page

    def test_is_not_for_somebody_who_only_looks(self, viewer: Client) -> None:
        assert viewer.get(reverse("people")).status_code == 403


class TestChange:
    def test_takes_the_vote_at_once(self, administrator: Client) -> None:
        answer = administrator.post(
            reverse("change-person", args=[anna().pk]), {"change": "stop", "reason": "leaves"}, follow=True
        )

        assert "Done at once" in answer.content.decode()
        assert anna().approves_from is None

    def test_needs_a_person_of_the_desk_to_ask_for_more(self, administrator: Client) -> None:
        olga = Person.objects.get(name="Olga Brandt")

        answer = administrator.post(
            reverse("change-person", args=[olga.pk]), {"change": "vote", "reason": "trained"}, follow=True
        )

        assert "amal may not ask for a change" in answer.content.decode()
        assert not ChangeRequest.objects.filter(kind="person.change").exists()

    @pytest.mark.parametrize("typed", [{"change": "stop"}, {"change": "crown", "reason": "x"}])
    def test_says_what_is_missing(self, administrator: Client, typed: dict[str, str]) -> None:
        administrator.post(reverse("change-person", args=[anna().pk]), typed)

        assert anna().approves_from is not None

    def test_is_not_for_an_operator(self, operator: Client) -> None:
        answer = operator.post(reverse("change-person", args=[anna().pk]), {"change": "stop", "reason": "x"})

        assert answer.status_code == 403


class TestOwnFactors:
    def test_ask_to_be_admitted_on_the_own_page(self, scene: desk.Scene, approver: Client) -> None:
        from django.utils import timezone

        from risk import factors

        security_key.give(scene.approver, "new")
        (new,) = factors.bring_in_line(scene.approver, by="anna", now=timezone.now())

        page = approver.get(reverse("mfa_index")).content.decode()
        answer = approver.post(reverse("admit-factor", args=[new.pk]), {"reason": "spare"}, follow=True)

        assert "have another person admit it" in page
        assert "Admit the security key of Anna Weiss to votes" in answer.content.decode()

    def test_of_others_are_not_asked_for(self, scene: desk.Scene, operator: Client) -> None:
        from django.utils import timezone

        from risk import factors

        security_key.give(scene.approver, "new")
        (new,) = factors.bring_in_line(scene.approver, by="anna", now=timezone.now())

        answer = operator.post(reverse("admit-factor", args=[new.pk]), {"reason": "mine now"}, follow=True)

        assert "Each person asks for his or her own" in answer.content.decode()


class TestPolicy:
    def test_that_is_adopted_is_not_asked_for(self, operator: Client) -> None:
        page = operator.get(reverse("requests")).content.decode()
        answer = operator.post(reverse("adopt-policy"), {"reason": "x"}, follow=True)

        assert "Adopt the policy" not in page
        assert "already" in answer.content.decode()
