"""A halt against orders on their way: after `engage` returned, nothing is marked as sent any more."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from risk import gate, halts, latch
from tests.orderpath import WALL, approved, lease, open_account, report
from trading import leases, orders
from trading.broker.gateway import NewOrder, OrderReport
from trading.choices import OrderStatus
from trading.models import Account, Order

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, ORDERS = 4, 8


def engage(account: Account) -> None:
    halts.engage(level="H1", scope_kind="account", scope_key=account.number, reason="stop", by="ann", now=WALL)


class Wire:
    """Answers every order at once, as a broker would."""

    def submit(self, order: NewOrder) -> OrderReport:
        return report(Order.objects.get(client_order_id=order.client_order_id), OrderStatus.ACCEPTED)


def in_thread[T](do: Callable[[], T]) -> Callable[[], T]:
    def run() -> T:
        try:
            return do()
        finally:
            connection.close()

    return run


class TestEngage:
    def test_lets_nothing_be_marked_as_sent_once_it_returned(self) -> None:
        late = 0
        for number in range(ROUNDS):
            account = open_account(f"PA{number:07d}")
            waiting = [approved(account) for _ in range(ORDERS)]
            held, begun = lease(account), threading.Event()

            def send(
                rows: list[Order] = waiting, held: leases.Lease = held, begun: threading.Event = begun, at: int = number
            ) -> None:
                for index, order in enumerate(rows):
                    orders.submit(order.pk, gateway=Wire(), lease=held, now=WALL)  # type: ignore[arg-type]
                    if index == at:
                        begun.set()

            with ThreadPoolExecutor(1) as worker:
                sending = worker.submit(in_thread(send))
                begun.wait(10)
                engage(account)
                marked = Order.objects.filter(account=account, submitted_at__isnull=False).count()
                sending.result(20)
            late += Order.objects.filter(account=account, submitted_at__isnull=False).count() - marked

        assert late == 0

    def test_waits_for_a_look_that_was_taken_before_it(self) -> None:
        """The race itself: the latch is read as open, then the halt comes, then the marking is committed."""
        account = open_account()
        order = approved(account)
        looked, returned = threading.Event(), threading.Event()
        at_commit: list[bool] = []

        def mark() -> None:
            with transaction.atomic():
                refusal = gate.permits_now(account=account.number, strategy="", symbol="AAPL", purpose="entry")
                assert refusal == ""
                looked.set()
                time.sleep(0.3)  # long enough for a halt that does not wait to be over
                Order.objects.filter(pk=order.pk).update(status=OrderStatus.SUBMITTED, submitted_at=WALL)
                at_commit.append(returned.is_set())

        with ThreadPoolExecutor(1) as worker:
            marking = worker.submit(in_thread(mark))
            looked.wait(10)
            engage(account)
            returned.set()
            seen = Order.objects.get(pk=order.pk).status
            marking.result(10)

        assert at_commit == [False]
        assert seen == OrderStatus.SUBMITTED

    def test_does_not_wait_for_ever_for_a_worker_that_stands_still(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(latch, "PATIENCE", "100ms")
        account = open_account()
        looked, go_on = threading.Event(), threading.Event()

        def stand_still() -> None:
            with transaction.atomic():
                gate.permits_now(account=account.number, strategy="", symbol="AAPL", purpose="entry")
                looked.set()
                go_on.wait(20)

        with ThreadPoolExecutor(1) as worker:
            standing = worker.submit(in_thread(stand_still))
            looked.wait(10)
            try:
                engage(account)
                refusal = halts.state(account=account.number).refusal("entry")
            finally:
                go_on.set()
            standing.result(10)

        assert refusal.startswith("Halted (H1")

    def test_leaves_the_patience_of_later_statements_alone(self) -> None:
        account = open_account()

        with transaction.atomic():
            engage(account)
            with connection.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                assert cursor.fetchone() == ("0",)
