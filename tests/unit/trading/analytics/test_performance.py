"""Performance figures against hand-worked cases, and None where they cannot be known."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.unit.trading import windows
from trading.analytics import performance
from trading.analytics.performance import EquityPoint, UnableToMeasure

DAY = timedelta(days=1)


def points(*equities: int, step: timedelta = DAY, start: datetime = windows.OPEN) -> list[EquityPoint]:
    return [EquityPoint(start + step * i, Decimal(equity)) for i, equity in enumerate(equities)]


class TestMeasure:
    def test_works_out_a_small_history(self) -> None:
        measured = performance.measure(points(100, 110, 99, 121), [Decimal(30), Decimal(-10), Decimal(5), Decimal(0)])

        assert measured.total_return == Decimal("0.21")
        assert measured.max_drawdown == Decimal("0.1")
        assert measured.trades == 4
        assert measured.win_rate == Decimal("0.5")
        assert measured.profit_factor == Decimal("3.5")
        assert measured.average_win == Decimal("17.5")
        assert measured.average_loss == Decimal(-10)

    def test_knows_nothing_from_nothing(self) -> None:
        measured = performance.measure([], [])

        assert measured == performance.Performance(None, None, None, 0, None, None, None, None)

    def test_has_no_profit_factor_without_a_loss(self) -> None:
        assert performance.measure([], [Decimal(5)]).profit_factor is None

    def test_refuses_equity_not_above_zero(self) -> None:
        with pytest.raises(UnableToMeasure, match="above 0"):
            performance.measure(points(100, 0), [])


class TestSessionCloses:
    def test_keeps_the_last_mark_of_each_new_york_date(self) -> None:
        marks = points(100, 101, 102, 103, step=timedelta(hours=8))

        closes = performance.session_closes(marks)

        assert [(day.isoformat(), equity) for day, equity in closes] == [
            ("2013-01-02", Decimal(101)),
            ("2013-01-03", Decimal(103)),
        ]

    def test_refuses_marks_out_of_order(self) -> None:
        with pytest.raises(UnableToMeasure, match="sort them"):
            performance.session_closes(reversed(points(100, 101)))


class TestSharpe:
    def test_annualises_mean_over_sample_deviation(self) -> None:
        # Mean 0.01, sample deviation 0.01: the ratio is the root of 252.
        found = performance.sharpe([Decimal("0.00"), Decimal("0.01"), Decimal("0.02")])

        assert found is not None
        assert abs(found - Decimal(252).sqrt()) < Decimal("1e-12")

    def test_takes_the_risk_free_return_off(self) -> None:
        assert performance.sharpe([Decimal("0.01"), Decimal("0.03")], risk_free=Decimal("0.02")) == 0

    @pytest.mark.parametrize("returns", [[], ["0.01"], ["0.01", "0.01"]])
    def test_is_none_where_returns_are_too_few_or_the_same(self, returns: list[str]) -> None:
        assert performance.sharpe([Decimal(r) for r in returns]) is None
