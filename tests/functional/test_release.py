"""A halt ends by two people, and only with equal books and a fresh green preflight."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from risk.models import ChangeRequest, Halt
from tests import desk
from tests.desk import house
from trading.models import PreflightRun, ReconciliationBreak


@pytest.fixture
def approved(scene: desk.Scene) -> ChangeRequest:
    """A release that one person asked for and another approved."""
    asker, decider = Client(), Client()
    asker.force_login(scene.operator)
    decider.force_login(scene.approver)
    asker.post(reverse("halt"), {"scope": scene.account.pk, "level": "H1", "reason": "quotes froze"})
    asker.post(reverse("ask-release", args=[Halt.objects.get().pk]), {"reason": "the feed is back"})
    asked = ChangeRequest.objects.get(kind="halt.release")
    typed = {"decision": "APPROVE", "payload_hash": asked.payload_hash, "code": house.code(scene.approver)}
    decider.post(reverse("vote", args=[asked.pk]), typed)
    return asked


def settle_break() -> None:
    ReconciliationBreak.objects.update(status="resolved", resolved_at=timezone.now(), resolution="equal again")


def pass_preflight(scene: desk.Scene, minutes_ago: int) -> None:
    PreflightRun.objects.create(
        account=scene.account, mode=scene.account.mode, passed=True, items=[], build="test", by="test",
        ran_at=timezone.now() - timedelta(minutes=minutes_ago), seconds=Decimal(0),
    )  # fmt: skip


class TestCarryOut:
    def test_is_refused_while_a_break_is_open(self, operator: Client, approved: ChangeRequest) -> None:
        answer = operator.post(reverse("carry-out", args=[approved.pk]), follow=True)

        assert "open reconciliation break" in answer.content.decode()
        assert Halt.objects.open().exists()

    @pytest.mark.parametrize("minutes_ago", [None, 31])
    def test_is_refused_without_a_fresh_green_preflight(
        self, scene: desk.Scene, operator: Client, approved: ChangeRequest, minutes_ago: int | None
    ) -> None:
        settle_break()
        if minutes_ago is not None:
            pass_preflight(scene, minutes_ago)

        answer = operator.post(reverse("carry-out", args=[approved.pk]), follow=True)

        assert "no preflight that passed" in answer.content.decode()
        assert Halt.objects.open().exists()

    def test_lets_trading_go_on_when_all_is_clear(
        self, scene: desk.Scene, operator: Client, approved: ChangeRequest
    ) -> None:
        settle_break()
        pass_preflight(scene, 1)

        operator.post(reverse("carry-out", args=[approved.pk]))

        halt = Halt.objects.get()
        assert (halt.released_by, halt.release_id) == ("olga", approved.pk)
        assert "HALTED" not in operator.get(reverse("desk")).content.decode()
