import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction

from audit import alerts, trail
from audit.models import Alert, AlertDelivery, AuditEvent

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
Write = Callable[..., AuditEvent]
CHANNELS = ("mailto at mail.test", "slack")


def gather(now: datetime = NOW) -> int:
    return alerts.gather(channels=CHANNELS, now=now)


@pytest.mark.django_db(transaction=True)
class TestGather:
    def test_opens_an_alert_for_a_grave_event_and_queues_it_for_every_channel(self, write: Write) -> None:
        write("halt.engaged", account="paper-1", mode="paper", sentence="Vera halted paper-1.")

        assert gather() == 1

        alert = Alert.objects.get()
        assert (alert.severity, alert.event, alert.mode, alert.account) == (
            "critical",
            "halt.engaged",
            "paper",
            "paper-1",
        )
        assert alert.sentence == "Vera halted paper-1."
        assert [d.channel for d in alert.deliveries.order_by("pk")] == list(CHANNELS)

    def test_opens_one_for_every_serious_event_whatever_its_word(self, write: Write) -> None:
        write("venue.odd", severity="serious")
        write("venue.odd", severity="warning")

        assert gather() == 1
        assert Alert.objects.get().severity == "serious"

    def test_passes_over_ordinary_events(self, write: Write) -> None:
        write("order.submitted")
        write("alert.undelivered", severity="serious")

        assert gather() == 0
        assert not Alert.objects.exists()

    def test_counts_the_same_news_within_its_window_as_one_alert(self, write: Write) -> None:
        for minute in (0, 5, 14):
            write("order.rejected", subject="AAPL", sentence=f"minute {minute}", now=NOW + timedelta(minutes=minute))
        gather()
        write("order.rejected", subject="AAPL", sentence="minute 16", now=NOW + timedelta(minutes=16))
        write("order.rejected", subject="MSFT", sentence="another symbol")
        gather()

        found = Alert.objects.order_by("pk").values_list("sentence", "count")
        assert list(found) == [("minute 14", 3), ("minute 16", 1), ("another symbol", 1)]
        assert AlertDelivery.objects.count() == 3 * len(CHANNELS)

    def test_opens_a_new_alert_when_the_old_one_was_acknowledged(self, write: Write) -> None:
        write("order.rejected", subject="AAPL")
        gather()
        alerts.acknowledge(Alert.objects.get().pk, by="olga", now=NOW)
        write("order.rejected", subject="AAPL", now=NOW + timedelta(minutes=1))
        gather()

        assert [a.acknowledged_by for a in Alert.objects.order_by("pk")] == ["olga", ""]

    def test_draws_each_event_once_however_often_it_reads(self, write: Write) -> None:
        write("halt.engaged")

        assert [gather(), gather(), gather()] == [1, 0, 0]
        assert Alert.objects.get().count == 1

    def test_reads_an_event_that_commits_after_later_ones_were_read(self, write: Write) -> None:
        written, commit = threading.Event(), threading.Event()

        def slow() -> None:
            with transaction.atomic():
                trail.record(event="halt.engaged", sentence="slow", by="robot", now=NOW, subject="slow")
                written.set()
                commit.wait(20)
            connections.close_all()

        thread = threading.Thread(target=slow)
        thread.start()
        assert written.wait(20)
        write("halt.engaged", subject="fast")
        before = gather()
        commit.set()
        thread.join()
        after = gather()

        assert (before, after) == (1, 1)
        assert sorted(Alert.objects.values_list("subject", flat=True)) == ["fast", "slow"]

    def test_does_no_harm_when_two_read_at_once(self, write: Write) -> None:
        for number in range(20):
            write("halt.engaged", subject=f"account-{number}")
        start = threading.Barrier(4)
        drawn: list[int] = []

        def read() -> None:
            start.wait(20)
            drawn.append(gather())
            connections.close_all()

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(drawn) == 20
        assert Alert.objects.count() == 20
        assert AlertDelivery.objects.count() == 40

    def test_reads_on_after_more_events_than_it_takes_at_once(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(alerts, "READ_AT_ONCE", 2)
        with transaction.atomic():
            for number in range(5):
                write("halt.engaged", subject=f"account-{number}")

        assert [gather(), gather(), gather(), gather()] == [2, 2, 1, 0]


@pytest.mark.django_db(transaction=True)
class TestEscalate:
    def escalate(self, now: datetime) -> int:
        return alerts.escalate(channels=CHANNELS[:1], after=timedelta(minutes=10), now=now)

    def test_sends_a_critical_alert_again_until_somebody_acknowledges_it(self, write: Write) -> None:
        write("halt.engaged")
        gather()
        minutes = [self.escalate(NOW + timedelta(minutes=m)) for m in (9, 10, 15, 20)]
        alerts.acknowledge(Alert.objects.get().pk, by="olga", now=NOW + timedelta(minutes=25))

        assert minutes == [0, 1, 0, 1]
        assert self.escalate(NOW + timedelta(minutes=60)) == 0
        assert AlertDelivery.objects.filter(reason="escalated").count() == 2

    def test_leaves_milder_alerts_alone(self, write: Write) -> None:
        write("order.rejected")
        gather()

        assert self.escalate(NOW + timedelta(hours=3)) == 0


@pytest.mark.django_db(transaction=True)
class TestAcknowledge:
    def test_says_who_knows_and_records_it(self, write: Write) -> None:
        write("halt.engaged", account="paper-1", mode="paper")
        gather()

        alert = alerts.acknowledge(Alert.objects.get().pk, by="olga", now=NOW, note="on it")

        assert (alert.acknowledged_by, alert.acknowledged_at, alert.note) == ("olga", NOW, "on it")
        event = AuditEvent.objects.get(event="alert.acknowledged")
        assert (event.actor, event.account, event.data["note"]) == ("olga", "paper-1", "on it")

    def test_refuses_a_second_acknowledgement_and_names_the_first(self, write: Write) -> None:
        write("halt.engaged")
        gather()
        alert = alerts.acknowledge(Alert.objects.get().pk, by="olga", now=NOW)

        with pytest.raises(alerts.AlreadyAcknowledged, match="olga acknowledged this alert at 2026-03-02 15:30:00 UTC"):
            alerts.acknowledge(alert.pk, by="rita", now=NOW)

    def test_is_refused_by_the_database_without_a_person(self, write: Write) -> None:
        write("halt.engaged")
        gather()

        with pytest.raises(IntegrityError, match="alert_acknowledged_by_someone"):
            Alert.objects.update(acknowledged_at=NOW)

    def test_never_removes_an_alert(self, write: Write) -> None:
        write("halt.engaged")
        gather()

        with pytest.raises(ProgrammingError, match="Cannot delete"):
            AlertDelivery.objects.all().delete()
