"""Minutes drawn inside a day keep the day's figures."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trading.venue import minutes
from trading.venue.market import Bar
from trading.venue.values import SessionDay

OPEN = datetime(2012, 11, 23, 14, 30, tzinfo=UTC)


def session(length: int = 390) -> SessionDay:
    return SessionDay(OPEN.date(), OPEN, OPEN + timedelta(minutes=length))


def day_of(prices: str, volume: int) -> Bar:
    """A daily bar from ``open high low close``."""
    first, high, low, last = map(Decimal, prices.split())
    return Bar("IBM", OPEN, first, high, low, last, volume)


@st.composite
def days(draw: st.DrawFn) -> Bar:
    scale = draw(st.sampled_from([2, 4]))
    prices = sorted(draw(st.lists(st.integers(100, 10**7), min_size=4, max_size=4)))
    low, one, other, high = (Decimal(price).scaleb(-scale) for price in prices)
    first, last = draw(st.permutations([one, other]))
    return Bar("AAPL", OPEN, first, high, low, last, draw(st.integers(0, 10**9)))


class TestDraw:
    @given(days(), st.sampled_from([390, 210, 1, 2]), st.integers(0, 1000))
    def test_adds_up_to_the_day_exactly(self, day: Bar, length: int, seed: int) -> None:
        bars = minutes.draw(day, session(length), seed)

        assert len(bars) == length
        assert (bars[0].open, bars[-1].close) == (day.open, day.close)
        assert max(bar.high for bar in bars) == day.high
        assert min(bar.low for bar in bars) == day.low
        assert sum(bar.volume for bar in bars) == day.volume
        assert all(bar.volume >= 0 for bar in bars)

    @given(days(), st.sampled_from([390, 210]), st.integers(0, 1000))
    def test_gives_minutes_that_are_bars_and_follow_each_other(self, day: Bar, length: int, seed: int) -> None:
        bars = minutes.draw(day, session(length), seed)

        for bar in bars:
            assert day.low <= bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high <= day.high
            assert bar.vwap is not None
            assert bar.low <= bar.vwap <= bar.high
        for before, after in pairwise(bars):
            assert after.open == before.close
            assert after.start == before.start + timedelta(minutes=1)

    def test_draws_whole_cents_inside_a_day_that_is_not(self) -> None:
        day = day_of("27.05 28.1164 26.81 27.78", 54_064_800)

        bars = minutes.draw(day, session(), 7)

        odd = [price for bar in bars for price in (bar.open, bar.high, bar.low, bar.close) if price % Decimal("0.01")]
        assert set(odd) == {Decimal("28.1164")}

    def test_repeats_itself_by_seed_and_only_by_seed(self) -> None:
        day = day_of("200 203 199 201", 1_000_000)

        assert minutes.draw(day, session(), 1) == minutes.draw(day, session(), 1)
        assert minutes.draw(day, session(), 1) != minutes.draw(day, session(), 2)

    def test_trades_most_at_both_ends_of_the_day(self) -> None:
        day = day_of("200 203 199 201", 10_000_000)

        volumes = [bar.volume for bar in minutes.draw(day, session(), 1)]

        middle = sum(volumes[180:210])
        assert sum(volumes[:30]) > 1.5 * middle
        assert sum(volumes[-30:]) > 1.5 * middle
