"""A halt against four workers that send as fast as they can at a running venue: nothing leaves after the latch."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import override_settings

from config.env.accounts import BrokerAccount
from config.env.secret import Secret
from risk import halts
from tests.orderpath import WALL, approved, lease, open_account
from tests.venue import RunningVenue, account, flat, running_venue
from trading import leases, orders
from trading.broker import factory
from trading.broker.gateway import NewOrder, OrderReport
from trading.models import Account, Order
from trading.venue.roster import Opening

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, ORDERS = 4, 12
NUMBERS = [f"PA000000{each}" for each in range(1, WORKERS + 1)]


class Watched:
    """A worker's own gateway to the venue that notes when each POST leaves."""

    def __init__(self, number: str, left: list[float]) -> None:
        self._gateway, self._left = factory.another(number), left

    def submit(self, order: NewOrder) -> OrderReport:
        self._left.append(time.monotonic())
        return self._gateway.submit(order)

    def close(self) -> None:
        self._gateway.close()


class TestHaltUnderLoad:
    def test_lets_no_more_than_what_is_on_the_wire_leave(self) -> None:
        openings = [account(key=f"PK{each}", number=number) for each, number in enumerate(NUMBERS)]
        with running_venue(flat(), openings) as venue, override_settings(BROKER_ACCOUNTS=_keys(venue, openings)):
            venue.step()
            accounts = [open_account(number) for number in NUMBERS]
            waiting = {each: [approved(each, limit="60") for _ in range(ORDERS)] for each in accounts}
            left: dict[Account, list[float]] = {each: [] for each in accounts}
            started = threading.Barrier(WORKERS + 1)

            def work(worker: Account, held: leases.Lease) -> None:
                gateway = Watched(worker.number, left[worker])
                try:
                    started.wait(20)
                    for order in waiting[worker]:
                        orders.submit(order.pk, gateway=gateway, lease=held, now=WALL)  # type: ignore[arg-type]
                finally:
                    gateway.close()
                    connection.close()

            with ThreadPoolExecutor(WORKERS) as workers:
                working = [workers.submit(work, each, lease(each)) for each in accounts]
                started.wait(20)
                _until(lambda: sum(map(len, left.values())) >= WORKERS)
                halts.engage(level="H1", scope_kind="firm", scope_key="", reason="stop", by="ann", now=WALL)
                engaged = time.monotonic()
                for each in working:
                    each.result(60)

            late = {each.number: sum(at > engaged for at in times) for each, times in left.items()}
            assert max(late.values()) <= 1, late  # marked as sent before the latch, on the wire just after it
            assert sum(map(len, left.values())) < WORKERS * ORDERS
            assert Order.objects.filter(status="withdrawn", reason__startswith="Halted (H1, firm)").exists()
            assert not Order.objects.filter(status="approved").exists()


def _keys(venue: RunningVenue, openings: list[Opening]) -> dict[str, BrokerAccount]:
    return {
        each.number: BrokerAccount(
            each.number, "paper", Secret(each.keys.key_id), Secret(each.keys.secret), venue.url, venue.url,
            venue.stream_url, "",
        )
        for each in openings
    }  # fmt: skip


def _until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not seen() and time.monotonic() < deadline:
        time.sleep(0.001)
