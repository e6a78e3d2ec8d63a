"""Second factors in the database: nothing there that would let a reader sign in."""

import json
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from config import factors, people
from config.people import Credentials
from tests.integration.people import authenticator

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
NEW_KEY = "a-new-key-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ"

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga() -> Credentials:
    """An operator of a fresh desk."""
    return next(c for c in people.seed(now=NOW) if c.username == "olga")


def table() -> str:
    """Everything the table of factors holds, as a reader of the database sees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM mfa_authenticator a")
        return "\n".join(row for (row,) in cursor.fetchall())


def seed_of_codes(username: str) -> str:
    return str(Authenticator.objects.get(user__username=username, type="recovery_codes").data["seed"])


def gets_in(who: Credentials, code: str) -> bool:
    client = Client()
    client.post("/accounts/login/", {"login": who.username, "password": who.password})
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return "_auth_user_id" in client.session


class TestTheTable:
    def test_holds_no_secret_in_the_clear(self, olga: Credentials) -> None:
        rows = table()

        assert '"type":"totp"' in rows
        assert olga.totp_secret not in rows
        assert factors.FactorAdapter().decrypt(seed_of_codes("olga")) not in rows
        assert [code for code in olga.recovery_codes if code in rows] == []

    def test_holds_another_text_each_time(self) -> None:
        adapter = factors.FactorAdapter()

        assert adapter.encrypt("the same") != adapter.encrypt("the same")

    def test_lets_its_people_in(self, olga: Credentials) -> None:
        assert gets_in(olga, authenticator.code(olga.totp_secret))
        assert gets_in(olga, olga.recovery_codes[0])

    def test_cannot_be_read_with_another_key(self, olga: Credentials, settings: Settings) -> None:
        settings.SECRET_KEY = NEW_KEY

        with pytest.raises(factors.UnreadableFactor, match="DJANGO_SECRET_KEY_FALLBACKS") as refusal:
            factors.FactorAdapter().decrypt(seed_of_codes("olga"))

        assert refusal.value.__cause__ is None


class TestReencryptFactors:
    def test_lets_the_earlier_key_go(self, olga: Credentials, settings: Settings) -> None:
        before = seed_of_codes("olga")
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]

        call_command("reencrypt_factors")
        settings.SECRET_KEY_FALLBACKS = []

        assert seed_of_codes("olga") != before
        assert gets_in(olga, authenticator.code(olga.totp_secret))

    def test_changes_nothing_where_one_cannot_be_read(self, olga: Credentials, settings: Settings) -> None:
        before = table()
        settings.SECRET_KEY = NEW_KEY

        with pytest.raises(CommandError, match="cannot be read"):
            call_command("reencrypt_factors")

        assert sorted(before.splitlines()) == sorted(table().splitlines())

    def test_takes_codes_brought_from_elsewhere_along(self, olga: Credentials, settings: Settings) -> None:
        factor = Authenticator.objects.get(user__username="olga", type="recovery_codes")
        factor.data = {"migrated_codes": [factors.FactorAdapter().encrypt("12345678")]}
        factor.save()
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]

        factors.reencrypt()
        settings.SECRET_KEY_FALLBACKS = []

        factor.refresh_from_db()
        assert "12345678" not in json.dumps(factor.data)
        assert gets_in(olga, "12345678")
