from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from audit import context, payload, trail
from audit.models import AuditEvent, StateSnapshot
from config.env.secret import Secret

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
Write = Callable[..., AuditEvent]


def entry(number: int) -> trail.Entry:
    return trail.Entry(event="bar.read", sentence=f"Bar {number}.", by="engine", now=NOW, subject="AAPL")


@pytest.mark.django_db(transaction=True)
class TestRecord:
    def test_keeps_what_it_was_told(self, write: Write) -> None:
        written = write(
            "order.submitted",
            account="paper-1",
            mode="paper",
            subject="AAPL",
            sentence="Buy 10 AAPL at 190.10.",
            data={"price": Decimal("190.10"), "at": NOW},
            intent="i-1",
            order="o-1",
            pass_id="p-1",
        )

        kept = AuditEvent.objects.get(pk=written.pk)
        assert (kept.event, kept.account, kept.mode, kept.subject) == ("order.submitted", "paper-1", "paper", "AAPL")
        assert (kept.intent, kept.order, kept.pass_id, kept.actor, kept.at) == ("i-1", "o-1", "p-1", "robot", NOW)
        assert kept.data == {"price": "190.10", "at": "2026-03-02T15:30:00+00:00"}

    def test_refuses_to_write_outside_a_transaction(self) -> None:
        with pytest.raises(trail.OutsideTransaction, match=r"transaction\.atomic"):
            trail.record(event="order.submitted", sentence="It happened.", by="robot", now=NOW)

        assert not AuditEvent.objects.exists()

    def test_vanishes_with_the_change_that_was_rolled_back(self, write_and_undo: Write) -> None:
        write_and_undo()

        assert not AuditEvent.objects.exists()

    def test_names_the_transaction_that_wrote_it(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            event = trail.record(event="order.submitted", sentence="It happened.", by="robot", now=NOW)
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            number = cursor.fetchone()[0]

        assert event.xid == number

    def test_says_who_was_signed_in_and_from_where(self, write: Write) -> None:
        caused = context.Context(person=lambda: "vera", session="5e55", ip="192.0.2.7", request_id="r-1")

        with context.during(caused):
            inside = write()
        outside = write()

        assert (inside.person, inside.session, inside.ip, inside.request_id) == ("vera", "5e55", "192.0.2.7", "r-1")
        assert (outside.person, outside.session, outside.ip, outside.request_id) == ("", "", "", "")

    def test_records_graver_than_its_writer_says_where_the_table_demands_it(self, write: Write) -> None:
        assert write("halt.engaged").severity == "critical"

    def test_refuses_a_secret_and_writes_nothing(self, write: Write) -> None:
        with pytest.raises(payload.Unrecordable):
            write(data={"key": Secret("hunter2-hunter2")})

        assert not AuditEvent.objects.exists()

    @pytest.mark.parametrize("wrong", [{"event": ""}, {"by": ""}, {"mode": "demo"}])
    def test_is_refused_by_the_database_without_a_word_an_actor_or_a_known_mode(
        self, write: Write, wrong: dict[str, str]
    ) -> None:
        with pytest.raises(IntegrityError):
            write(**wrong)


@pytest.mark.django_db(transaction=True)
class TestRecordMany:
    def test_writes_all_with_one_insert_in_their_order(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with transaction.atomic(), django_assert_num_queries(1):
            events = trail.record_many([entry(number) for number in range(50)])

        assert [event.sentence for event in AuditEvent.objects.in_order()] == [event.sentence for event in events]


@pytest.mark.django_db(transaction=True)
class TestSnapshot:
    def test_keeps_the_account_whole(self) -> None:
        with transaction.atomic():
            trail.snapshot(
                account="paper-1",
                mode="paper",
                figures={"equity": Decimal("100000.00")},
                positions=[{"symbol": "AAPL", "quantity": Decimal(10)}],
                orders=[],
                limits=[{"name": "day_loss", "value": Decimal("0.02"), "version": 3}],
                now=NOW,
            )

        kept = StateSnapshot.objects.get()
        assert kept.figures == {"equity": "100000.00"}
        assert kept.positions == [{"symbol": "AAPL", "quantity": "10"}]
        assert kept.limits == [{"name": "day_loss", "value": "0.02", "version": 3}]
