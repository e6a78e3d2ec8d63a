"""Two people: one asks on the page, another decides what was shown, and it is carried out once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from risk import clock
from risk.models import ChangeRequest, Halt, Limit
from tests import desk
from tests.desk import house


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
        approver.post(
            reverse("vote", args=[asked.pk]),
            {"decision": "APPROVE", "payload_hash": asked.payload_hash, "code": house.code(scene.approver)},
        )
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
        assert AuditEvent.objects.filter(event="signoff.refused", actor="anna").exists()

    def test_is_withdrawn_by_who_asked(self, operator: Client, asked: ChangeRequest) -> None:
        operator.post(reverse("withdraw", args=[asked.pk]))

        assert ChangeRequest.objects.get().status == "WITHDRAWN"

    def test_is_not_carried_out_before_it_is_approved(self, operator: Client, asked: ChangeRequest) -> None:
        answer = operator.post(reverse("carry-out", args=[asked.pk]), follow=True)

        assert gross() == Decimal("0.14")
        assert "not approved" in answer.content.decode()


class TestVote:
    def test_asks_for_a_second_factor(self, approver: Client, asked: ChangeRequest) -> None:
        answer = approver.post(
            reverse("vote", args=[asked.pk]), {"decision": "APPROVE", "payload_hash": asked.payload_hash}
        )

        assert answer.status_code == 422
        assert "Confirm your vote with your authenticator app." in answer.content.decode()
        assert ChangeRequest.objects.get().status == "PENDING"

    def test_takes_no_wrong_code(self, approver: Client, asked: ChangeRequest) -> None:
        answer = approver.post(
            reverse("vote", args=[asked.pk]),
            {"decision": "APPROVE", "payload_hash": asked.payload_hash, "code": "000000"},
        )

        assert answer.status_code == 422
        assert "wrong or over" in answer.content.decode()

    def test_says_wherever_it_is_shown_that_a_code_is_weaker(
        self, scene: desk.Scene, approver: Client, asked: ChangeRequest
    ) -> None:
        before = approver.get(reverse("request", args=[asked.pk])).content.decode()
        typed = {"decision": "APPROVE", "payload_hash": asked.payload_hash, "code": house.code(scene.approver)}
        after = approver.post(reverse("vote", args=[asked.pk]), typed, follow=True).content.decode()

        assert "The weaker way" in before
        assert "code of an app, weaker" in after

    def test_gives_no_challenge_to_somebody_who_does_not_vote(self, operator: Client, asked: ChangeRequest) -> None:
        assert operator.get(reverse("challenge", args=[asked.pk]), {"decision": "APPROVE"}).status_code == 403

    def test_is_judged_by_the_databases_clock(
        self, scene: desk.Scene, approver: Client, asked: ChangeRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late = asked.approval_expires_at + timedelta(hours=1)
        monkeypatch.setattr(clock, "now", lambda: late)
        typed = {"decision": "APPROVE", "payload_hash": asked.payload_hash, "code": house.code(scene.approver)}

        answer = approver.post(reverse("vote", args=[asked.pk]), typed)

        assert answer.status_code == 422
        assert ChangeRequest.objects.get().status == "PENDING"


class TestRevoke:
    def test_halts_at_once_and_alone(self, scene: desk.Scene, approver: Client, asked: ChangeRequest) -> None:
        typed = {"decision": "APPROVE", "payload_hash": asked.payload_hash, "code": house.code(scene.approver)}
        approver.post(reverse("vote", args=[asked.pk]), typed)
        approver.post(reverse("carry-out", args=[asked.pk]))

        approver.post(reverse("revoke", args=[asked.pk]), {"reason": "fat finger"})

        halt = Halt.objects.open().get()
        assert (halt.level, halt.scope_kind) == ("H1", "account" if asked.account else "firm")
        assert "fat finger" in halt.reason
        assert AuditEvent.objects.filter(event="signoff.revoked", severity="critical").exists()

    def test_is_only_for_what_was_carried_out(self, approver: Client, asked: ChangeRequest) -> None:
        answer = approver.post(reverse("revoke", args=[asked.pk]), {"reason": "no"}, follow=True)

        assert "withdraw or decline" in answer.content.decode()
        assert not Halt.objects.open().exists()


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
