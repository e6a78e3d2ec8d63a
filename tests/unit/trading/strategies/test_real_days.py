"""The rules with their defaults on real days with drawn minutes: they trade, not too much, and in good time."""

import time
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.unit.trading import drawn_minutes
from trading.bars import Bar, BarWindow
from trading.strategies import registry
from trading.targets import Target

DAYS = ("2012-10-01", "2013-01-02", "2013-01-03")


@pytest.fixture(scope="module")
def market() -> dict[str, list[Bar]]:
    return {
        symbol: [bar for i, day in enumerate(DAYS) for bar in drawn_minutes.session(symbol, day, seed=100 * n + i)]
        for n, symbol in enumerate(drawn_minutes.SYMBOLS)
    }


def replay(name: str, symbol: str, bars: list[Bar]) -> list[Target]:
    """Every target the rule gives when each is filled at once."""
    rule, parameters = registry.HOUSE.parse(name, {})
    need, held, targets = rule.warm_up(parameters), Decimal(0), []
    for end in range(need, len(bars) + 1):
        target = rule.evaluate(BarWindow(symbol, tuple(bars[end - need : end])), parameters, held)
        if target is not None:
            targets.append(target)
            held = Decimal(10) if target.direction == "long" else Decimal(0)
    return targets


@pytest.mark.parametrize("name", registry.HOUSE.names())
class TestRulesOnRealDays:
    def test_enter_a_handful_of_times_a_session_and_leave_again(self, name: str, market: dict[str, list[Bar]]) -> None:
        directions = [[t.direction for t in replay(name, symbol, bars)] for symbol, bars in market.items()]

        counts = Counter(direction for each in directions for direction in each)
        assert len(DAYS) <= counts["long"] <= len(DAYS) * len(market) * 5
        assert counts["flat"] >= counts["long"] - len(market)
        # A rule never asks to enter what it holds, nor to leave what it does not.
        assert all(a != b for each in directions for a, b in pairwise(each))

    def test_give_the_same_answer_to_the_same_bars(self, name: str, market: dict[str, list[Bar]]) -> None:
        bars = market["IBM"][:500]

        assert replay(name, "IBM", bars) == replay(name, "IBM", bars)

    def test_answer_within_a_millisecond(self, name: str, market: dict[str, list[Bar]]) -> None:
        rule, parameters = registry.HOUSE.parse(name, {})
        window = BarWindow("AAPL", tuple(market["AAPL"][: rule.warm_up(parameters)]))
        seconds = []

        for _ in range(200):
            started = time.perf_counter()
            rule.evaluate(window, parameters, Decimal(0))
            seconds.append(time.perf_counter() - started)

        # The quickest of many: what the rule costs, whoever else uses the machine.
        assert min(seconds) < 0.001
