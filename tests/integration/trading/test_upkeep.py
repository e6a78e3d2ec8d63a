"""What people do for the house, on real rows: assessments, stress runs, secrets, restored backups, and preflight."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings

from audit import trail
from audit.models import AuditEvent
from risk import attesting
from risk.attesting import Kind
from risk.models import Attestation
from tests import databases, services
from tests.integration.trading.live_desk import live_desk
from tests.robot import NOW, Robot, robot, script
from trading import preflight
from trading.models import Account, OrderIntent
from trading.upkeep import assessing, due, restoring, stress

pytestmark = pytest.mark.django_db


def officer() -> User:
    user = User.objects.create_user("rita")
    user.user_permissions.add(Permission.objects.get(codename="add_attestation"))
    return user


def steady() -> AbstractContextManager[Robot]:
    return robot(script(lambda symbol, minute: "100", minutes=30))


class TestNoteSecrets:
    def test_counts_an_age_from_the_first_sight_and_anew_when_it_changes(self) -> None:
        later = NOW + timedelta(days=80)
        with override_settings(SECRETS_IN_USE=lambda: {"KEY": "aa", "OTHER": "bb"}):
            due.note_secrets(by="preflight", now=NOW)
            again = due.note_secrets(by="preflight", now=later)
            assert {name: note.done_at for name, note in again.items()} == {"KEY": NOW, "OTHER": NOW}
        with override_settings(SECRETS_IN_USE=lambda: {"KEY": "cc", "OTHER": "bb"}):
            due.note_secrets(by="preflight", now=later)
            kept = due.kept("live", now=later)

        assert kept.secrets is not None
        assert [(each.name, each.since) for each in kept.secrets] == [("KEY", later), ("OTHER", NOW)]
        assert Attestation.objects.count() == 3

    def test_knows_the_secrets_of_this_process_and_shows_none(self, settings: object) -> None:
        names = set(settings.SECRETS_IN_USE())  # type: ignore[attr-defined]

        assert {"DJANGO_SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= names
        assert all(len(value) == 16 for value in settings.SECRETS_IN_USE().values())  # type: ignore[attr-defined]


class TestAssess:
    FINDING = "Went through every control with its test; the stress figures are new, nothing else to change."

    def test_keeps_what_a_person_found(self) -> None:
        made = assessing.assess(self.FINDING, shown=assessing.digest(), by=officer(), now=NOW)

        assert (made.kind, made.by, made.evidence["controls"]) == ("assessment", "rita", len(assessing.register()))
        assert due.kept("live", now=NOW).assessed_at == NOW

    @pytest.mark.parametrize(
        ("finding", "shown", "why"),
        [("all fine", None, "at least 40"), (FINDING, "other", "not those that were shown"), ("", None, "at least")],
    )
    def test_refuses_a_word_and_another_register(self, finding: str, shown: str | None, why: str) -> None:
        with pytest.raises(attesting.NotRecorded, match=why):
            assessing.assess(finding, shown=shown or assessing.digest(), by=officer(), now=NOW)

        assert AuditEvent.objects.filter(event="attestation.refused").count() == 1

    def test_refuses_who_may_not(self) -> None:
        with pytest.raises(attesting.NotRecorded, match="may not assess"):
            assessing.assess(self.FINDING, shown=assessing.digest(), by=User.objects.create_user("vera"), now=NOW)


class TestRecord:
    def test_refuses_what_is_yet_to_come(self) -> None:
        with pytest.raises(attesting.NotRecorded, match="future"):
            attesting.record(Kind.RESTORE, subject="b", sentence="done", by="rita", now=NOW, done_at=NOW + timedelta(1))

    def test_is_for_ever(self) -> None:
        made = attesting.record(Kind.RESTORE, subject="b", sentence="done", by="rita", now=NOW)

        for sql in ("UPDATE risk_attestation SET done_at = now()", "DELETE FROM risk_attestation"):
            with pytest.raises(Exception, match=r"denied|Cannot"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
        assert made.digest == Attestation.objects.get().digest


class TestStress:
    def test_carries_twice_the_load_and_keeps_nothing_of_it(self) -> None:
        with steady() as market:
            market.minutes(7)
            account = Account.objects.get()

            made = stress.run(account, market.gateway, by="rita", now=market.now)

            assert (made.passed, made.evidence["carried"], made.evidence["failed"]) == (True, 60, 0)
            assert "a cancel was final" in made.evidence["stop"]
            assert OrderIntent.objects.count() == 0
            known = due.kept("live", now=market.now)
            assert (known.stress_carried, known.peak) == (60, 0)

    def test_is_not_passed_where_the_stop_does_not_hold(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with steady() as market:
            market.minutes(7)
            monkeypatch.setattr("trading.drill.PATIENCE", -1.0)
            monkeypatch.setattr("trading.orders.final_report", lambda *args, **terms: None)

            made = stress.run(Account.objects.get(), market.gateway, by="rita", now=market.now)

            assert not made.passed
            assert due.kept("live", now=market.now).stressed_at is None

    @override_settings(VENUE_CONTROL_URL="")
    def test_leaves_real_money_alone(self) -> None:
        account = Account(number="LIVE1", name="Live", mode="live")

        with pytest.raises(stress.NotPossible, match="real money"):
            stress.run(account, None, by="rita", now=NOW)  # type: ignore[arg-type]

    def test_is_a_command_that_says_how_it_went(self, capsys: pytest.CaptureFixture[str]) -> None:
        with steady() as market:
            market.minutes(7)
            call_command("stress")

            assert "The desk carried 60 of 60 orders" in capsys.readouterr().out
        with pytest.raises(CommandError, match="no account NOBODY; paper accounts are: "):
            call_command("stress", account="NOBODY")


class TestPreflight:
    ITEMS = ("controls assessed within a year", "twice the highest load carried", "secrets renewed",
             "backup restored and checked")  # fmt: skip

    def results(self, account: Account, market: object) -> list[str]:
        run = preflight.run(account, by="ann", now=market.now, gateway=market.gateway)  # type: ignore[attr-defined]
        found = {item["name"]: item["result"] for item in run.items}
        return [found[name] for name in self.ITEMS]

    def test_is_red_for_live_until_it_is_done(self) -> None:
        with live_desk() as desk:
            assert self.results(desk.account, desk.robot)[:2] == ["pass", "pass"]
            later = timedelta(days=366)
            desk.robot.now += later
            assert self.results(desk.account, desk.robot)[:2] == ["fail", "fail"]

    def test_warns_paper(self) -> None:
        with steady() as market:
            market.minutes(7)
            assert self.results(Account.objects.get(mode="paper"), market) == ["warning", "warning", "pass", "warning"]


@pytest.mark.django_db(transaction=True)
class TestCheckRestore:
    @pytest.fixture
    def restored(self) -> Iterator[str]:
        """Ours has two events, and another database of the server is a copy of its beginning."""
        for sentence in ("first", "second"):
            with transaction.atomic():
                trail.record(event="desk.tested", sentence=sentence, by="ann", now=NOW)
        run, server = os.environ[services.RUN], os.environ[services.SERVER]
        name = f"{run}_restored"
        databases.create(server, name, f"{run}_template")
        url = urlsplit(server)._replace(path=f"/{name}").geturl()
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as ours, psycopg.connect(url) as theirs:
            for table in ("audit_auditevent",):
                with ours.cursor().copy(f"COPY {table} TO STDOUT") as out:
                    kept = b"".join(out)
                with theirs.cursor().copy(f"COPY {table} FROM STDIN") as into:
                    into.write(kept)
        yield url
        databases.drop(server, name)

    def test_finds_our_own_record(self, restored: str, tmp_path: Path) -> None:
        with transaction.atomic():
            trail.record(event="desk.tested", sentence="after the backup", by="ann", now=NOW)
        address = tmp_path / "address"
        address.write_text(restored)

        call_command("check_restore", "nightly of 2026-01-04", address_file=str(address))

        made = Attestation.objects.get()
        assert (made.passed, made.evidence["rows"]["audit_auditevent"]) == (True, 2)
        assert "came back whole, 2 events" in made.sentence

    def test_finds_a_row_that_came_back_otherwise(self, restored: str) -> None:
        with psycopg.connect(restored) as theirs:
            theirs.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
            theirs.execute("UPDATE audit_auditevent SET sentence = 'nothing' WHERE sentence = 'second'")

        made = restoring.check(restored, backup="nightly", by="ann", now=NOW)

        assert (made.passed, made.evidence["different"]) == (False, ["audit_auditevent"])
        assert due.kept("live", now=NOW).restored_at is None

    def test_refuses_the_running_database_and_one_that_is_not_there(self) -> None:
        with pytest.raises(restoring.NotRestored, match="running database itself"):
            restoring.check(os.environ["DATABASE_OWNER_URL"], backup="nightly", by="ann", now=NOW)
        with pytest.raises(restoring.NotRestored, match="cannot be read"):
            restoring.check("postgresql://127.0.0.1:1/nothing", backup="nightly", by="ann", now=NOW)

    def test_reads_the_address_from_a_file_alone(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="Name a file"):
            call_command("check_restore", "nightly", address_file=str(tmp_path / "none"))

    @pytest.mark.parametrize(
        ("held", "backup", "sentence"),
        [
            (b" \n", "nightly", "holds no address"),
            (b"\xff\xfe", "nightly", "is no text"),
            (b"x", " ", "Name the backup"),
        ],
    )
    def test_asks_for_an_address_and_a_name(self, tmp_path: Path, held: bytes, backup: str, sentence: str) -> None:
        (tmp_path / "address").write_bytes(held)

        with pytest.raises(CommandError, match=sentence):
            call_command("check_restore", backup, address_file=str(tmp_path / "address"))
