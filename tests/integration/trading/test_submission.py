"""Sending at most once, and never losing what was sent, against a running venue."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from audit.models import AuditEvent
from tests.orderpath import MARKET, WALL, Wrapped, going, lease, raising, report
from tests.robot import Robot, robot
from trading import leases, orders
from trading.broker.gateway import BrokerRejected, BrokerUnavailable, OrderReport, OutcomeUnknown
from trading.choices import OrderStatus
from trading.models import AccountLease, Order
from trading.orders import Heard

HANDS = 6


@pytest.fixture
def desk() -> Iterator[Robot]:
    with robot() as made:
        made.venue.step()
        yield made


def at_the_broker(desk: Robot) -> list[OrderReport]:
    return list(desk.gateway.orders_since(MARKET - timedelta(days=1)))


def send(desk: Robot, saved: orders.Going, gateway: Wrapped | None = None) -> Order:
    with leases.held(desk.account.pk, holder="test", now=WALL) as held:
        assert held is not None
        return orders.send(saved, gateway=gateway or desk.gateway, lease=held, now=WALL)


@pytest.mark.django_db
class TestSend:
    def test_sends_what_was_approved(self, desk: Robot) -> None:
        order = send(desk, going(desk.account, limit="90"))

        (seen,) = at_the_broker(desk)
        assert order.status == OrderStatus.ACCEPTED
        assert seen.broker_order_id == order.broker_order_id
        assert seen.client_order_id == str(order.intent_id)
        assert (seen.quantity, seen.limit_price) == (order.quantity, order.limit_price)

    def test_makes_no_second_order_when_it_is_sent_twice(self, desk: Robot) -> None:
        saved = going(desk.account, limit="90")

        first = send(desk, saved)
        again = send(desk, saved)

        assert len(at_the_broker(desk)) == 1
        assert (again.status, again.broker_order_id) == (OrderStatus.ACCEPTED, first.broker_order_id)

    def test_rejects_what_the_broker_refused(self, desk: Robot) -> None:
        order = send(desk, going(desk.account, quantity=100_000, limit="90"))

        assert order.status == OrderStatus.REJECTED
        assert "buying power" in order.reason
        assert at_the_broker(desk) == []

    def test_believes_a_report_more_than_a_refusal(self, desk: Robot) -> None:
        saved = going(desk.account, limit="90")

        def heard_first() -> None:
            said = report(saved.order, OrderStatus.ACCEPTED)
            orders.apply_report(desk.account, said, now=WALL, heard=Heard.STREAM)
            raise BrokerRejected("client_order_id must be unique", status=422)

        order = send(desk, saved, Wrapped(desk.gateway, before=heard_first))

        assert order.status == OrderStatus.ACCEPTED

    def test_withdraws_what_was_certainly_not_sent(self, desk: Robot) -> None:
        wire = Wrapped(desk.gateway, before=raising(BrokerUnavailable("no connection")))

        order = send(desk, going(desk.account), wire)

        assert order.status == OrderStatus.WITHDRAWN
        assert "no connection" in order.reason

    @pytest.mark.parametrize("failure", [OutcomeUnknown("no answer in 10 s"), ValueError("surprise"), MemoryError()])
    def test_keeps_everything_else_as_unknown_and_never_sends_it_again(self, desk: Robot, failure: Exception) -> None:
        saved, wire = going(desk.account, limit="90"), Wrapped(desk.gateway, after=raising(failure))

        order = send(desk, saved, wire)

        assert order.status == OrderStatus.UNKNOWN
        assert wire.sends == len(at_the_broker(desk)) == 1
        assert AuditEvent.objects.get(event="order.unknown").severity == "critical"

    def test_tells_loudly_of_a_mistake_of_its_own_while_sending(
        self, desk: Robot, caplog: pytest.LogCaptureFixture
    ) -> None:
        saved, wire = going(desk.account, limit="90"), Wrapped(desk.gateway, after=raising(TypeError("a bug")))

        send(desk, saved, wire)

        told = AuditEvent.objects.get(event="order.unknown")
        assert told.severity == "critical"
        assert "TypeError" in told.sentence
        assert [record.exc_info is not None for record in caplog.records if record.levelname == "ERROR"] == [True]

    def test_sends_nothing_after_standing_still_since_the_last_look(
        self, desk: Robot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        saved, wire = going(desk.account), Wrapped(desk.gateway)
        held = lease(desk.account)
        # The process was stopped for a minute right after the latch was looked at.
        monkeypatch.setattr(leases.Lease, "clock", lambda _: saved.looked_at + timedelta(minutes=1))

        order = orders.send(saved, gateway=wire, lease=held, now=WALL)

        assert (order.status, wire.sends) == (OrderStatus.WITHDRAWN, 0)


@pytest.mark.django_db(transaction=True)
class TestManyHands:
    def test_make_one_lease_of_many_requests(self) -> None:
        with robot() as desk:
            start = Barrier(HANDS)

            def one(number: int) -> datetime | None:
                start.wait()
                try:
                    taken = leases.acquire(desk.account.pk, holder=str(number), now=WALL)
                    return taken.taken_at if taken else None
                finally:
                    connection.close()

            with ThreadPoolExecutor(HANDS) as hands:
                taken = list(hands.map(one, range(HANDS)))

            assert [found for found in taken if found] == [WALL]
            assert AccountLease.objects.get().token == 1
