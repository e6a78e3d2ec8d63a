"""The rate budget and the circuit breaker, on a clock of the test's own."""

from dataclasses import dataclass

import pytest

from trading.broker.breaker import LONGEST_PAUSE, TRIPS_AFTER, Breaker, Group
from trading.broker.budget import RateBudget, Urgency
from trading.broker.gateway import BrokerUnavailable


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(budget: RateBudget, urgency: Urgency) -> int:
    """How many calls the budget gives before it refuses."""
    for count in range(1000):
        try:
            budget.take(urgency)
        except BrokerUnavailable:
            return count
    return 1000


class TestRateBudget:
    def test_keeps_half_for_what_is_urgent(self, clock: Clock) -> None:
        budget = RateBudget(200, monotonic=clock)

        assert taken(budget, Urgency.ORDINARY) == 100
        assert taken(budget, Urgency.URGENT) == 100

    def test_refills_with_time(self, clock: Clock) -> None:
        budget = RateBudget(60, monotonic=clock)
        taken(budget, Urgency.ORDINARY)

        clock.now += 5

        assert taken(budget, Urgency.ORDINARY) == 5

    def test_limits_nothing_until_a_limit_is_told(self, clock: Clock) -> None:
        budget = RateBudget(monotonic=clock)
        assert taken(budget, Urgency.ORDINARY) == 1000

        budget.learn({"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "19"})

        assert taken(budget, Urgency.ORDINARY) == 9

    def test_believes_the_broker_when_less_is_left(self, clock: Clock) -> None:
        budget = RateBudget(200, monotonic=clock)

        budget.learn({"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "103"})

        assert taken(budget, Urgency.ORDINARY) == 3

    @pytest.mark.parametrize("odd", ["", "-1", "many", "1e9", "0", "9" * 99])
    def test_ignores_headers_that_say_nothing(self, clock: Clock, odd: str) -> None:
        budget = RateBudget(200, monotonic=clock)

        budget.learn({"X-RateLimit-Limit": odd})

        assert taken(budget, Urgency.ORDINARY) == 100

    def test_stops_until_the_brokers_window_turns(self, clock: Clock) -> None:
        budget = RateBudget(200, monotonic=clock, unix_time=lambda: 5000.0)

        assert budget.stop({"X-RateLimit-Reset": "5012"}) == 12
        assert taken(budget, Urgency.ORDINARY) == 0
        clock.now += 12
        assert taken(budget, Urgency.ORDINARY) == 100

    def test_lets_one_urgent_call_a_second_through_a_stop(self, clock: Clock) -> None:
        budget = RateBudget(200, monotonic=clock)
        budget.stop({})

        assert taken(budget, Urgency.URGENT) == 1
        clock.now += 1
        assert taken(budget, Urgency.URGENT) == 1

    @pytest.mark.parametrize("reset", ["999999999999", "1"])
    def test_waits_neither_for_ever_nor_not_at_all(self, clock: Clock, reset: str) -> None:
        budget = RateBudget(200, monotonic=clock, unix_time=lambda: 5000.0)

        assert 1 <= budget.stop({"X-RateLimit-Reset": reset}) <= 60


class TestBreaker:
    def broken(self, clock: Clock) -> Breaker:
        breaker = Breaker(Group.SUBMIT, monotonic=clock)
        for _ in range(TRIPS_AFTER):
            breaker.enter(Urgency.ORDINARY)
            breaker.failed()
        return breaker

    def test_opens_after_failures_in_a_row(self, clock: Clock) -> None:
        breaker = self.broken(clock)

        with pytest.raises(BrokerUnavailable, match="submit calls failed 5 times"):
            breaker.enter(Urgency.ORDINARY)

    def test_starts_counting_again_after_an_answer(self, clock: Clock) -> None:
        breaker = Breaker(Group.SUBMIT, monotonic=clock)
        for _ in range(TRIPS_AFTER * 3):
            breaker.failed()
            breaker.succeeded()

        breaker.enter(Urgency.ORDINARY)

    def test_lets_what_is_urgent_through(self, clock: Clock) -> None:
        self.broken(clock).enter(Urgency.URGENT)

    def test_lets_one_probe_through_and_closes_when_it_succeeds(self, clock: Clock) -> None:
        breaker = self.broken(clock)
        clock.now += 1

        breaker.enter(Urgency.ORDINARY)
        with pytest.raises(BrokerUnavailable):
            breaker.enter(Urgency.ORDINARY)

        breaker.succeeded()
        breaker.enter(Urgency.ORDINARY)

    def test_waits_longer_after_each_failed_probe_up_to_a_limit(self, clock: Clock) -> None:
        breaker = self.broken(clock)
        for _ in range(20):
            clock.now += LONGEST_PAUSE
            breaker.enter(Urgency.ORDINARY)
            breaker.failed()

        clock.now += LONGEST_PAUSE - 0.5
        with pytest.raises(BrokerUnavailable, match=r"in 0\.5 s"):
            breaker.enter(Urgency.ORDINARY)
