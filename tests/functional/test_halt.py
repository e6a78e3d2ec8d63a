"""The one red button: what it says before, what it needs, what it does."""

from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from risk.models import ChangeRequest, Halt
from tests import desk


class TestHalt:
    def test_says_first_what_it_would_meet(self, operator: Client) -> None:
        page = operator.get(reverse("halt")).content.decode()

        assert "2\u202fentries working" in page
        assert "61 MSFT" in page
        assert "Nobody else has to agree." in page

    def test_answers_a_dialog_with_its_part_alone(self, operator: Client) -> None:
        page = operator.get(reverse("halt"), headers={"X-Part": "dialog"}).content.decode()

        assert "<html" not in page
        assert "data-dialog" in page

    def test_asks_for_a_reason_and_keeps_the_choice(self, scene: desk.Scene, operator: Client) -> None:
        answer = operator.post(reverse("halt"), {"scope": scene.account.pk, "level": "H3", "reason": " "})

        assert answer.status_code == 422
        assert "Say why, in a few words" in answer.content.decode()
        assert answer.context["level"] == "H3"
        assert not Halt.objects.exists()

    def test_refuses_an_account_that_is_not_there(self, operator: Client) -> None:
        answer = operator.post(reverse("halt"), {"scope": "999", "level": "H1", "reason": "quotes froze"})

        assert answer.status_code == 422
        assert "There is no such account" in answer.content.decode()

    def test_stops_at_once_and_shows_the_receipt(self, scene: desk.Scene, operator: Client) -> None:
        answer = operator.post(
            reverse("halt"), {"scope": scene.account.pk, "level": "H1", "reason": "quotes froze"}, follow=True
        )

        halt = Halt.objects.get()
        assert (halt.level, halt.scope_key, halt.engaged_by) == ("H1", "PA3X0DEMO", "olga")
        assert answer.redirect_chain[-1][0] == reverse("halt-receipt", args=[halt.pk])
        assert AuditEvent.objects.filter(event="halt.engaged", person="olga").exists()

    def test_stands_on_every_page_afterwards(self, scene: desk.Scene, operator: Client) -> None:
        operator.post(reverse("halt"), {"scope": "all", "level": "H1", "reason": "quotes froze"})

        for name in ("desk", "blotter", "audit"):
            page = operator.get(reverse(name)).content.decode()
            assert "HALTED" in page
            assert "quotes froze" in page

    def test_is_released_only_by_asking_another_person(self, operator: Client) -> None:
        operator.post(reverse("halt"), {"scope": "all", "level": "H1", "reason": "quotes froze"})
        halt = Halt.objects.get()

        answer = operator.post(reverse("ask-release", args=[halt.pk]), {"reason": "the feed is back"}, follow=True)

        asked = ChangeRequest.objects.get(kind="halt.release")
        assert asked.payload["evidence"]["PA3X0DEMO"]["books"].startswith("equal")
        assert "You asked for this" in answer.content.decode()
        assert Halt.objects.open().exists()
