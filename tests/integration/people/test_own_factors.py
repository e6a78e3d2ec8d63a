"""Setting up and removing second factors on the own pages, and what that means for votes."""

import json
from datetime import timedelta

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from config import people
from config.people import Credentials
from risk import factors
from risk.models import Factor
from tests.integration.people import authenticator
from tests.security_key import SecurityKey

pytestmark = pytest.mark.django_db

ADD = "/accounts/2fa/webauthn/add/"


@pytest.fixture
def told() -> dict[str, Credentials]:
    """A desk that began a week ago."""
    cache.clear()
    return {each.username: each for each in people.seed(now=timezone.now() - timedelta(days=7))}


def signed_in(who: Credentials) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": who.username, "password": who.password})
    client.post("/accounts/2fa/authenticate/", {"code": authenticator.code(who.totp_secret)})
    client.post("/accounts/reauthenticate/", {"password": who.password})
    return client


def set_up(client: Client, key: SecurityKey) -> str:
    """What the page sends once the browser has asked the key; the page that follows."""
    client.get(ADD)
    made = key.registration(client.session[auth.STATE_SESSION_KEY]["challenge"])
    return client.post(ADD, {"name": "desk key", "credential": json.dumps(made)}, follow=True).content.decode()


class TestKey:
    def test_that_is_set_up_signs_in_and_does_not_vote_yet(self, told: dict[str, Credentials]) -> None:
        set_up(signed_in(told["anna"]), SecurityKey("anna"))

        user = User.objects.get(username="anna")
        new = Factor.objects.get(account__user=user, kind="webauthn")
        assert Authenticator.objects.filter(user=user, type="webauthn").exists()
        assert (new.founding, new.change) == (False, None)
        assert new.usable_from - new.enrolled_at == timedelta(hours=72)
        assert [each.kind for each in factors.usable(user, timezone.now())] == ["totp"]
        assert AuditEvent.objects.filter(event="factor.enrolled", actor="anna").exists()

    def test_of_another_account_is_not_set_up_at_all(self, told: dict[str, Credentials]) -> None:
        set_up(signed_in(told["anna"]), SecurityKey("shared"))

        page = set_up(signed_in(told["adam"]), SecurityKey("shared"))

        assert "another account" in page
        assert not Authenticator.objects.filter(user__username="adam", type="webauthn").exists()
        assert AuditEvent.objects.filter(event="factor.refused", actor="adam").exists()

    def test_that_is_removed_votes_no_longer(self, told: dict[str, Credentials]) -> None:
        client = signed_in(told["anna"])
        set_up(client, SecurityKey("anna"))
        row = Authenticator.objects.get(user__username="anna", type="webauthn")

        client.post(f"/accounts/2fa/webauthn/keys/{row.pk}/remove/")

        assert Factor.objects.get(kind="webauthn").revoked_at is not None


class TestApp:
    def test_that_is_removed_takes_the_vote_with_it(self, told: dict[str, Credentials]) -> None:
        client = signed_in(told["anna"])

        client.post("/accounts/2fa/totp/deactivate/")

        user = User.objects.get(username="anna")
        assert factors.usable(user, timezone.now()) == []
        assert "set one up under Second factors" in factors.why_none(user, timezone.now())


class TestSite:
    def test_is_the_configured_one_whatever_a_request_says(self) -> None:
        assert get_adapter().get_public_key_credential_rp_entity() == {"id": "localhost", "name": "Gatehouse"}
