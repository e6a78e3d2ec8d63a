"""The pages of the ramp and of upkeep: what they say, which buttons they show to whom, and what a refusal keeps."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from risk import ramp
from risk.models import Attestation, ChangeRequest
from tests import desk
from trading.models import Account
from trading.upkeep import assessing

pytestmark = pytest.mark.django_db

FINDING = "Every control was gone through with its test; two figures were discussed and stay as they are."


@pytest.fixture
def live(scene: desk.Scene) -> Account:
    """A live account beside the scene's paper account, never yet live."""
    return Account.objects.create(number="814400001", name="Live", mode="live", created_at=timezone.now())


def choose(client: Client, account: Account) -> None:
    client.post(reverse("choose-account"), {"account": account.pk, "next": "/"})


class TestStage:
    def test_of_a_paper_account_shows_the_stages_and_no_button(self, operator: Client) -> None:
        page = operator.get(reverse("stage")).content.decode()

        assert "no stage caps its limits" in page
        assert "Ask to let it rise" not in page

    def test_of_a_live_account_says_why_it_stays(self, operator: Client, live: Account) -> None:
        choose(operator, live)

        page = operator.get(reverse("stage")).content.decode()

        assert "stays at S0" in page
        assert "It stands on paper; going live lets it into S1" in page
        assert "Ask to let it rise" not in page

    def test_refuses_to_ask_for_what_is_not_earned(self, operator: Client, live: Account) -> None:
        choose(operator, live)

        answer = operator.post(reverse("ask-rise"), {"reason": "it did so well"})

        assert answer.status_code == 422
        assert "going live" in answer.content.decode()
        assert not ChangeRequest.objects.filter(kind=ramp.KIND).exists()

    def test_is_put_lower_by_nobody_who_may_not_halt(self, viewer: Client) -> None:
        assert viewer.post(reverse("lower-stage"), {"stage": "S0", "reason": "x"}).status_code == 403

    def test_is_put_no_lower_than_paper(self, operator: Client, live: Account) -> None:
        choose(operator, live)

        answer = operator.post(reverse("lower-stage"), {"stage": "S0", "reason": "look first"})

        assert answer.status_code == 422
        assert "no lower" in answer.content.decode()


class TestUpkeep:
    def test_names_what_is_due(self, operator: Client) -> None:
        page = operator.get(reverse("upkeep")).content.decode()

        assert "never assessed" in page
        assert "never restored from a backup and checked" in page
        assert "Record the assessment" not in page

    def test_keeps_an_assessment_of_who_may(self, approver: Client) -> None:
        answer = approver.post(reverse("assess"), {"finding": FINDING, "digest": assessing.digest()}, follow=True)

        assert "assessed for twelve months" in answer.content.decode()
        assert Attestation.objects.get().sentence == FINDING

    def test_refuses_a_word_and_keeps_what_was_typed(self, approver: Client) -> None:
        answer = approver.post(reverse("assess"), {"finding": "all fine", "digest": assessing.digest()})

        assert answer.status_code == 422
        assert "at least 40 characters" in answer.content.decode()
        assert ">all fine</textarea>" in answer.content.decode()

    @pytest.mark.parametrize("name", ["assess", "run-stress"])
    def test_is_not_for_an_operator(self, operator: Client, name: str) -> None:
        assert operator.post(reverse(name), {}).status_code == 403
