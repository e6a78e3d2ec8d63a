"""Sending at most once, and never losing what was sent, against a running venue."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from audit.models import AuditEvent
from risk import halts
from tests.orderpath import MARKET, WALL, Wrapped, approved, lease, raising, report
from tests.robot import Robot, robot
from trading import leases, orders
from trading.broker import factory
from trading.broker.gateway import BrokerRejected, BrokerUnavailable, NewOrder, OrderReport, OutcomeUnknown
from trading.choices import OrderStatus, Purpose, Side
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


def submit(desk: Robot, order: Order, gateway: Wrapped | None = None) -> Order:
    with leases.held(desk.account.pk, holder="test", now=WALL) as held:
        assert held is not None
        return orders.submit(order.pk, gateway=gateway or desk.gateway, lease=held, now=WALL)


@pytest.mark.django_db
class TestSubmit:
    def test_sends_what_was_approved(self, desk: Robot) -> None:
        order = submit(desk, approved(desk.account, limit="90"))

        (seen,) = at_the_broker(desk)
        assert order.status == OrderStatus.ACCEPTED
        assert seen.broker_order_id == order.broker_order_id
        assert seen.client_order_id == str(order.intent_id)
        assert (seen.quantity, seen.limit_price) == (order.quantity, order.limit_price)

    def test_sends_nothing_a_second_time(self, desk: Robot) -> None:
        order, wire = approved(desk.account, limit="90"), Wrapped(desk.gateway)

        submit(desk, order, wire)
        again = submit(desk, order, wire)

        assert wire.sends == 1
        assert again.status == OrderStatus.ACCEPTED

    def test_is_saved_as_sent_before_the_wire(self, desk: Robot) -> None:
        order = approved(desk.account, limit="90")
        seen: list[str] = []
        wire = Wrapped(desk.gateway, before=lambda: seen.append(Order.objects.get(pk=order.pk).status))

        submit(desk, order, wire)

        assert seen == [OrderStatus.SUBMITTED]

    def test_rejects_what_the_broker_refused(self, desk: Robot) -> None:
        order = submit(desk, approved(desk.account, quantity=100_000, limit="90"))

        assert order.status == OrderStatus.REJECTED
        assert "buying power" in order.reason
        assert at_the_broker(desk) == []

    def test_believes_a_report_more_than_a_refusal(self, desk: Robot) -> None:
        order = approved(desk.account, limit="90")

        def heard_first() -> None:
            said = report(order, OrderStatus.ACCEPTED)
            orders.apply_report(desk.account, said, now=WALL, heard=Heard.STREAM)
            raise BrokerRejected("client_order_id must be unique", status=422)

        order = submit(desk, order, Wrapped(desk.gateway, before=heard_first))

        assert order.status == OrderStatus.ACCEPTED

    def test_withdraws_what_was_certainly_not_sent(self, desk: Robot) -> None:
        wire = Wrapped(desk.gateway, before=raising(BrokerUnavailable("no connection")))

        order = submit(desk, approved(desk.account), wire)

        assert order.status == OrderStatus.WITHDRAWN
        assert "no connection" in order.reason

    @pytest.mark.parametrize("failure", [OutcomeUnknown("no answer in 10 s"), ValueError("surprise"), MemoryError()])
    def test_keeps_everything_else_as_unknown_and_never_sends_it_again(self, desk: Robot, failure: Exception) -> None:
        order, wire = approved(desk.account, limit="90"), Wrapped(desk.gateway, after=raising(failure))

        order = submit(desk, order, wire)
        again = submit(desk, order, wire)

        assert order.status == again.status == OrderStatus.UNKNOWN
        assert wire.sends == len(at_the_broker(desk)) == 1
        assert AuditEvent.objects.get(event="order.unknown").severity == "critical"

    def test_tells_loudly_of_a_mistake_of_its_own_while_sending(
        self, desk: Robot, caplog: pytest.LogCaptureFixture
    ) -> None:
        order, wire = approved(desk.account, limit="90"), Wrapped(desk.gateway, after=raising(TypeError("a bug")))

        submit(desk, order, wire)

        told = AuditEvent.objects.get(event="order.unknown")
        assert told.severity == "critical"
        assert "TypeError" in told.sentence
        assert [record.exc_info is not None for record in caplog.records if record.levelname == "ERROR"] == [True]

    def test_sends_nothing_and_raises_where_the_order_cannot_be_written(
        self, desk: Robot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order, wire = approved(desk.account), Wrapped(desk.gateway)
        monkeypatch.setattr("trading.orders.submission._wire_order", raising(TypeError("a bug")))

        with pytest.raises(TypeError):
            submit(desk, order, wire)

        order.refresh_from_db()
        assert (order.status, wire.sends) == (OrderStatus.APPROVED, 0)

    def test_adopts_an_order_whose_id_the_broker_knows(self, desk: Robot) -> None:
        order = submit(desk, approved(desk.account, limit="90"))
        Order.objects.filter(pk=order.pk).update(broker_order_id=None)

        answer = desk.gateway.submit(_same(order))

        assert answer.broker_order_id == order.broker_order_id
        assert len(at_the_broker(desk)) == 1

    def test_withdraws_when_a_halt_came_after_the_approval(self, desk: Robot) -> None:
        order, wire = approved(desk.account), Wrapped(desk.gateway)
        halts.engage(level="H1", scope_kind="firm", scope_key="", reason="stop", by="ann", now=WALL)

        order = submit(desk, order, wire)

        assert (order.status, wire.sends) == (OrderStatus.WITHDRAWN, 0)
        assert "Halted (H1" in order.reason

    def test_lets_an_exit_leave_under_a_halt_of_entries(self, desk: Robot) -> None:
        order = approved(desk.account, purpose=Purpose.EXIT, side=Side.SELL)
        wire = Wrapped(desk.gateway)
        halts.engage(level="H2", scope_kind="firm", scope_key="", reason="stop", by="ann", now=WALL)

        submit(desk, order, wire)

        assert wire.sends == 1

    def test_sends_nothing_under_a_lease_that_was_taken_over(self, desk: Robot) -> None:
        order, wire = approved(desk.account), Wrapped(desk.gateway)
        old = lease(desk.account)
        lease(desk.account, holder="other", now=WALL + leases.LEASE)

        with pytest.raises(leases.Fenced):
            orders.submit(order.pk, gateway=wire, lease=old, now=WALL)

        order.refresh_from_db()
        assert (order.status, wire.sends) == (OrderStatus.APPROVED, 0)

    def test_sends_nothing_after_standing_still_since_the_last_look(
        self, desk: Robot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order, wire = approved(desk.account), Wrapped(desk.gateway)
        held = lease(desk.account)
        # The process is stopped for a minute right after the latch was read.
        clock = iter([WALL, WALL, WALL + timedelta(minutes=1)])
        monkeypatch.setattr(leases.Lease, "clock", lambda _: next(clock))

        order = orders.submit(order.pk, gateway=wire, lease=held, now=WALL)

        assert (order.status, wire.sends) == (OrderStatus.WITHDRAWN, 0)


def _same(order: Order) -> NewOrder:
    from trading.orders import submission

    return submission._wire_order(order)


@pytest.mark.django_db
class TestALiveAccount:
    def test_sends_no_entry_unless_it_is_armed(self) -> None:
        with robot(kind="live") as desk:
            desk.venue.step()
            wire = Wrapped(desk.gateway)

            order = submit(desk, approved(desk.account), wire)

            assert (order.status, wire.sends) == (OrderStatus.WITHDRAWN, 0)
            assert "not armed for live" in order.reason


@pytest.mark.django_db(transaction=True)
class TestManyHands:
    def test_send_one_order_once(self) -> None:
        with robot() as desk:
            desk.venue.step()
            order, held = approved(desk.account, limit="90"), lease(desk.account)
            start, sends = Barrier(HANDS), []

            def one(_: int) -> str:
                wire = Wrapped(factory.gateway_for(desk.account.number), after=lambda: sends.append(1))
                start.wait()
                try:
                    return orders.submit(order.pk, gateway=wire, lease=held, now=WALL).status
                finally:
                    factory._kept().clear()
                    connection.close()

            with ThreadPoolExecutor(HANDS) as hands:
                list(hands.map(one, range(HANDS)))

            order.refresh_from_db()
            assert len(sends) == len(at_the_broker(desk)) == 1
            assert order.status == OrderStatus.ACCEPTED
            assert AuditEvent.objects.filter(event="order.submitted").count() == 1

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
