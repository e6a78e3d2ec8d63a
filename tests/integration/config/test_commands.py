"""`migrate` and `prepare_database`: the owner makes tables, the program is checked."""

from io import StringIO

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from config import checks, database, env
from config.env.secret import Secret


def with_urls(**urls: str) -> env.Environment:
    """Return the tests' environment with other addresses."""
    known: env.Environment = django_settings.ENVIRONMENT
    return env.Environment({**known.values, **{name: Secret(url) for name, url in urls.items()}}, known.accounts)


def owner_url() -> str:
    url: str = django_settings.ENVIRONMENT.secret("DATABASE_OWNER_URL").reveal()
    return url


class TestMigrate:
    @pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
    def test_says_how_when_the_owner_is_not_known(self, settings: Settings) -> None:
        settings.DATABASES = {"default": settings.DATABASES["default"]}

        with pytest.raises(CommandError, match="set DATABASE_OWNER_URL"):
            call_command("migrate")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
class TestPrepareDatabase:
    def test_prepares_a_prepared_database_again(self) -> None:
        out = StringIO()

        call_command("prepare_database", stdout=out)

        assert "ready" in out.getvalue()

    def test_furnishes_a_new_desk_when_asked(self) -> None:
        out = StringIO()

        call_command("prepare_database", "--seed", stdout=out)

        assert "The shipped limits are in force" in out.getvalue()
        assert "olga   operator" in out.getvalue()

    def test_wants_the_owner(self, settings: Settings) -> None:
        settings.ENVIRONMENT = with_urls(DATABASE_OWNER_URL="")

        with pytest.raises(CommandError, match="set DATABASE_OWNER_URL"):
            call_command("prepare_database")

    def test_names_a_database_that_does_not_answer(self, settings: Settings) -> None:
        settings.ENVIRONMENT = with_urls(DATABASE_OWNER_URL="postgresql://o:hunter2@127.0.0.1:1/x")

        with pytest.raises(CommandError, match="does not answer") as refusal:
            call_command("prepare_database")

        assert "hunter2" not in str(refusal.value)

    def test_refuses_a_program_that_may_truncate(self) -> None:
        role = str(django_settings.DATABASES["default"]["USER"])
        with psycopg.connect(owner_url(), autocommit=True) as connection:
            connection.execute(f'GRANT TRUNCATE ON auth_group TO "{role}"')
            try:
                with pytest.raises(CommandError, match="may truncate the table auth_group"):
                    call_command("prepare_database", stdout=StringIO())
            finally:
                connection.execute(f'REVOKE TRUNCATE ON auth_group FROM "{role}"')


@pytest.mark.django_db
class TestProgramRoleCheck:
    def test_finds_nothing_about_the_programs_own_role(self) -> None:
        assert checks.program_role(None, databases=["default"]) == []

    def test_finds_an_owner(self, settings: Settings) -> None:
        settings.ENVIRONMENT = with_urls(DATABASE_URL=owner_url())

        found = checks.program_role(None, databases=["default"])

        assert {message.id for message in found} == {"config.E001"}
        assert any("owns the table auth_group" in message.msg for message in found)

    def test_finds_a_database_that_is_away(self, settings: Settings) -> None:
        settings.ENVIRONMENT = with_urls(DATABASE_URL="postgresql://o:x@127.0.0.1:1/x")

        assert [message.id for message in checks.program_role(None, databases=["default"])] == ["config.E002"]


class TestOwnRulesCheck:
    def test_finds_nothing_about_rules_that_are_there(self, settings: Settings) -> None:
        settings.STRATEGY_RULES = ("tests.robot.Scripted",)

        assert checks.own_rules(None) == []

    def test_names_a_rule_that_is_not_there(self, settings: Settings) -> None:
        settings.STRATEGY_RULES = ("tests.robot.Nowhere",)

        found = checks.own_rules(None)

        assert [message.id for message in found] == ["config.E003"]
        assert "tests.robot.Nowhere" in found[0].msg


class TestEnsureProgramRole:
    def test_makes_a_role_that_signs_in_with_its_password(self) -> None:
        server = owner_url()
        url = server.replace(server[len("postgresql://") : server.index("@")], "made_by_test:pässword%20")
        with psycopg.connect(server, autocommit=True) as connection:
            try:
                database.ensure_program_role(connection, url)
                with psycopg.connect(url) as program:
                    row = program.execute("SELECT current_user, current_setting('is_superuser')").fetchone()
            finally:
                connection.execute("DROP ROLE IF EXISTS made_by_test")

        assert row == ("made_by_test", "off")
