"""Halts: one hand engages, two release; whoever races, there is one."""

import pytest
from django.db import DatabaseError, connection
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEvent
from risk import gate, halts, signoff
from risk.models import ChangeRequest, Halt
from tests import voting
from tests.integration.risk.desks import NOW, PLACE, Desk

pytestmark = pytest.mark.django_db


def engage(level: str = "H1", scope_kind: str = "account", scope_key: str = "PA1", reason: str = "drill") -> Halt:
    return halts.engage(level=level, scope_kind=scope_kind, scope_key=scope_key, reason=reason, by="ann", now=NOW)


def ask(halt: Halt, desk: Desk) -> ChangeRequest:
    request = halts.request_release(
        halt, reason="cause found", evidence={"preflight": 12}, by=desk.ann, now=NOW, place=PLACE
    )
    return voting.cast(request.pk, by=desk.ben, now=NOW)


class TestEngage:
    def test_is_one_event_however_often_it_is_called(self) -> None:
        first, again = engage(), engage(reason="again")

        assert first.pk == again.pk
        assert again.reason == "drill"
        assert AuditEvent.objects.filter(event="halt.engaged").count() == 1

    def test_of_the_drill_alarms_nobody(self) -> None:
        halt = engage("H2", "strategy", "drill")

        assert halt.is_drill
        assert AuditEvent.objects.get(event="drill.latched").severity == "info"
        assert not AuditEvent.objects.filter(event="halt.engaged").exists()
        assert not Halt.objects.in_earnest().exists()

    def test_keeps_levels_and_scopes_apart(self) -> None:
        assert len({engage(level=level).pk for level in ("H1", "H2", "H3")} | {engage(scope_key="PA2").pk}) == 4

    @pytest.mark.parametrize(
        ("level", "kind", "key", "reason", "sentence"),
        [
            ("H4", "firm", "", "r", "no level"),
            ("H1", "planet", "x", "r", "no scope"),
            ("H1", "account", "", "r", "needs one"),
            ("H1", "firm", "x", "r", "no key"),
            ("H1", "firm", "", "  ", "needs a reason"),
        ],
    )
    def test_refuses_and_records(self, level: str, kind: str, key: str, reason: str, sentence: str) -> None:
        with pytest.raises(halts.HaltRefused, match=sentence):
            engage(level, kind, key, reason)

        assert AuditEvent.objects.filter(event="halt.refused").count() == 1
        assert not Halt.objects.exists()


class TestPermitsNow:
    @pytest.mark.parametrize(
        ("kind", "key", "stopped"),
        [
            ("firm", "", True),
            ("account", "PA1", True),
            ("account", "PA2", False),
            ("strategy", "trend", True),
            ("strategy", "other", False),
            ("symbol", "AAPL", True),
            ("symbol", "IBM", False),
        ],
    )
    def test_looks_at_every_scope_in_one_query_under_the_lock(
        self, kind: str, key: str, stopped: bool, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        engage("H1", kind, key)

        with django_assert_num_queries(2):
            why = gate.permits_now(account="PA1", strategy="trend", symbol="AAPL", purpose="entry")

        assert bool(why) == stopped
        assert gate.permits_now(account="PA1", strategy="trend", symbol="AAPL", purpose="exit") == ""

    def test_lets_nothing_go_when_the_latch_cannot_be_read(self) -> None:
        def unreadable(*_: object) -> None:
            raise DatabaseError("gone")

        with connection.execute_wrapper(unreadable):
            why = gate.permits_now(account="PA1", strategy="trend", symbol="AAPL", purpose="flatten")

        assert "cannot be read" in why


class TestRelease:
    def test_takes_two_people_and_a_clear_desk(self, desk: Desk) -> None:
        halt = engage()
        approved = ask(halt, desk)

        with pytest.raises(halts.HaltRefused, match="reconciliation is not clean"):
            halts.release(approved, still_clear=lambda _: "reconciliation is not clean", by="ann", now=NOW, place=PLACE)
        assert halts.state(account="PA1").state == "reducing"
        released = halts.release(approved, still_clear=lambda _: "", by="ann", now=NOW, place=PLACE)

        assert released.released_at == NOW
        assert halts.state(account="PA1").state == "active"
        assert engage().pk != halt.pk

    def test_is_refused_without_a_vote(self, desk: Desk) -> None:
        request = halts.request_release(engage(), reason="r", evidence={}, by=desk.ann, now=NOW, place=PLACE)

        with pytest.raises(signoff.NotAllowed):
            halts.release(request, still_clear=lambda _: "", by="ann", now=NOW, place=PLACE)

        assert halts.state(account="PA1").halts

    def test_releases_one_halt_and_not_another(self, desk: Desk) -> None:
        first, second = engage(), engage(level="H3")

        halts.release(ask(first, desk), still_clear=lambda _: "", by="ann", now=NOW, place=PLACE)

        assert [halt.id for halt in halts.state(account="PA1").halts] == [second.pk]
