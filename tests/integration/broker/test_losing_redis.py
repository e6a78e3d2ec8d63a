"""What becomes of the shared budget when Redis, and then the database too, are emptied, frozen or gone."""

import threading
import time
from typing import Any

import psycopg
import pytest

from tests.integration.broker.conftest import Make
from tests.integration.broker.drawing import grown, taken
from tests.valkey import Valkey
from trading.broker.breaker import Group
from trading.broker.budget import Urgency
from trading.broker.gateway import BrokerUnavailable
from trading.broker.safeguards import ALONE
from trading.broker.shared_ledger import _ROW, SharedLedger
from trading.broker.shared_ledger import Line as LedgerLine
from trading.broker.shared_memory import LEFT_ALONE, Said, SharedMemory

NOWHERE = {"host": "127.0.0.1", "port": 1, "connect_timeout": 2}


class TestLosingRedis:
    def test_lets_nothing_more_out_when_it_is_emptied(self, make: Make, server: Valkey) -> None:
        safeguards, began = make(), time.monotonic()
        before = taken(safeguards, most=45)

        server.flush()

        assert before + taken(safeguards) <= 100 + grown(began)

    def test_lets_nothing_more_out_when_it_is_gone(self, make: Make, server: Valkey) -> None:
        safeguards, began = make(), time.monotonic()
        before = taken(safeguards, most=45)

        server.stop()

        after = taken(safeguards)
        assert after > 40
        assert before + after <= 100 + grown(began)

    def test_waits_for_a_frozen_one_once_and_then_leaves_it_alone(self, make: Make, server: Valkey) -> None:
        safeguards = make()
        safeguards.enter(Group.ORDERS, Urgency.ORDINARY)
        server.freeze()
        waits = []

        for _ in range(10):
            began = time.monotonic()
            safeguards.enter(Group.SUBMIT, Urgency.ORDINARY)
            waits.append(time.monotonic() - began)

        assert max(waits) < 0.3
        assert sorted(waits)[-2] < 0.1

    def test_gives_nothing_twice_when_a_frozen_one_wakes(self, make: Make, server: Valkey) -> None:
        safeguards, began = make(), time.monotonic()
        count = taken(safeguards, most=11)
        server.freeze()
        count += taken(safeguards, most=20)

        server.thaw()
        count += taken(make())

        assert count <= 100 + grown(began)

    def test_hears_a_grant_too_late_without_harm_to_a_fresh_one(self, memory: SharedMemory) -> None:
        entry = memory.enter(Group.ORDERS, Urgency.ORDINARY, limited=True)
        memory.add(Urgency.ORDINARY, 2, ends=entry.at + 10_000)

        memory.add(Urgency.ORDINARY, 50, ends=entry.at - 1)

        said = [memory.enter(Group.ORDERS, Urgency.ORDINARY, limited=True).said for _ in range(3)]
        assert said == [Said.GRANTED, Said.GRANTED, Said.EMPTY]

    def test_asks_it_again_after_some_seconds(self, make: Make, server: Valkey) -> None:
        safeguards = make()
        server.freeze()
        safeguards.enter(Group.ORDERS, Urgency.ORDINARY)
        line = safeguards._memory._line
        server.thaw()

        line._away_until -= LEFT_ALONE
        safeguards.enter(Group.ORDERS, Urgency.ORDINARY)

        assert line._away_until == 0.0


class TestLosingBoth:
    def test_lets_only_cancels_through_and_few_of_them(self, make: Make, server: Valkey, number: str) -> None:
        server.stop()
        safeguards = make(to=SharedLedger(number, "broker.test", first_limit=200, to=LedgerLine(lambda: NOWHERE)))

        with pytest.raises(BrokerUnavailable, match="neither Redis nor the database answers"):
            safeguards.enter(Group.SUBMIT, Urgency.ORDINARY)
        assert taken(safeguards, Urgency.URGENT) == ALONE
        assert safeguards.left(Urgency.ORDINARY) == 0

    def test_gives_up_a_database_that_does_not_answer(self, make: Make, server: Valkey, ledger: SharedLedger) -> None:
        safeguards = make()
        safeguards.enter(Group.ORDERS, Urgency.ORDINARY)
        server.stop()
        holding, done = threading.Event(), threading.Event()
        other = SharedLedger(*ledger._key, first_limit=200, to=LedgerLine(ledger._line._parameters))

        def lock(cursor: psycopg.Cursor[Any]) -> None:
            cursor.execute(f"{_ROW} FOR UPDATE", other._key)
            holding.set()
            done.wait(10)

        def hold() -> None:
            other._line.run(lock)

        thread = threading.Thread(target=hold)
        thread.start()
        holding.wait(10)
        began = time.monotonic()
        with pytest.raises(BrokerUnavailable, match="neither"):
            safeguards.enter(Group.SUBMIT, Urgency.ORDINARY)

        assert time.monotonic() - began < 1.5
        done.set()
        thread.join()
