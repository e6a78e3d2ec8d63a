"""Breaches on the desk: listed by whether they wait, told in plain words, closed once by whoever may, with a reason."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from config import people as roles
from risk import breaches, limits
from risk.models import Breach, ChangeRequest, Limit
from risk.standing import LimitInForce
from tests import desk
from tests.desk import house
from tests.desk.scene import MARKET_NOW


@pytest.fixture
def rita(scene: desk.Scene, client: Client) -> Client:
    client.force_login(house.person("rita", roles.RISK_OFFICER))
    return client


@pytest.fixture
def broken(scene: desk.Scene) -> Breach:
    return sight(scene, "LOSS_DAY_HALTED", broken=True, symbol="")


def sight(scene: desk.Scene, code: str, **changes: Any) -> Breach:
    terms: dict[str, Any] = {
        "account": scene.account.number, "mode": "paper", "code": code, "control": 30, "seen": "0.011",
        "limit": LimitInForce("day_loss_fraction", Decimal("0.01"), 1, "firm"),
        "sentence": "The account has lost 1.1 % today ($1,100); from 1 % on entries stop.", "done": "H1 engaged",
        "session_date": MARKET_NOW.date(), "broken": True, "symbol": "AAPL",
    }  # fmt: skip
    row = breaches.open_sighting(breaches.Sighting(**{**terms, **changes}), by="monitors", now=timezone.now())
    assert row is not None
    return row


class TestList:
    def test_shows_what_waits_for_a_person(self, scene: desk.Scene, broken: Breach, rita: Client) -> None:
        sight(scene, "POSITION_NAKED", broken=False)
        page = rita.get(reverse("breaches")).content.decode()

        assert "The account has lost 1.1 % today" in page
        assert "1.10\u202f%" in page
        assert "H1 engaged." in page
        assert "warned" in page

    def test_parts_open_closed_and_prevented(self, broken: Breach, rita: Client) -> None:
        breaches.close(broken, reason="a bad fill, talked over", by="rita", now=timezone.now())

        assert "Nothing is open" in rita.get(reverse("breaches")).content.decode()
        assert "a bad fill, talked over" in rita.get(reverse("breaches"), {"show": "closed"}).content.decode()
        assert rita.get(reverse("breaches"), {"show": "nonsense"}).status_code == 200

    def test_asks_as_often_for_many_as_for_few(
        self, scene: desk.Scene, rita: Client, django_assert_max_num_queries: Any
    ) -> None:
        for index in range(60):
            sight(scene, "POSITION_NAKED", symbol=f"S{index}")

        with django_assert_max_num_queries(18):
            assert "60" in rita.get(reverse("breaches")).content.decode()

    def test_is_linked_from_the_risk_page(self, broken: Breach, rita: Client) -> None:
        page = rita.get(reverse("risk")).content.decode()

        assert reverse("breaches") in page
        assert reverse("breach", args=[broken.pk]) in page


class TestClosing:
    def test_takes_a_reason_and_keeps_it(self, broken: Breach, rita: Client) -> None:
        answer = rita.post(reverse("close-breach", args=[broken.pk]), {"reason": "a bad fill, talked over"})

        assert answer.status_code == 302
        broken.refresh_from_db()
        assert (broken.closed_by, broken.closing_reason) == ("rita", "a bad fill, talked over")
        assert AuditEvent.objects.filter(event="breach.closed", actor="rita").count() == 1

    def test_without_a_reason_is_refused_in_place(self, broken: Breach, rita: Client) -> None:
        answer = rita.post(reverse("close-breach", args=[broken.pk]), {"reason": " "})

        assert answer.status_code == 422
        assert "say why, in a few words" in answer.content.decode()
        assert Breach.objects.open().filter(pk=broken.pk).exists()

    def test_happens_once(self, broken: Breach, rita: Client) -> None:
        address = reverse("close-breach", args=[broken.pk])
        rita.post(address, {"reason": "talked over"})

        again = rita.post(address, {"reason": "again"})

        assert again.status_code == 422
        assert "closed already" in again.content.decode()

    def test_is_for_risk_officers_and_approvers(self, broken: Breach, operator: Client) -> None:
        page = operator.get(reverse("breach", args=[broken.pk])).content.decode()

        assert "you may not" in page
        assert operator.post(reverse("close-breach", args=[broken.pk]), {"reason": "x"}).status_code == 403

    def test_of_nothing_is_not_found(self, rita: Client) -> None:
        assert rita.get(reverse("breach", args=[987654])).status_code == 404


class TestLimits:
    def test_show_their_use_and_the_end_of_a_temporary_one(self, scene: desk.Scene, rita: Client) -> None:
        page = rita.get(reverse("risk")).content.decode()

        assert "Open risk" in page
        assert "Overnight gap" in page
        rows = [row for group in rita.get(reverse("risk")).context["groups"] for row in group["rows"]]
        used = {row["name"] for row in rows if row["bar"]}
        assert {"gross_fraction", "position_fraction", "open_risk_fraction", "gap_fraction", "messages_day"} <= used

    def test_in_the_admin_show_value_ceiling_use_and_who(self, scene: desk.Scene, rita: Client) -> None:
        page = rita.get(reverse("admin:risk_limit_changelist"), {"name": "gross_fraction"}).content.decode()

        assert "% used" in page
        assert "100 %" in page  # the ceiling
        assert "rita" in page
        assert Limit.objects.in_force().filter(name="gross_fraction").count() == 1
        assert limits.in_force(now=timezone.now())["gross_fraction"].value == Decimal("0.14")


class TestChangingALimit:
    def test_for_some_hours_asks_another_person_with_the_end_in_view(self, scene: desk.Scene, operator: Client) -> None:
        answer = operator.post(
            reverse("change-limit"),
            {"limit": "positions|firm|", "value": "15", "hours": "3", "reason": "two more names today"},
            follow=True,
        )

        asked = ChangeRequest.objects.get(target="limit:positions@firm")
        assert asked.payload["until"] is not None
        assert "15 until " in answer.content.decode()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"hours": "25"}, "24 hours at most"),
            ({"hours": "0"}, "Only for so many hours"),
            ({"limit": "positions|account|PA9"}, "The desk has no account PA9"),
            ({"value": "21"}, "beyond the ceiling 20"),
            ({"value": "-1"}, "not a number a limit can hold"),
        ],
    )
    def test_says_why_not_and_changes_nothing(
        self, scene: desk.Scene, operator: Client, changes: dict[str, str], sentence: str
    ) -> None:
        wanted = {"limit": "positions|firm|", "value": "15", "hours": "", "reason": "two more names today"}

        answer = operator.post(reverse("change-limit"), {**wanted, **changes}, follow=True)

        assert sentence in answer.content.decode()
        assert not ChangeRequest.objects.filter(target__startswith="limit:positions").exists()
