"""Who is not signed in sees nothing; who may not act finds neither the button nor the way around it."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from risk.models import ChangeRequest, Halt, Vote
from tests import desk

PAGES = ("desk", "blotter", "positions", "risk", "requests", "reconciliation", "preflight", "reports", "audit", "halt")


class TestStranger:
    @pytest.mark.parametrize("name", PAGES)
    def test_is_sent_to_sign_in(self, scene: desk.Scene, client: Client, name: str) -> None:
        answer = client.get(reverse(name))

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/")

    def test_reads_no_figure_as_data(self, scene: desk.Scene, client: Client) -> None:
        assert client.get(reverse("equity-points")).status_code == 302


class TestViewer:
    def test_sees_the_desk_without_a_halt_button(self, viewer: Client) -> None:
        page = viewer.get(reverse("desk")).content.decode()

        assert "100,182" in page
        assert "Halt…" not in page

    def test_may_not_halt(self, scene: desk.Scene, viewer: Client) -> None:
        answer = viewer.post(reverse("halt"), {"scope": scene.account.pk, "level": "H1", "reason": "try"})

        assert answer.status_code == 403
        assert not Halt.objects.exists()
        tried = AuditEvent.objects.get(event="access.refused")
        assert (tried.actor, tried.subject, tried.severity) == ("vera", reverse("halt"), "warning")
        assert "without the permission risk.add_halt" in tried.sentence

    def test_may_not_run_preflight(self, viewer: Client) -> None:
        assert viewer.post(reverse("run-preflight")).status_code == 403

    def test_is_not_offered_pages_it_may_not_see(self, viewer: Client) -> None:
        page = viewer.get(reverse("desk"))

        assert "Audit" not in [place["title"] for place in page.context["frame"]["nav"]]
        assert viewer.get(reverse("audit")).status_code == 403


class TestOperator:
    def test_may_not_vote_even_by_hand(self, operator: Client) -> None:
        asked = ChangeRequest.objects.get()

        answer = operator.post(
            reverse("vote", args=[asked.pk]), {"decision": "APPROVE", "payload_hash": asked.payload_hash}
        )

        assert answer.status_code == 403
        assert not Vote.objects.exists()


class TestForms:
    @pytest.mark.parametrize("name", ["halt", "run-preflight", "change-limit", "ask-go-live", "choose-account"])
    def test_are_refused_without_a_token(self, scene: desk.Scene, name: str) -> None:
        careless = Client(enforce_csrf_checks=True)
        careless.force_login(scene.operator)

        assert careless.post(reverse(name), {}).status_code == 403
