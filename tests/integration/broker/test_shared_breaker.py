"""The circuit breakers that all processes share, and that they judge as a process's own does."""

import threading
import time
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.broker.conftest import Make
from tests.valkey import Valkey
from trading.broker.breaker import FIRST_PAUSE, TRIPS_AFTER, Breaker, Group
from trading.broker.budget import Urgency
from trading.broker.gateway import BrokerUnavailable
from trading.broker.safeguards import Shared
from trading.broker.shared_memory import Said, SharedMemory


def broken(safeguards: Shared, group: Group = Group.SUBMIT) -> None:
    for _ in range(TRIPS_AFTER):
        safeguards.failed(group, {})


def passes(safeguards: Shared, group: Group = Group.SUBMIT, urgency: Urgency = Urgency.ORDINARY) -> bool:
    try:
        safeguards.enter(group, urgency)
    except BrokerUnavailable:
        return False
    return True


class TestBreaker:
    def test_opens_for_every_process(self, make: Make) -> None:
        first, second = make(), make()
        broken(first)

        with pytest.raises(BrokerUnavailable, match=r"submit calls failed 5 times in a row; the next try is in [01]\."):
            second.enter(Group.SUBMIT, Urgency.ORDINARY)

    def test_counts_the_failures_of_all(self, make: Make) -> None:
        for each in [make() for _ in range(TRIPS_AFTER)]:
            each.failed(Group.SUBMIT, {})

        assert not passes(make())

    def test_leaves_other_groups_alone(self, make: Make) -> None:
        broken(make())

        assert passes(make(), Group.ORDERS)

    def test_lets_cancels_through(self, make: Make) -> None:
        broken(make(), Group.CANCEL)

        assert all(passes(make(), Group.CANCEL, Urgency.URGENT) for _ in range(3))

    def test_lets_exactly_one_probe_through_over_all_and_closes_when_it_is_answered(self, make: Make) -> None:
        makers = [make() for _ in range(8)]
        broken(makers[0])
        time.sleep(FIRST_PAUSE + 0.02)
        gate, passed = threading.Barrier(len(makers)), []

        def probe(each: Shared) -> None:
            gate.wait()
            if passes(each):
                passed.append(each)

        threads = [threading.Thread(target=probe, args=(each,)) for each in makers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(passed) == 1
        passed[0].answered(Group.SUBMIT, {})
        assert all(map(passes, makers))

    def test_is_closed_by_any_answer(self, make: Make) -> None:
        first, second = make(), make()
        for _ in range(TRIPS_AFTER - 1):
            first.failed(Group.SUBMIT, {})
        second.enter(Group.SUBMIT, Urgency.ORDINARY)
        second.answered(Group.SUBMIT, {})

        first.failed(Group.SUBMIT, {})

        assert passes(second)

    def test_is_the_process_s_own_while_redis_is_away(self, make: Make, server: Valkey) -> None:
        server.stop()
        first, second = make(), make()
        broken(first)

        assert not passes(first)
        assert passes(second)

    def test_is_shared_at_a_venue_without_limits_once_something_fails(self, make: Make) -> None:
        first, second = make(0), make(0)
        broken(first)
        assert passes(second)

        second.failed(Group.SUBMIT, {})

        assert not passes(second)


@dataclass
class Clock:
    now: float

    def __call__(self) -> float:
        return self.now


class TestParity:
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(events=st.lists(st.sampled_from(["fail", "answer", "ask", "cancel"]), max_size=25))
    def test_one_rule_here_and_there(self, memory: SharedMemory, events: list[str]) -> None:
        """Within one pause the two clocks need not be compared."""
        memory.closed(Group.PRICES)
        own = Breaker(Group.PRICES, monotonic=Clock(1000.0))
        for event in events:
            if event == "fail":
                own.failed()
                memory.failed(Group.PRICES)
            elif event == "answer":
                own.succeeded()
                memory.closed(Group.PRICES)
            else:
                urgency = Urgency.URGENT if event == "cancel" else Urgency.ORDINARY
                said = memory.enter(Group.PRICES, urgency, limited=False)
                try:
                    own.enter(urgency)
                    assert said.said is Said.GRANTED
                except BrokerUnavailable:
                    assert said.said is Said.BROKEN

        counted = memory.circuits().get(Group.PRICES)
        assert (counted.failures if counted else 0) == own.failures
        assert (counted is not None and counted.open_for is not None) == own.is_open
