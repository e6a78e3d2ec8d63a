"""Alerts leave through Apprise and arrive at a real SMTP server."""

import email
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connections
from pytest_django import Settings

from audit import alerts, couriers, deliveries, tasks
from audit.models import Alert, AlertDelivery, AuditEvent
from config.env.secret import Secret

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
Write = Callable[..., AuditEvent]


@dataclass
class Mailbox:
    """Keeps the mail it is given; refuses the next ones while `refusals` is above zero."""

    received: list[Message] = field(default_factory=list)
    refusals: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusals:
            self.refusals -= 1
            return "451 mailbox is busy, try again"
        self.received.append(email.message_from_bytes(envelope.content))
        return "250 taken"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A mail server, and ALERT_URLS that point at it as production would be set."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    address = f"mailto://127.0.0.1:{server.port}?mode=insecure&from=gatehouse@desk.test&to=olga@desk.test"
    settings.ALERT_URLS = Secret(address)
    yield box
    server.stop()


def open_alert(write: Write, **said: Any) -> Alert:
    write("halt.engaged", account="paper-1", mode="paper", sentence="Vera halted paper-1.", **said)
    alerts.gather(channels=[courier.label for courier in couriers.configured()], now=NOW)
    return Alert.objects.latest("pk")


def deliver(now: datetime = NOW) -> int:
    return deliveries.deliver_due(couriers=couriers.configured(), now=now)


@pytest.mark.django_db(transaction=True)
class TestDeliverDue:
    def test_puts_the_alert_into_the_mailbox_of_a_person(self, write: Write, mailbox: Mailbox) -> None:
        open_alert(write)

        assert deliver() == 1

        (mail,) = mailbox.received
        assert str(make_header(decode_header(mail["Subject"]))) == "[PAPER] critical: Vera halted paper-1."
        assert "olga@desk.test" in mail["To"]
        text = next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_payload(decode=True)
        assert isinstance(text, bytes)
        assert "Event: halt.engaged, 1 since 2026-03-02 15:30:00 UTC" in text.decode()
        delivery = AlertDelivery.objects.get()
        assert (delivery.status, delivery.attempts, delivery.sent_at) == ("sent", 1, NOW)

    def test_tries_again_later_after_a_refusal(self, write: Write, mailbox: Mailbox) -> None:
        mailbox.refusals = 1
        open_alert(write)

        first = deliver()
        at_once = deliver()
        later = deliver(NOW + timedelta(seconds=5))

        assert (first, at_once, later) == (1, 0, 1)
        assert len(mailbox.received) == 1
        assert AlertDelivery.objects.get().attempts == 2

    def test_gives_up_after_many_refusals_and_says_so_on_the_record(self, write: Write, mailbox: Mailbox) -> None:
        mailbox.refusals = 99
        alert = open_alert(write)
        AlertDelivery.objects.update(attempts=deliveries.ATTEMPTS - 1)

        deliver()

        assert AlertDelivery.objects.get().status == "failed"
        event = AuditEvent.objects.get(event="alert.undelivered")
        assert (event.severity, event.data["alert"]) == ("serious", alert.pk)
        assert "mailto at 127.0.0.1" in event.sentence

    def test_gives_up_a_channel_that_is_no_longer_configured(
        self, write: Write, mailbox: Mailbox, settings: Settings
    ) -> None:
        open_alert(write)
        settings.ALERT_URLS = None

        deliver()

        assert AlertDelivery.objects.get().outcome == "this channel is no longer configured"

    def test_sends_each_alert_once_when_two_deliver_at_once(self, write: Write, mailbox: Mailbox) -> None:
        for number in range(6):
            open_alert(write, subject=f"account-{number}")
        start = threading.Barrier(3)

        def work() -> None:
            start.wait(20)
            deliver()
            connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(mailbox.received) == 6
        assert set(AlertDelivery.objects.values_list("status", "attempts")) == {("sent", 1)}

    def test_keeps_the_alert_waiting_when_nobody_listens(self, write: Write, settings: Settings) -> None:
        settings.ALERT_URLS = f"mailto://127.0.0.1:{free_port()}?mode=insecure&from=a@desk.test&to=b@desk.test"
        open_alert(write)

        deliver()

        delivery = AlertDelivery.objects.get()
        assert (delivery.status, delivery.next_try_at) == ("pending", NOW + timedelta(seconds=5))
        assert delivery.outcome == "refused, or not reached in time"

    def test_writes_to_the_log_where_no_channel_is_configured(
        self, write: Write, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.ALERT_URLS = Secret("")
        open_alert(write)

        deliver()

        assert "ALERT [PAPER] critical: Vera halted paper-1." in caplog.text
        assert AlertDelivery.objects.get().status == "sent"


@pytest.mark.django_db(transaction=True)
class TestProven:
    def test_says_when_each_channel_last_took_a_test(self, mailbox: Mailbox) -> None:
        channels = [courier.label for courier in couriers.configured()]
        before = deliveries.proven(channels)
        alerts.request_test(by="olga", now=NOW)
        alerts.gather(channels=channels, now=NOW)
        deliver()

        assert before == {"mailto at 127.0.0.1": None}
        assert deliveries.proven(channels) == {"mailto at 127.0.0.1": NOW}
        assert len(mailbox.received) == 1


@pytest.mark.django_db(transaction=True)
class TestDeliverAlertsTask:
    def test_takes_an_event_from_the_record_to_the_mailbox(self, write: Write, mailbox: Mailbox) -> None:
        write("reconciliation.break_opened", account="paper-1", mode="paper", sentence="AAPL differs by 3 shares.")

        tasks.deliver_alerts(sent_by_a_newer_beat=True)

        assert len(mailbox.received) == 1
