import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from audit import export, sealing, tasks, trail, transactions, verifier
from audit.models import AuditEvent, AuditSeal

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
Write = Callable[..., AuditEvent]
Settled = Callable[[], None]


def verify() -> verifier.Report:
    """The verifier over the export as a file would hold it."""
    return verifier.verify(json.loads(export.text(line)) for line in export.lines())


@pytest.mark.django_db(transaction=True)
class TestSeal:
    def test_chains_batches_that_the_verifier_finds_intact(self, write: Write, settled: Settled) -> None:
        for number in range(5):
            write(sentence=f"Größe {number} – 1 €", data={"n": number, "half": "0.5"})
        settled()
        first = sealing.seal(now=NOW)
        write()
        settled()
        second = sealing.seal(now=NOW + timedelta(seconds=2))
        write(sentence="not sealed yet")

        report = verify()

        assert first is not None
        assert second is not None
        assert (first.count, second.count, second.previous) == (5, 1, first.seal)
        assert report.intact, report.problems
        assert (report.events, report.sealed, report.head) == (7, 6, second.seal)

    def test_has_nothing_to_do_without_new_events(self, write: Write, settled: Settled) -> None:
        write()
        settled()

        assert sealing.seal(now=NOW) is not None
        assert sealing.seal(now=NOW) is None

    def test_waits_for_a_transaction_that_began_before_others_committed(self, write: Write, settled: Settled) -> None:
        written, commit = threading.Event(), threading.Event()

        def slow() -> None:
            with transaction.atomic():
                trail.record(event="order.submitted", sentence="slow", by="robot", now=NOW)
                written.set()
                commit.wait(20)
            connections.close_all()

        thread = threading.Thread(target=slow)
        thread.start()
        assert written.wait(20)
        fast = write(sentence="fast")
        too_early = sealing.seal(now=NOW)
        commit.set()
        thread.join()
        settled()
        sealed = sealing.seal(now=NOW)

        assert too_early is None
        assert sealed is not None
        assert (sealed.count, sealed.last_id) == (2, fast.pk)
        assert verify().intact

    def test_leaves_the_work_to_another_that_seals(self, write: Write, settled: Settled) -> None:
        write()
        settled()
        held, release = threading.Event(), threading.Event()

        def other() -> None:
            with transaction.atomic():
                transactions.try_lock("audit.sealing")
                held.set()
                release.wait(20)
            connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        assert held.wait(20)

        assert sealing.seal(now=NOW) is None
        release.set()
        thread.join()
        assert sealing.seal(now=NOW) is not None

    def test_refuses_when_the_database_counts_from_below_the_last_seal(self) -> None:
        AuditSeal.objects.create(
            batch=1,
            sealed_at=NOW,
            from_xid=0,
            until_xid=2**62,
            count=1,
            first_id=1,
            last_id=1,
            root="0" * 64,
            previous=verifier.FIRST,
            seal="1" * 64,
        )

        with pytest.raises(sealing.CounterWentBack, match="below 4611686018427387904"):
            sealing.seal(now=NOW)

        tasks.seal()
        tasks.seal()
        assert AuditEvent.objects.filter(event="audit.seal_failed", severity="critical").count() == 1


@pytest.mark.django_db(transaction=True)
class TestLag:
    def test_says_how_much_waits_and_since_when(self, write: Write, settled: Settled) -> None:
        write(now=NOW)
        write(now=NOW + timedelta(seconds=1))

        assert sealing.lag() == sealing.Lag(events=2, oldest_at=NOW)
        settled()
        sealing.seal(now=NOW)
        assert sealing.lag() == sealing.Lag(events=0, oldest_at=None)


@pytest.mark.django_db(transaction=True)
class TestVerifyAudit:
    def test_says_that_an_untouched_record_is_intact(self, write: Write, settled: Settled) -> None:
        write()
        settled()
        tasks.seal()
        out = io.StringIO()

        call_command("verify_audit", "--json", stdout=out)

        assert json.loads(out.getvalue())["sealed"] == 1

    def test_exits_with_one_after_an_event_was_slipped_in_by_sql(self, write: Write, settled: Settled) -> None:
        event = write()
        settled()
        tasks.seal()
        event.pk = None
        event.sentence = "It was always so."
        event.save(force_insert=True)
        out = io.StringIO()

        with pytest.raises(SystemExit) as end:
            call_command("verify_audit", stdout=out)

        assert end.value.code == 1
        assert "holds 2 events where 1 were sealed" in out.getvalue()

    def test_exits_with_one_when_the_kept_seal_is_gone(self, write: Write) -> None:
        write()

        with pytest.raises(SystemExit):
            call_command("verify_audit", "--head", "ab" * 32, stdout=io.StringIO())


@pytest.mark.django_db(transaction=True)
class TestExportAudit:
    def test_writes_what_the_stand_alone_verifier_accepts(self, write: Write, settled: Settled, tmp_path: Path) -> None:
        write(data={"price": "190.10", "note": "Ünïcode 🛑"})
        settled()
        tasks.seal()
        file = tmp_path / "record.jsonl"

        call_command("export_audit", str(file), stdout=io.StringIO())
        done = subprocess.run(
            [sys.executable, verifier.__file__, str(file)], capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 events, 1 seals, 0 events not yet sealed" in done.stdout

    def test_leaves_a_file_that_is_there_as_it_is(self, tmp_path: Path) -> None:
        file = tmp_path / "record.jsonl"
        file.write_text("precious")

        with pytest.raises(CommandError, match="left as it is; name a new file"):
            call_command("export_audit", str(file))

        assert file.read_text() == "precious"

    def test_prints_without_a_file(self, write: Write) -> None:
        event = write()
        out = io.StringIO()

        call_command("export_audit", stdout=out)

        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        assert lines[0]["event"]["id"] == event.pk
        assert lines[-1] == {"type": "end", "events": 1, "seals": 0}
        assert connection.in_atomic_block is False
