from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.http import HttpRequest
from django.test import Client, RequestFactory

from audit import alerts
from audit.models import Alert, AlertDelivery, AuditEvent, AuditSeal, StateSnapshot
from audit.readonly import ReadOnlyAdmin

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
Write = Callable[..., AuditEvent]
RECORD = (AuditEvent, AuditSeal, StateSnapshot, Alert, AlertDelivery)


def person(*permissions: str) -> User:
    user = User.objects.create_user("olga", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="audit", codename__in=permissions))
    TOTP.activate(user, generate_totp_secret())
    return user


@pytest.fixture
def reader(client: Client) -> Client:
    """Somebody who may view the record and acknowledge alerts."""
    views = [f"view_{model._meta.model_name}" for model in RECORD]
    client.force_login(person(*views, "acknowledge_alert"), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
class TestReadOnlyAdmin:
    @pytest.mark.parametrize("model", RECORD)
    def test_lets_not_even_a_superuser_add_change_or_delete(self, model: Any, rf: RequestFactory) -> None:
        request: HttpRequest = rf.get("/")
        request.user = User.objects.create_superuser("root")
        site = admin.site.get_model_admin(model)

        assert isinstance(site, ReadOnlyAdmin)
        assert site.get_model_perms(request) == {"add": False, "change": False, "delete": False, "view": True}

    @pytest.mark.parametrize("model", RECORD)
    def test_lists_every_table_of_the_record(self, model: Any, reader: Client) -> None:
        answer = reader.get(f"/admin/audit/{model._meta.model_name}/", {"q": "x"})

        assert answer.status_code == 200

    def test_hides_the_record_from_those_who_may_not_view_it(self, client: Client) -> None:
        client.force_login(person(), backend="django.contrib.auth.backends.ModelBackend")

        assert client.get("/admin/audit/auditevent/").status_code == 403


@pytest.mark.django_db
class TestAuditEventAdmin:
    def test_finds_events_by_intent_and_filters_them(self, reader: Client, write: Write) -> None:
        write(sentence="Buy 10 AAPL.", intent="i-1", account="paper-1")
        write(sentence="Sell 5 MSFT.", intent="i-2", account="paper-2")

        by_intent = reader.get("/admin/audit/auditevent/", {"q": "i-1"}).content.decode()
        by_account = reader.get("/admin/audit/auditevent/", {"account__exact": "paper-2"}).content.decode()
        by_severity = reader.get("/admin/audit/auditevent/", {"severity__exact": "critical"}).content.decode()

        assert ("Buy 10 AAPL." in by_intent, "Sell 5 MSFT." in by_intent) == (True, False)
        assert ("Buy 10 AAPL." in by_account, "Sell 5 MSFT." in by_account) == (False, True)
        assert "Buy 10 AAPL." not in by_severity

    def test_shows_the_figures_of_an_event_and_escapes_them(self, reader: Client, write: Write) -> None:
        event = write(data={"reason": "<script>alert(1)</script>", "price": "190.10"})

        page = reader.get(f"/admin/audit/auditevent/{event.pk}/change/").content.decode()

        assert "190.10" in page
        assert "<script>alert(1)" not in page

    def test_asks_no_more_questions_for_more_events(
        self, reader: Client, write: Write, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(40):
            write(sentence=f"Event {number}.", account=f"paper-{number}")

        with django_assert_max_num_queries(16):
            reader.get("/admin/audit/auditevent/")


@pytest.mark.django_db
class TestAlertAdmin:
    def test_acknowledges_as_the_person_who_asks(self, reader: Client, write: Write) -> None:
        write("halt.engaged", sentence="Vera halted paper-1.")
        alerts.gather(channels=["console"], now=NOW)
        chosen = {"action": "acknowledge", "_selected_action": [Alert.objects.get(event="halt.engaged").pk]}

        first = reader.post("/admin/audit/alert/", chosen, follow=True).content.decode()
        second = reader.post("/admin/audit/alert/", chosen, follow=True).content.decode()

        assert Alert.objects.get(event="halt.engaged").acknowledged_by == "olga"
        assert "You acknowledged “Vera halted paper-1.”" in first
        assert "olga acknowledged this alert at" in second

    def test_offers_no_acknowledgement_to_those_who_only_view(self, client: Client, write: Write) -> None:
        client.force_login(person("view_alert"), backend="django.contrib.auth.backends.ModelBackend")
        write("halt.engaged")
        alerts.gather(channels=[], now=NOW)

        client.post(
            "/admin/audit/alert/",
            {"action": "acknowledge", "_selected_action": [Alert.objects.get(event="halt.engaged").pk]},
        )

        assert Alert.objects.get(event="halt.engaged").acknowledged_at is None

    def test_shows_what_became_of_each_delivery(self, reader: Client, write: Write) -> None:
        write("halt.engaged")
        alerts.gather(channels=["mailto at mail.test"], now=NOW)

        page = reader.get(f"/admin/audit/alert/{Alert.objects.get(event='halt.engaged').pk}/change/").content.decode()

        assert "mailto at mail.test" in page
