"""The request limit and the breakers in plain words."""

from datetime import UTC, datetime

import pytest

from trading.broker.breaker import Group
from trading.broker.shared_memory import Circuit
from trading.broker.standing import Standing
from trading.dashboard.presenters import calls

NOW = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
AT_EASE = Standing("broker.test", 200, 97, 197, circuits={})


class TestBudget:
    @pytest.mark.parametrize(
        ("standing", "tone", "said"),
        [
            (AT_EASE, "", "97 of 100 left of 200 requests a minute, 100 of 100 kept for cancels and halts"),
            (
                Standing("h", 200, 0, 40, circuits={}),
                "warn",
                "0 of 100 left of 200 requests a minute, 40 of 100 kept for cancels and halts",
            ),
            (Standing("h", None, circuits={}), "", "the broker told no limit of requests"),
            (
                Standing("h", 200, 3, 103, stopped_for=30.0, circuits={}),
                "bad",
                "the broker said stop (429): nothing ordinary before 10:00:30 ET; 3 of 100 left",
            ),
            (
                Standing("h", None, known=False, circuits={}),
                "bad",
                "the request budget cannot be read: only cancels and halts pass, and few",
            ),
        ],
    )
    def test_says_what_may_go_out(self, standing: Standing, tone: str, said: str) -> None:
        shown = calls.described(standing, NOW)

        assert (shown["tone"], shown["lines"]) == (tone, [said])


class TestBreakers:
    @pytest.mark.parametrize(
        ("circuit", "said"),
        [
            (
                Circuit(5, 20.0, 4.0),
                "sending orders: open, next try in 4.0\u202fs; since 09:59:40 ET, 5 failures in a row",
            ),
            (
                Circuit(7, 20.0, 0.0),
                "sending orders: half open, the next call is the one try; since 09:59:40 ET, 7 failures in a row",
            ),
        ],
    )
    def test_say_since_when_and_when_it_is_tried(self, circuit: Circuit, said: str) -> None:
        shown = calls.described(Standing("h", None, circuits={Group.SUBMIT: circuit}), NOW)

        assert (shown["tone"], shown["lines"][1]) == ("bad", said)
        assert shown["short"] == "1\u202fgroup of calls held back"

    def test_are_not_told_of_while_they_are_closed(self) -> None:
        shown = calls.described(Standing("h", None, circuits={Group.SUBMIT: Circuit(4, None, 0.0)}), NOW)

        assert shown["lines"] == ["the broker told no limit of requests"]

    def test_say_that_they_cannot_be_seen(self) -> None:
        shown = calls.described(Standing("h", None, circuits=None), NOW)

        assert shown["tone"] == "warn"
        assert shown["lines"][1] == "Redis does not answer: each process judges failures by itself"
