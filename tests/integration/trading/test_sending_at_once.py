"""Several orders sent together: each is saved before any leaves, and each ends as it would have alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.orderpath import WALL, going, lease, open_account
from trading import leases, orders
from trading.broker import alpaca_wire
from trading.broker.gateway import BrokerRejected, BrokerUnavailable, NewOrder, OrderReport, OutcomeUnknown
from trading.models import Account, Order

pytestmark = pytest.mark.django_db(transaction=True)


class Broker:
    """Answers as it is told and notes what was sent."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.sent: list[str] = []

    def submit(self, order: NewOrder) -> OrderReport:
        self.sent.append(order.client_order_id)
        if self.failure is not None:
            raise self.failure
        return alpaca_wire.order_report(
            {
                "id": f"b-{order.client_order_id}",
                "client_order_id": order.client_order_id,
                "symbol": order.symbol,
                "status": "new",
                "qty": f"{order.quantity:f}",
            }
        )


class Meeting(Broker):
    """Answers only when all of them are on the wire."""

    def __init__(self, barrier: threading.Barrier) -> None:
        super().__init__()
        self._barrier = barrier

    def submit(self, order: NewOrder) -> OrderReport:
        self._barrier.wait(10)
        return super().submit(order)


class TestLeave:
    def test_has_all_on_the_wire_at_the_same_time(self) -> None:
        account = open_account()
        waiting = [going(account, limit="60") for _ in range(3)]
        together = threading.Barrier(3)

        sent = send(account, waiting, [Meeting(together) for _ in range(3)])

        assert {order.status for order in sent.values()} == {"accepted"}
        known = {order.broker_order_id for order in sent.values()}
        assert known == {f"b-{each.wire.client_order_id}" for each in waiting}

    def test_ends_each_as_its_own_answer_says(self) -> None:
        account = open_account()
        waiting = [going(account, limit="60") for _ in range(4)]
        failures = [None, BrokerRejected("no"), BrokerUnavailable("away"), OutcomeUnknown("silence")]

        sent = send(account, waiting, [Broker(each) for each in failures])

        assert [sent[each.order.pk].status for each in waiting] == ["accepted", "rejected", "withdrawn", "unknown"]

    def test_sends_nothing_where_gateways_are_too_few(self) -> None:
        account, only = open_account(), Broker()
        waiting = [going(account, limit="60") for _ in range(2)]

        with pytest.raises(ValueError, match="2 orders cannot leave at once by 1 gateways"):
            send(account, waiting, [only])

        assert only.sent == []
        assert set(Order.objects.values_list("status", flat=True)) == {"submitted"}

    def test_does_nothing_where_there_is_nothing_to_send(self) -> None:
        assert send(open_account(), [], []) == {}


def send(account: Account, waiting: list[orders.Going], brokers: list[Broker]) -> dict[int, Order]:
    held = lease(account)
    try:
        with ThreadPoolExecutor(4) as hands:
            flight = orders.leave(waiting, gateways=brokers, lease=held, hands=hands)  # type: ignore[arg-type]
            return orders.land([flight], now=WALL)
    finally:
        leases.release(held, now=WALL)
