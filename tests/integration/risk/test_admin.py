"""The admin of risk: lists open, buttons are there for those who may press them, and presses reach the writers."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from risk import limits, people
from risk.models import Breach, ChangeRequest, Limit
from risk.people import Member
from tests import security_key, voting

pytestmark = pytest.mark.django_db

MODELS = [model for model in admin.site._registry if model._meta.app_label == "risk"]


def signed_in(name: str, *extra: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    codes = ["add_changerequest", "add_vote", "change_breach", *extra]
    wanted = Permission.objects.filter(content_type__app_label="risk")
    user.user_permissions.set(wanted.filter(codename__startswith="view_") | wanted.filter(codename__in=codes))
    return _client(user)


def _client(user: User) -> Client:
    security_key.give(user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def pair() -> tuple[Client, Client]:
    """Ann and Ben, signed in, people of the desk since now, over the shipped policy."""
    ann, ben = signed_in("ann"), signed_in("ben")
    members = [Member(name.title(), User.objects.get(username=name), approves=True) for name in ("ann", "ben")]
    people.found(members, by="setup", now=timezone.now())
    limits.install_policy(by="setup", now=timezone.now(), symbols=["AAPL"])
    return ann, ben


def propose(client: Client, **changes: Any) -> Any:
    typed = {"name": "positions", "scope_kind": "firm", "scope_key": "", "value": "15", "reason": "more names"}
    return client.post(reverse("admin:risk_limit_propose"), {**typed, **changes}, follow=True)


def press(client: Client, row: ChangeRequest, verb: str, **typed: Any) -> Any:
    url = reverse(f"admin:risk_changerequest_{verb}", args=[row.pk])
    return client.post(url, {"payload_hash": row.payload_hash, "reason": "seen", **typed}, follow=True)


class TestLists:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_open_search_and_offer_nothing_to_change(self, pair: tuple[Client, Client], model: Any) -> None:
        name = f"admin:risk_{model._meta.model_name}_changelist"

        page = pair[0].get(reverse(name), {"q": "a"})

        assert page.status_code == 200
        superuser = _client(User.objects.create_superuser("root"))
        for row in model.objects.all()[:1]:
            at = reverse(f"admin:risk_{model._meta.model_name}_change", args=[row.pk])
            assert superuser.get(at).status_code == 200
            assert superuser.post(at, {}).status_code == 403

    def test_show_the_ceiling_beside_the_value(self, pair: tuple[Client, Client]) -> None:
        page = pair[0].get(reverse("admin:risk_limit_changelist"), {"q": "gross_fraction"}).content.decode()

        assert "60 %" in page
        assert "ceiling in code" in page.lower()


class TestProposing:
    def test_a_stricter_value_holds_at_once(self, pair: tuple[Client, Client]) -> None:
        page = propose(pair[0], value="6")

        assert "is in force" in page.content.decode()
        assert limits.in_force()["positions"].value == 6

    def test_a_bad_value_comes_back_with_its_sentence_and_what_was_typed(self, pair: tuple[Client, Client]) -> None:
        page = propose(pair[0], value="21", reason="please")

        assert page.status_code == 422
        assert "beyond the ceiling 20" in page.content.decode()
        assert "please" in page.content.decode()

    def test_a_looser_value_takes_the_other_person(self, pair: tuple[Client, Client]) -> None:
        ann, _ = pair
        propose(ann)
        row = ChangeRequest.objects.get()

        assert press(ann, row, "carry_out").status_code == 403
        voting.cast(row.pk, by=User.objects.get(username="ben"), now=timezone.now())
        assert press(ann, row, "carry_out").status_code == 200

        assert limits.in_force()["positions"].value == 15
        assert Limit.objects.get(version=2, name="positions").set_by == "ann"

    def test_deciding_leads_to_the_page_that_asks_for_a_second_factor(self, pair: tuple[Client, Client]) -> None:
        ann, ben = pair
        propose(ann)
        row = ChangeRequest.objects.get()
        at = reverse("admin:risk_changerequest_decide", args=[row.pk])

        assert at in ben.get(reverse("admin:risk_changerequest_change", args=[row.pk])).content.decode()
        assert ben.get(at).headers["Location"] == reverse("request", args=[row.pk])

    def test_a_request_is_taken_back_by_whoever_asked(self, pair: tuple[Client, Client]) -> None:
        ann, ben = pair
        propose(ann)
        row = ChangeRequest.objects.get()

        assert press(ben, row, "withdraw").status_code == 403
        assert press(ann, row, "withdraw").status_code == 200
        row.refresh_from_db()
        assert row.status == "WITHDRAWN"


class TestBreach:
    def test_is_closed_with_a_reason(self, pair: tuple[Client, Client]) -> None:
        row = Breach.objects.create(
            account="PA1", code="LOSS_DAY_REACHED", control=25, stage="BROKEN", seen="0.02", sentence="lost",
            limit_name="day_loss_fraction", limit_value="0.01", done="denied", session_date=timezone.now().date(),
            opened_at=timezone.now(),
        )  # fmt: skip
        url = reverse("admin:risk_breach_close", args=[row.pk])

        assert pair[0].post(url, {"reason": ""}).status_code == 422
        pair[0].post(url, {"reason": "back within"})

        row.refresh_from_db()
        assert (row.closed_by, row.closing_reason) == ("ann", "back within")
