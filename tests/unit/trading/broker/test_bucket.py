"""The budget's arithmetic: whatever is drawn and told in whatever order, no window sees more than the limit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading import error_rules
from trading.broker import bucket, rate_headers
from trading.broker.bucket import Bucket, Told

STEPS = st.lists(
    st.tuples(st.floats(0, 90), st.integers(1, 50), st.booleans(), st.integers(0, 3)), min_size=1, max_size=60
)
"""(seconds gone, calls wanted, urgent, what is told beside it)"""


def take(kept: Bucket, wanted: int, now: float, *, urgent: bool) -> tuple[Bucket, int]:
    count = min(wanted, bucket.room(kept, now, urgent=urgent))
    return bucket.drawn(kept, count, now), count


class TestDrawing:
    @given(limit=st.integers(2, 500), steps=STEPS)
    def test_never_overdraws_and_never_touches_the_reserve(
        self, limit: int, steps: list[tuple[float, int, bool, int]]
    ) -> None:
        kept, now = bucket.full(limit, 0.0), 0.0
        for gone, wanted, urgent, _ in steps:
            now += gone
            kept, count = take(kept, wanted, now, urgent=urgent)

            assert kept.tokens >= 0
            if count and not urgent:
                assert kept.tokens >= limit * bucket.RESERVE

    @given(limit=st.integers(2, 500), steps=STEPS)
    def test_lets_no_more_into_the_brokers_window_than_it_allows(
        self, limit: int, steps: list[tuple[float, int, bool, int]]
    ) -> None:
        """The broker counts in fixed minutes and tells what it counted after each step."""
        now, minute, used = 1000.0, 1000.0 // 60, 0
        kept = bucket.learned(bucket.full(limit, now), Told(limit, limit, 60 - now % 60), now)
        for gone, wanted, urgent, telling in steps:
            now += gone
            minute, used = (now // 60, 0) if now // 60 != minute else (minute, used)
            kept, count = take(kept, wanted, now, urgent=urgent)
            used += count

            assert used <= limit
            if telling:
                # Answers come late and out of order: some tell of fewer calls than were made.
                kept = bucket.learned(kept, Told(limit, limit - max(0, used - telling + 1), 60 - now % 60), now)

    @given(limit=st.integers(2, 500), drawn=st.integers(0, 500), ends=st.floats(0, 60), urgent=st.booleans())
    def test_tells_truly_when_the_next_call_passes(self, limit: int, drawn: int, ends: float, urgent: bool) -> None:
        kept = bucket.learned(bucket.full(limit, 0.0), Told(limit, limit, ends or None), 0.0)
        kept, _ = take(kept, drawn, 0.0, urgent=True)

        wait = bucket.wait(kept, 0.0, urgent=urgent)

        assert bucket.room(kept, wait + 0.01, urgent=urgent) >= 1
        assert wait < 0.05 or bucket.room(kept, wait - 0.05, urgent=urgent) == 0

    def test_gives_nothing_for_a_clock_that_goes_back(self) -> None:
        kept, _ = take(bucket.full(60, 100.0), 60, 100.0, urgent=True)

        back = bucket.at(kept, 40.0)

        assert bucket.room(back, 100.0, urgent=True) == 0


class TestLearned:
    @given(left=st.lists(st.integers(0, 200), min_size=1))
    def test_only_lowers_within_a_window(self, left: list[int]) -> None:
        kept = bucket.full(200, 0.0)
        for each in left:
            kept = bucket.learned(kept, Told(200, each, 30.0), 0.0)

        assert kept.window_left == min(left)

    def test_begins_anew_with_the_brokers_next_window(self) -> None:
        kept = bucket.learned(bucket.full(200, 0.0), Told(200, 3, 30.0), 0.0)

        turned = bucket.learned(kept, Told(200, 150, 55.0), 35.0)

        assert (turned.window_left, turned.window_ends) == (150, 90.0)

    def test_hears_no_answer_of_a_window_that_is_over(self) -> None:
        kept = bucket.learned(bucket.full(200, 0.0), Told(200, 150, 50.0), 0.0)

        late = bucket.learned(kept, Told(200, 0, -3.0), 0.0)

        assert (late.window_left, late.window_ends) == (150, 50.0)

    def test_takes_a_smaller_limit_at_once(self) -> None:
        assert bucket.learned(bucket.full(200, 0.0), Told(50), 0.0).tokens == 50


class TestProbed:
    def test_comes_once_a_second(self) -> None:
        first = bucket.probed(bucket.stopped(bucket.full(10, 0.0), 30, 0.0), 0.0)

        assert first is not None
        assert bucket.probed(first, 0.9) is None
        assert bucket.probed(first, 1.0) is not None

    def test_leaves_the_stop_as_it_is(self) -> None:
        kept = bucket.stopped(bucket.full(10, 0.0), 30, 0.0)

        assert bucket.probed(kept, 0.0) == replace(kept, probed_at=0.0)
        assert bucket.stopped(kept, 3, 0.0).stopped_until == 30


class TestRateHeaders:
    DATE = "Mon, 05 Jan 2026 15:00:00 GMT"
    AT = 1767625200

    def test_reads_the_turn_by_the_brokers_own_clock(self) -> None:
        headers = {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "7", "X-RateLimit-Reset": str(self.AT + 20)}

        assert rate_headers.read({**headers, "Date": self.DATE}, 0.0) == Told(200, 7, 20)
        assert rate_headers.read(headers, self.AT + 5.0) == Told(200, 7, 15)

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry-After": "7", "X-RateLimit-Reset": str(AT + 30)}, 7),
            ({"Retry-After": "Mon, 05 Jan 2026 15:00:09 GMT"}, 9),
            ({"Retry-After": "soon", "X-RateLimit-Reset": str(AT + 30)}, 30),
            ({"X-RateLimit-Reset": str(AT - 30)}, rate_headers.SHORTEST),
            ({"Retry-After": "86400"}, rate_headers.LONGEST),
            ({"Date": "yesterday"}, error_rules.BACK_OFF),
            ({}, error_rules.BACK_OFF),
        ],
    )
    def test_honours_what_a_429_says(self, headers: dict[str, str], seconds: float) -> None:
        assert rate_headers.pause({"Date": self.DATE, **headers}, 0.0) == seconds
