"""Signing in over the pages, with password and second factor, and what the record says of it."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import Client

from audit import context
from audit.models import AuditEvent
from config import people
from config.people import Credentials
from tests.integration.people import authenticator

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


@pytest.fixture
def olga() -> Credentials:
    """An operator of a fresh desk."""
    cache.clear()
    return next(c for c in people.seed(now=NOW) if c.username == "olga")


def password_step(client: Client, who: Credentials, password: str = "") -> str:
    """Give name and password; return where that leads."""
    answer = client.post("/accounts/login/", {"login": who.username, "password": password or who.password})
    return answer.headers.get("Location", "")


def sign_in(client: Client, who: Credentials) -> str:
    password_step(client, who)
    answer = client.post("/accounts/2fa/authenticate/", {"code": authenticator.code(who.totp_secret)})
    return answer.headers.get("Location", "")


def said(event: str) -> AuditEvent:
    return AuditEvent.objects.filter(event=event).latest("pk")


@pytest.mark.django_db
class TestSigningIn:
    def test_takes_password_and_second_factor(self, client: Client, olga: Credentials) -> None:
        after_password = password_step(client, olga)
        signed_in_by_password = "_auth_user_id" in client.session
        after_factor = client.post("/accounts/2fa/authenticate/", {"code": authenticator.code(olga.totp_secret)})

        assert after_password == "/accounts/2fa/authenticate/"
        assert not signed_in_by_password
        assert after_factor.headers["Location"] == "/"
        assert client.session["_auth_user_id"] == str(User.objects.get(username="olga").pk)
        assert not list(get_messages(after_factor.wsgi_request))

    def test_refuses_a_wrong_second_factor(self, client: Client, olga: Credentials) -> None:
        password_step(client, olga)

        answer = client.post("/accounts/2fa/authenticate/", {"code": "000000"})

        assert answer.status_code == 200
        assert "_auth_user_id" not in client.session
        assert said("person.second_factor_failed").subject == "olga"

    def test_takes_a_recovery_code_once(self, client: Client, olga: Credentials) -> None:
        password_step(client, olga)
        first = client.post("/accounts/2fa/authenticate/", {"code": olga.recovery_codes[0]})
        other = Client()
        password_step(other, olga)
        second = other.post("/accounts/2fa/authenticate/", {"code": olga.recovery_codes[0]})

        assert (first.status_code, second.status_code) == (302, 200)

    def test_shows_pages_of_the_house(self, client: Client, olga: Credentials) -> None:
        first = client.get("/accounts/login/").content.decode()
        password_step(client, olga)
        second = client.get("/accounts/2fa/authenticate/").content.decode()

        assert "<h1>Sign in</h1>" in first
        assert "people/people.css" in first
        assert "sign up" not in first.lower()
        assert "Use a security key" in second

    def test_lets_nobody_sign_up(self, client: Client) -> None:
        answer = client.post("/accounts/signup/", {"username": "mallory", "password1": "x" * 20, "password2": "x" * 20})

        assert not User.objects.filter(username="mallory").exists()
        assert b"mallory" not in answer.content

    def test_sends_somebody_without_second_factor_to_set_one_up(self, client: Client, olga: Credentials) -> None:
        Authenticator.objects.all().delete()
        password_step(client, olga)

        answer = client.get("/admin/")

        assert answer.headers["Location"] == "/accounts/2fa/totp/activate/"
        assert client.get("/accounts/2fa/totp/activate/").status_code in (200, 302)

    def test_has_no_second_door_that_asks_for_a_password_alone(self, client: Client, olga: Credentials) -> None:
        page = client.get("/admin/login/")
        client.post("/admin/login/", {"username": olga.username, "password": olga.password, "next": "/admin/"})

        assert page.status_code == 302
        assert "_auth_user_id" not in client.session


@pytest.mark.django_db
class TestTheContentPolicy:
    def test_is_loosened_for_the_admin_alone(self, client: Client, olga: Credentials) -> None:
        sign_in(client, olga)

        admin = client.get("/admin/").headers["Content-Security-Policy"]
        account = client.get("/accounts/2fa/").headers["Content-Security-Policy"]

        assert "script-src 'self' 'unsafe-eval';" in admin
        assert "unsafe" not in account


@pytest.mark.django_db
class TestTheRecord:
    def test_tells_of_signing_in_and_out_with_address_and_session(self, client: Client, olga: Credentials) -> None:
        sign_in(client, olga)
        key = client.session.session_key
        client.post("/accounts/logout/")

        entered, left = said("person.signed_in"), said("person.signed_out")
        assert (entered.actor, entered.subject, entered.ip) == ("olga", "olga", "127.0.0.1")
        assert left.session == context.fingerprint(key)
        assert key
        assert key not in left.session

    def test_tells_of_a_wrong_password_without_repeating_it(self, client: Client, olga: Credentials) -> None:
        password_step(client, olga, password="hunter2-hunter2")

        event = said("person.sign_in_failed")
        assert (event.subject, event.severity, event.ip) == ("olga", "warning", "127.0.0.1")
        assert "hunter2" not in f"{event.sentence} {event.data}"

    def test_tells_when_further_attempts_are_refused(self, client: Client, olga: Credentials) -> None:
        for _ in range(6):
            password_step(client, olga, password="hunter2-hunter2")

        assert said("person.locked_out").severity == "serious"
        assert password_step(client, olga) == ""

    def test_tells_of_roles_given_and_taken(self, olga: Credentials) -> None:
        user, group = User.objects.get(username="olga"), Group.objects.get(name="approver")

        user.groups.add(group)
        given = said("person.permissions_changed")
        user.groups.remove(group)
        taken = said("person.permissions_changed")

        assert given.sentence == "olga: given approver."
        assert taken.sentence == "olga: taken approver."
        assert given.severity == "warning"

    def test_tells_of_flags_and_passwords_that_change(self, olga: Credentials) -> None:
        user = User.objects.get(username="olga")
        user.is_superuser = True
        user.set_password("another-long-password")
        user.save()

        assert said("person.permissions_changed").data == {"is_superuser": [False, True]}
        assert said("person.password_changed").subject == "olga"

    def test_says_nothing_of_a_save_that_changes_nothing(self, olga: Credentials) -> None:
        before = AuditEvent.objects.count()

        User.objects.get(username="olga").save()

        assert AuditEvent.objects.count() == before
