"""The request budget that all processes share: one limit, whatever becomes of Redis."""

import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.integration.broker.conftest import Make
from tests.integration.broker.drawing import grown, taken
from tests.valkey import Valkey
from trading.broker.breaker import Group
from trading.broker.budget import Urgency
from trading.broker.gateway import BrokerUnavailable
from trading.broker.shared_ledger import SharedLedger

ROOT = Path(__file__).parents[3]


def headers(limit: int, left: int, turns_in: int) -> dict[str, str]:
    """What the broker tells; its clock is ours to the second."""
    at = int(time.time())
    date = format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)
    told = {"Limit": str(limit), "Remaining": str(left), "Reset": str(at + turns_in)}
    return {"Date": date, **{f"X-RateLimit-{name}": value for name, value in told.items()}}


class TestEnter:
    def test_keeps_half_for_what_is_urgent_over_all_processes(self, make: Make) -> None:
        began = time.monotonic()

        assert 100 <= taken(make()) <= 100 + grown(began)
        assert taken(make()) <= grown(began)
        assert 90 <= taken(make(), Urgency.URGENT) <= 100 + grown(began)

    def test_says_when_to_ask_again(self, make: Make) -> None:
        safeguards = make()
        taken(safeguards)

        with pytest.raises(BrokerUnavailable, match=r"budget of 200 a minute is spent; again in \d\.\d s"):
            safeguards.enter(Group.ORDERS, Urgency.ORDINARY)

    def test_asks_nobody_where_no_limit_is_known(self, make: Make, server: Valkey) -> None:
        safeguards = make(0)
        server.freeze()
        began = time.monotonic()

        assert taken(safeguards) == 1000

        assert time.monotonic() - began < 0.1

    def test_begins_to_share_with_the_first_limit_that_is_told(self, make: Make) -> None:
        first, second = make(0), make(0)
        first.answered(Group.ORDERS, headers(20, 19, 50))
        second.answered(Group.ORDERS, headers(20, 19, 50))

        assert taken(first) + taken(second) == 9

    def test_two_processes_draw_no_more_than_there_is(
        self, make: Make, server: Valkey, number: str, process_environment: dict[str, str]
    ) -> None:
        make().answered(Group.ORDERS, headers(200, 200, 59))
        command = [sys.executable, "-m", "tests.integration.broker.drawer", server.url, number]

        drawers = [
            subprocess.Popen(
                command, cwd=ROOT, env=process_environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        for each in drawers:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        # Emptied while they draw: what was granted is lost, and nothing is granted twice.
        emptying = threading.Timer(0.05, server.flush)
        emptying.start()
        for each in drawers:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        told = [json.loads(each.communicate(timeout=30)[0]) for each in drawers]
        emptying.join()

        assert all(each["ordinary"] + each["urgent"] for each in told)
        assert sum(each["ordinary"] for each in told) <= 100
        assert 150 <= sum(each["ordinary"] + each["urgent"] for each in told) <= 200


class TestStop:
    def test_holds_every_process(self, make: Make, server: Valkey) -> None:
        first, second = make(), make()
        first.stop(headers(200, 0, 30))

        with pytest.raises(BrokerUnavailable, match="429"):
            second.enter(Group.ORDERS, Urgency.ORDINARY)
        server.flush()
        with pytest.raises(BrokerUnavailable, match="429"):
            second.enter(Group.ORDERS, Urgency.ORDINARY)
        server.stop()
        with pytest.raises(BrokerUnavailable, match="429"):
            second.enter(Group.ORDERS, Urgency.ORDINARY)
        assert second.left(Urgency.URGENT) == 0

    def test_lets_one_urgent_call_a_second_through_over_all(self, make: Make) -> None:
        make().stop(headers(200, 0, 30))

        assert taken(make(), Urgency.URGENT) + taken(make(), Urgency.URGENT) == 1

    def test_throws_away_what_was_granted_before(self, make: Make) -> None:
        safeguards = make()
        safeguards.enter(Group.ORDERS, Urgency.ORDINARY)

        safeguards.stop({"Retry-After": "30"})

        assert taken(safeguards) == 0


class TestLearning:
    def test_believes_the_broker_when_strangers_use_the_keys(self, make: Make) -> None:
        first, second = make(), make()
        first.answered(Group.ORDERS, headers(200, 199, 50))
        taken(first, most=5)

        second.answered(Group.ORDERS, headers(200, 110, 50))

        assert taken(first) + taken(second) <= 10

    def test_keeps_a_larger_limit_for_all(self, make: Make) -> None:
        make().answered(Group.ORDERS, headers(1000, 999, 50))
        later = make()

        later.enter(Group.ORDERS, Urgency.ORDINARY)

        assert taken(later, Urgency.URGENT) > 900

    def test_tells_the_row_only_what_is_news(self, make: Make, ledger: SharedLedger) -> None:
        safeguards = make()
        safeguards.answered(Group.ORDERS, headers(200, 150, 50))
        found = ledger.read()
        safeguards.answered(Group.ORDERS, headers(200, 150, 50))
        again = ledger.read()

        assert found is not None
        assert again is not None
        assert found[0] == again[0]
