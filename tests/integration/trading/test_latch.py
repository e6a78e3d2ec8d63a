"""The latch by itself: how long a halt waits for those who have looked at it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from risk import gate, halts, latch
from tests.integration.trading.threads import in_thread
from tests.orderpath import WALL, open_account
from trading.models import Account

pytestmark = pytest.mark.django_db(transaction=True)


def engage(account: Account) -> None:
    halts.engage(level="H1", scope_kind="account", scope_key=account.number, reason="stop", by="ann", now=WALL)


class TestEngage:
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
