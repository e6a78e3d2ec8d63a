"""Two people: one asks on the page, another decides what was shown, and it is carried out once."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from risk.models import ChangeRequest, Limit
from tests import desk


@pytest.fixture
def asked(scene: desk.Scene) -> ChangeRequest:
    return ChangeRequest.objects.get()


def gross() -> Decimal:
    return Limit.objects.in_force().get(name="gross_fraction").value


class TestRequest:
    def test_shows_what_changes_and_what_follows(self, operator: Client, asked: ChangeRequest) -> None:
        page = operator.get(reverse("request", args=[asked.pk])).content.decode()

        assert "14.00\u202f%" in page
        assert "30.00\u202f%" in page
        assert "The new limit judges every order" in page
        assert ">Approve<" not in page

    def test_is_approved_by_another_person_and_carried_out_once(
        self, scene: desk.Scene, approver: Client, asked: ChangeRequest
    ) -> None:
        approver.post(reverse("vote", args=[asked.pk]), {"decision": "APPROVE", "payload_hash": asked.payload_hash})
        first = approver.post(reverse("carry-out", args=[asked.pk]), follow=True)
        second = approver.post(reverse("carry-out", args=[asked.pk]), follow=True)

        assert gross() == Decimal("0.30")
        assert "In force: gross exposure 30 %" in first.content.decode()
        assert "not approved" in second.content.decode()

    def test_keeps_the_limit_where_what_was_shown_is_not_what_is_there(
        self, approver: Client, asked: ChangeRequest
    ) -> None:
        answer = approver.post(reverse("vote", args=[asked.pk]), {"decision": "APPROVE", "payload_hash": "0" * 64})

        assert answer.status_code == 422
        assert "not what was shown" in answer.content.decode()
        assert ChangeRequest.objects.get().status == "PENDING"

    def test_is_declined_only_with_a_reason(self, approver: Client, asked: ChangeRequest) -> None:
        answer = approver.post(
            reverse("vote", args=[asked.pk]), {"decision": "REJECT", "payload_hash": asked.payload_hash}
        )

        assert answer.status_code == 422
        assert "Say why you decline" in answer.content.decode()

    def test_is_withdrawn_by_who_asked(self, operator: Client, asked: ChangeRequest) -> None:
        operator.post(reverse("withdraw", args=[asked.pk]))

        assert ChangeRequest.objects.get().status == "WITHDRAWN"

    def test_is_not_carried_out_before_it_is_approved(self, operator: Client, asked: ChangeRequest) -> None:
        answer = operator.post(reverse("carry-out", args=[asked.pk]), follow=True)

        assert gross() == Decimal("0.14")
        assert "not approved" in answer.content.decode()


class TestLimitForm:
    def test_tightens_at_once(self, operator: Client) -> None:
        operator.post(
            reverse("change-limit"), {"limit": "day_loss_fraction|firm|", "value": "0.5 %", "reason": "thin week"}
        )

        assert Limit.objects.in_force().get(name="day_loss_fraction").value == Decimal("0.005")

    def test_asks_a_second_person_to_loosen(self, operator: Client) -> None:
        answer = operator.post(
            reverse("change-limit"), {"limit": "positions|firm|", "value": "15", "reason": "more names"}, follow=True
        )

        assert ChangeRequest.objects.filter(target="limit:positions@firm", status="PENDING").exists()
        assert "Another person decides." in answer.content.decode()

    @pytest.mark.parametrize(
        ("value", "sentence"), [("", "give the new value"), ("much", "number"), ("99 %", "ceiling")]
    )
    def test_says_what_is_wrong_with_a_value(self, operator: Client, value: str, sentence: str) -> None:
        answer = operator.post(
            reverse("change-limit"), {"limit": "day_loss_fraction|firm|", "value": value, "reason": "x"}, follow=True
        )

        assert sentence in answer.content.decode()
