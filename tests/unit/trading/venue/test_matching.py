"""When and at what price a bar or a quote meets an order."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.venue import matching
from trading.venue.market import Bar
from trading.venue.matching import BarPath, Touch
from trading.venue.words import Side

START = datetime(2013, 1, 2, 14, 30, tzinfo=UTC)
cents = st.integers(min_value=100, max_value=20_000).map(lambda n: Decimal(n) / 100)


def path(opening: str, high: str, low: str, close: str) -> BarPath:
    return BarPath(Bar("AAPL", START, Decimal(opening), Decimal(high), Decimal(low), Decimal(close), 1000))


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    prices = sorted(draw(st.lists(cents, min_size=4, max_size=4)))
    opening, close = draw(st.permutations(prices[1:3]))
    return Bar("AAPL", START, opening, prices[3], prices[0], close, draw(st.integers(0, 100_000)))


class TestBarPath:
    def test_visits_the_nearer_extreme_first(self) -> None:
        nearer_high = path("100", "101", "97", "99")

        assert nearer_high.rises_to(Decimal("101")) == Touch(Decimal(1), Decimal(101))
        assert nearer_high.falls_to(Decimal("97")) == Touch(Decimal(5), Decimal(97))

    def test_gives_the_open_where_it_gaps_past_the_price(self) -> None:
        assert path("95", "96", "94", "95").falls_to(Decimal("98")) == Touch(Decimal(0), Decimal(95))

    def test_does_not_look_back(self) -> None:
        down_first = path("100", "104", "99", "103")

        assert down_first.falls_to(Decimal("99"), after=Decimal(2)) is None

    @given(bars(), cents)
    def test_touches_a_price_exactly_when_the_bar_reaches_it(self, bar: Bar, price: Decimal) -> None:
        walked = BarPath(bar)

        assert (walked.falls_to(price) is not None) == (bar.low <= price)
        assert (walked.rises_to(price) is not None) == (bar.high >= price)

    @given(bars(), cents)
    def test_never_trades_outside_the_bar_or_worse_than_asked(self, bar: Bar, price: Decimal) -> None:
        touch = BarPath(bar).falls_to(price)

        if touch is not None:
            assert bar.low <= touch.price <= min(price, bar.high)
            assert BarPath(bar).price_at(touch.at) == touch.price


class TestOnTick:
    @pytest.mark.parametrize(
        ("price", "side", "expected"),
        [
            ("10.005", Side.BUY, "10.01"),
            ("10.005", Side.SELL, "10.00"),
            ("10.01", Side.BUY, "10.01"),
            ("0.12345", Side.BUY, "0.1235"),
            ("0.12345", Side.SELL, "0.1234"),
        ],
    )
    def test_rounds_against_the_one_who_trades(self, price: str, side: Side, expected: str) -> None:
        assert matching.on_tick(Decimal(price), side) == Decimal(expected)
