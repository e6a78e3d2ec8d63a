"""A halt against four workers that decide and send as fast as they can at a running venue: nothing leaves after it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import override_settings

from config.env.accounts import BrokerAccount
from config.env.secret import Secret
from risk import halts
from tests.integration.trading import crowd
from tests.integration.trading.threads import until
from tests.venue import RunningVenue, account, flat, running_venue
from trading import leases, orders
from trading.broker import factory
from trading.broker.gateway import NewOrder, OrderReport
from trading.models import Account, Order, OrderIntent
from trading.venue.roster import Opening

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, ORDERS = 4, 40
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
            rows = list(crowd.market().values())
            accounts = [crowd.furnished(number) for number in NUMBERS]
            left: dict[Account, list[float]] = {each: [] for each in accounts}
            started = threading.Barrier(WORKERS + 1)

            def work(worker: Account, held: leases.Lease) -> None:
                gateway = Watched(worker.number, left[worker])
                try:
                    started.wait(20)
                    for instrument in rows:
                        decided = crowd.decide(crowd.entry(worker, instrument), held)
                        if decided.going is not None:
                            orders.send(decided.going, gateway=gateway, lease=held, now=held.clock())  # type: ignore[arg-type]
                finally:
                    gateway.close()
                    connection.close()

            with crowd.roomy(), ThreadPoolExecutor(WORKERS) as workers:
                working = [workers.submit(work, each, crowd.leased(each)) for each in accounts]
                started.wait(20)
                until(lambda: sum(map(len, left.values())) >= WORKERS)
                now = datetime.now(UTC)
                halts.engage(level="H1", scope_kind="firm", scope_key="", reason="stop", by="ann", now=now)
                engaged = time.monotonic()
                for each in working:
                    each.result(60)

            late = {each.number: sum(at > engaged for at in times) for each, times in left.items()}
            assert max(late.values()) <= 1, late  # marked as sent before the latch, on the wire just after it
            assert sum(map(len, left.values())) < WORKERS * ORDERS
            assert OrderIntent.objects.filter(denial_sentence__startswith="Halted (H1, firm)").exists()
            assert not Order.objects.filter(status="submitted").exists()


def _keys(venue: RunningVenue, openings: list[Opening]) -> dict[str, BrokerAccount]:
    return {
        each.number: BrokerAccount(
            each.number, "paper", Secret(each.keys.key_id), Secret(each.keys.secret), venue.url, venue.url,
            venue.stream_url, "",
        )
        for each in openings
    }  # fmt: skip
