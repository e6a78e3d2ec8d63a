"""Attempts on the record: by the program's role, which lacks the right, and by the owner, whom the triggers refuse."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from audit import sealing, trail
from audit.models import AlertedEvent, AuditEvent, AuditSeal, StateSnapshot

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
TABLES = [model._meta.db_table for model in (AuditEvent, AuditSeal, StateSnapshot, AlertedEvent)]
CHANGES = ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]


def statement(change: str, table: str) -> str:
    column = {"audit_auditseal": "batch", "audit_alertedevent": "event_id"}.get(table, "id")
    return change.format(table=table, column=column)


@pytest.fixture
def record(write: Callable[..., AuditEvent], settled: Callable[[], None]) -> AuditEvent:
    """One event, sealed, and one snapshot."""
    event = write()
    with transaction.atomic():
        trail.snapshot(account="a", mode="paper", figures={}, positions=[], orders=[], limits=[], now=NOW)
    settled()
    assert sealing.seal(now=NOW) is not None
    return event


@pytest.mark.django_db(transaction=True)
class TestTheProgramsRole:
    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("change", CHANGES)
    def test_may_not_change_the_record(self, change: str, table: str, record: AuditEvent) -> None:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement(change, table))

        record.refresh_from_db()
        assert (AuditSeal.objects.count(), StateSnapshot.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("attempt", "refusal"),
        [
            ("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL", "must be owner"),
            ("ALTER TABLE audit_auditevent DISABLE TRIGGER pgtrigger_append_only_00dfa", "must be owner"),
            ("DROP TRIGGER pgtrigger_append_only_00dfa ON audit_auditevent", "must be owner"),
            ("DROP TABLE audit_auditseal", "must be owner"),
            ("SET session_replication_role = replica", "permission denied"),
            ("CREATE TABLE public.shadow (id int)", "permission denied"),
            ("DROP FUNCTION pgtrigger_append_only_00dfa() CASCADE", "must be owner"),
            ("ALTER TABLE audit_auditevent OWNER TO CURRENT_USER", "must be owner"),
        ],
    )
    def test_may_not_switch_the_protection_off(self, attempt: str, refusal: str, record: AuditEvent) -> None:
        with pytest.raises(ProgrammingError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attempt)

    @pytest.mark.parametrize("table", TABLES)
    def test_may_not_grant_itself_the_right(self, table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT ALL ON {table} TO CURRENT_USER")
            cursor.execute("SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE, TRIGGER')", [table])
            assert cursor.fetchone()[0] is False

    def test_may_not_become_the_owner(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_has_role(current_user, tableowner, 'MEMBER') FROM pg_tables WHERE tablename = %s",
                ["audit_auditevent"],
            )
            assert cursor.fetchone()[0] is False


@pytest.mark.django_db(transaction=True)
class TestTheOwnersRole:
    @pytest.mark.parametrize("table", ["audit_auditevent", "audit_auditseal", "audit_statesnapshot"])
    @pytest.mark.parametrize("change", CHANGES)
    def test_is_refused_by_the_triggers(self, change: str, table: str, record: AuditEvent) -> None:
        with (
            psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner,
            pytest.raises(psycopg.errors.RaiseException, match="pgtrigger: Cannot"),
        ):
            owner.execute(statement(change, table))
