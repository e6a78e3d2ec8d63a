"""Raw SQL with the program's own database role: what the service refuses, the database refuses too."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from risk import halts, limits, signoff
from risk.models import Breach, ChangeRequest, Halt, Limit, Person
from tests import voting
from tests.integration.risk.desks import NOW, PLACE, Ask, Desk
from tests.integration.risk.raw import refused, run

pytestmark = pytest.mark.django_db


class TestRequest:
    @pytest.mark.parametrize(
        "change",
        [
            "payload = '{}'",
            "payload_hash = repeat('0', 64)",
            "execution_expires_at = now()",
            "requested_by_id = 1",
            "reason = 'x'",
        ],
    )
    def test_keeps_its_content(self, ask: Ask, change: str) -> None:
        ask()

        refused(f"UPDATE risk_changerequest SET {change}", match="permission denied")  # noqa: S608
        refused("DELETE FROM risk_changerequest", match="permission denied")

    @pytest.mark.parametrize("status", ["APPROVED", "EXECUTED"])
    def test_is_not_approved_or_executed_ahead_of_votes(self, ask: Ask, status: str) -> None:
        ask()

        refused("UPDATE risk_changerequest SET status = %s", [status])

    def test_does_not_come_back(self, ask: Ask, desk: Desk) -> None:
        request = ask()
        signoff.withdraw(request.pk, by=desk.ann, now=NOW)

        refused("UPDATE risk_changerequest SET status = 'PENDING'", match="Invalid transition")

    def test_begins_pending(self, ask: Ask) -> None:
        request = ask()
        request.pk, request.target, request.status = uuid.uuid4(), "other", "APPROVED"

        with pytest.raises(DatabaseError, match="begins pending"), transaction.atomic():
            request.save(force_insert=True)


class TestExecution:
    _EXECUTE = (
        "INSERT INTO risk_execution (request_id, payload_hash, executed_by, executed_at) VALUES (%s, %s, 'x', %s)"
    )

    def test_needs_an_approval_in_time_for_the_same_content(self, ask: Ask, desk: Desk) -> None:
        request = ask()
        refused(self._EXECUTE, [request.pk, request.payload_hash, NOW], match="is not approved")
        voting.cast(request.pk, by=desk.ben, now=NOW)

        refused(self._EXECUTE, [request.pk, "0" * 64, NOW], match="is not approved")
        refused(self._EXECUTE, [request.pk, request.payload_hash, NOW + timedelta(days=2)], match="has expired")

    def test_happens_once_and_stays(self, approved: ChangeRequest) -> None:
        limits.loosen(approved, by="ann", now=NOW, place=PLACE)

        refused(self._EXECUTE, [approved.pk, approved.payload_hash, NOW])
        refused("DELETE FROM risk_execution", match="permission denied")


class TestHalt:
    _ENGAGE = (
        "INSERT INTO risk_halt (scope_kind, scope_key, level, reason, engaged_by, engaged_at, released_by, released_at,"
        " release_id) VALUES ('firm', '', 'H1', 'r', 'x', now(), %s, %s, NULL)"
    )

    def test_is_one_per_scope_and_level(self) -> None:
        run(self._ENGAGE, ["", None])

        refused(self._ENGAGE, ["", None], match="halt_one_open_per_scope_and_level")

    def test_is_not_released_by_one(self, approved: ChangeRequest) -> None:
        halt = halts.engage(level="H1", scope_kind="firm", scope_key="", reason="r", by="ann", now=NOW)
        limits.loosen(approved, by="ann", now=NOW, place=PLACE)
        end = "UPDATE risk_halt SET released_at = now(), released_by = 'x', release_id = %s"

        refused(end, [None])
        refused(end, [approved.pk], match="only by an executed sign-off")  # executed, but for something else
        refused("UPDATE risk_halt SET level = 'H2'", match="permission denied")
        refused("DELETE FROM risk_halt", match="permission denied")
        assert Halt.objects.open().get().pk == halt.pk

    def test_does_not_begin_released(self) -> None:
        refused(self._ENGAGE, ["x", timezone.now()])


class TestLimit:
    _PUT = (
        "INSERT INTO risk_limit (scope_kind, scope_key, name, value, unit, version, active_from, set_by, reason)"
        " VALUES ('firm', '', 'positions', {}, 'count', {}, now(), 'x', 'r')"
    )

    def test_has_one_version_in_force(self, installed: None) -> None:
        refused(self._PUT.format(2, 7), match="limit_one_version_in_force")

    @pytest.mark.parametrize("value", ["'NaN'", "-1"])
    def test_is_a_number(self, value: str) -> None:
        refused(self._PUT.format(value, 1), match="limit_value_is_a_number")

    @pytest.mark.parametrize("sql", ["UPDATE risk_limit SET value = 99", "DELETE FROM risk_limit"])
    def test_version_never_changes(self, installed: None, sql: str) -> None:
        refused(sql, match="permission denied")

    def test_end_is_final(self, installed: None) -> None:
        refused(
            "UPDATE risk_limit SET active_to = NULL WHERE active_to IS NOT NULL", match="end_is_final|Cannot update"
        )

    @pytest.mark.parametrize(
        "sql", ["UPDATE risk_historicallimit SET value = 1", "DELETE FROM risk_historicallimit", "TRUNCATE risk_limit"]
    )
    def test_history_is_kept(self, installed: None, sql: str) -> None:
        refused(sql, match="permission denied")
        assert Limit.history.exists()


class TestProgramRole:
    def test_disables_no_trigger(self) -> None:
        refused("ALTER TABLE risk_vote DISABLE TRIGGER ALL", match="must be owner")
        refused("SET session_replication_role = replica", match="permission denied")

    def test_does_not_give_an_account_to_another_person(self, desk: Desk) -> None:
        refused("UPDATE risk_personaccount SET person_id = %s", [Person.objects.get(name="Ben").pk], match="permission")
        refused("DELETE FROM risk_person", match="permission denied")

    def test_does_not_rewrite_a_breach(self) -> None:
        Breach.objects.create(
            account="PA1", code="X", control=4, stage="BROKEN", seen="1", limit_name="n", limit_value="1", sentence="s",
            done="d", session_date=NOW.date(), opened_at=NOW,
        )  # fmt: skip

        refused("UPDATE risk_breach SET seen = '0'", match="permission denied")
        refused("UPDATE risk_breach SET closed_at = now()", match="breach_closed_by_someone_with_a_reason")
