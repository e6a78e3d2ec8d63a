"""The small line of a position keeps within its picture."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as draw

from trading.dashboard.presenters import marks

PRICES = draw.lists(draw.decimals(min_value="0.01", max_value=5000, places=2), min_size=2, max_size=60)


class TestPoints:
    @given(PRICES)
    def test_stay_inside_the_picture(self, prices: list[Decimal]) -> None:
        points = [tuple(map(Decimal, point.split(","))) for point in marks.points(prices).split()]

        assert len(points) == len(prices)
        assert all(0 <= x <= 64 and 2 <= y <= 16 for x, y in points)

    def test_are_higher_for_a_higher_price(self) -> None:
        first, last = marks.points([Decimal(10), Decimal(11)]).split()

        assert Decimal(first.split(",")[1]) > Decimal(last.split(",")[1])

    def test_are_none_for_a_single_price(self) -> None:
        assert marks.points([Decimal(10)]) == ""
