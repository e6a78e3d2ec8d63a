"""One process hears an account's order updates, every message is kept, and nobody buys what would not be heard of."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from audit.models import AuditEvent
from tests.integration.trading.ears import Ears, hearing_desk, send
from tests.integration.trading.threads import until
from tests.robot import WISHES, Robot, robot
from trading import orders
from trading.broker.gateway import OrderReport
from trading.models import Account, Hearing, Order, OrderIntent, StreamMessage
from trading.reading import standing
from trading.streams import hearing, inbox, listening
from trading.watching import heartbeats

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk() -> Iterator[Robot]:
    with robot() as made:
        made.minute()
        yield made


@pytest.fixture
def ears(desk: Robot) -> Iterator[Ears]:
    with hearing_desk(desk) as made:
        yield made


def blocked(desk: Robot) -> dict[str, str]:
    return standing.read(desk.account.pk, "AAPL", marks="{}", market_now=desk.now).blocked


class TestOwning:
    def test_lets_one_process_hear_at_a_time(self, desk: Robot) -> None:
        account = desk.account.pk
        Hearing.objects.all().delete()

        assert hearing.own(account, holder="one:1")
        assert not hearing.own(account, holder="two:2")
        hearing.heard(account, holder="one:1")
        hearing.release(account, holder="one:1")
        assert hearing.own(account, holder="two:2")

    def test_counts_as_deaf_until_the_new_owner_hears(self, desk: Robot) -> None:
        hearing.heard(desk.account.pk, holder=heartbeats.instance())
        Hearing.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert hearing.own(desk.account.pk, holder="two:2")
        assert "*" in blocked(desk)

        hearing.heard(desk.account.pk, holder="two:2")

        assert "*" not in blocked(desk)

    def test_counts_as_deaf_when_its_owner_has_said_nothing_for_too_long(self, desk: Robot) -> None:
        assert "*" not in blocked(desk)

        Hearing.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        assert "*" in blocked(desk)

    def test_blocks_entries_while_nobody_hears(self, desk: Robot) -> None:
        Hearing.objects.update(heard_from=None)
        desk.minutes(5)
        WISHES.by_minute["AAPL", 6] = "long"

        desk.minute()

        intent = OrderIntent.objects.get()
        assert intent.denial_code == "SYMBOL_BLOCKED"
        assert "not heard" in intent.denial_sentence

    def test_ends_the_ears_of_whom_another_process_superseded(self, desk: Robot, ears: Ears) -> None:
        Hearing.objects.update(holder="two:2", expires_at=timezone.now() + timedelta(hours=1))

        until(lambda: ears.ended)

        assert "another process" in ears.ended


class TestInbox:
    def test_keeps_every_message_before_it_is_applied(self, desk: Robot, ears: Ears) -> None:
        order = send(desk)
        desk.venue.step()

        until(lambda: Order.objects.get(pk=order.pk).booked_quantity)

        kept = StreamMessage.objects.order_by("pk")
        until(lambda: {each.state for each in kept.all()} == {"applied"})
        assert kept[0].body["order"]["client_order_id"] == order.client_order_id

    def test_passes_over_poison_and_tells_of_it(self, desk: Robot, ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
        honest = orders.apply_report

        def choke(account: Account, report: OrderReport, **named: Any) -> orders.Outcome:
            if report.event == "new":
                raise ArithmeticError("no such figure")
            return honest(account, report, **named)

        monkeypatch.setattr(orders, "apply_report", choke)
        order = send(desk)
        desk.venue.step()

        until(lambda: Order.objects.get(pk=order.pk).booked_quantity)

        until(lambda: StreamMessage.objects.filter(state="poison").exists())
        assert AuditEvent.objects.filter(event="stream.poison", severity="serious").count() == 1
        assert ears.heals

    def test_applies_what_an_earlier_process_left_behind(self, desk: Robot) -> None:
        order = send(desk)
        report = desk.gateway.order(order.broker_order_id or "")
        assert report is not None
        Order.objects.filter(pk=order.pk).update(broker_status="")
        left = StreamMessage.objects.create(
            account=desk.account, body={"event": "new", "order": report.raw}, received_at=desk.now
        )

        assert inbox.work_off(desk.account, now=desk.now + timedelta(seconds=1)) == 1

        left.refresh_from_db()
        assert left.state == "applied"
        assert inbox.work_off(desk.account, now=desk.now) == 0

    def test_applies_by_itself_what_failed_with_the_database(
        self, desk: Robot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failures = [OperationalError("the database is away")]
        honest = orders.apply_report

        def away_once(account: Account, report: OrderReport, **named: Any) -> orders.Outcome:
            if failures and named["heard"] == orders.Heard.STREAM:
                raise failures.pop()
            return honest(account, report, **named)

        monkeypatch.setattr(orders, "apply_report", away_once)
        monkeypatch.setattr(listening, "BEAT", 0.1)
        with hearing_desk(desk):
            send(desk)

            until(lambda: not failures)
            until(lambda: {each.state for each in StreamMessage.objects.all()} == {"applied"})
