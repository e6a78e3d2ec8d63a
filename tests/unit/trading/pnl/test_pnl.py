"""Profit and loss agree with cash and market value, whatever was traded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trading import windows
from trading import lots, pnl
from trading.pnl import Drawdown, Holding, UnableToValue

shares = st.decimals("-1000", "1000", places=2).filter(bool)
prices = st.decimals("0.01", "5000", places=2)
amounts = st.lists(st.decimals("1", "1000000", places=2), min_size=1, max_size=40)


class TestProfit:
    @given(st.lists(st.tuples(shares, prices), max_size=25), prices)
    def test_realised_and_unrealised_are_the_change_of_cash_and_market_value(
        self, run: list[tuple[Decimal, Decimal]], mark: Decimal
    ) -> None:
        held: tuple[lots.Lot, ...] = ()
        realised = cash = Decimal(0)
        for i, (quantity, price) in enumerate(run):
            held, closed = lots.apply(held, lots.Fill(str(i), quantity, price, windows.OPEN))
            realised += sum((c.realised for c in closed), Decimal(0))
            cash += pnl.cash_change(quantity, price)

        holding = Holding(lots.quantity(held), lots.cost(held), mark)

        assert realised + holding.unrealised == cash + holding.market_value
        assert pnl.equity(cash, [holding]) == realised + pnl.unrealised([holding])

    def test_a_short_gains_when_the_mark_falls(self) -> None:
        short = Holding(Decimal(-10), Decimal(-1000), Decimal(90))

        assert short.market_value == -900
        assert short.unrealised == 100

    def test_fees_leave_cash_on_either_side(self) -> None:
        assert pnl.cash_change(Decimal(10), Decimal(5), Decimal("0.02")) == Decimal("-50.02")
        assert pnl.cash_change(Decimal(-10), Decimal(5), Decimal("0.02")) == Decimal("49.98")


class TestDay:
    def test_does_not_take_a_deposit_for_a_profit(self) -> None:
        assert pnl.day(Decimal(106_000), Decimal(100_000), adjustments=Decimal(5_000)) == 1_000
        assert pnl.day_fraction(Decimal(106_000), Decimal(100_000), Decimal(5_000)) == Decimal("0.01")

    @pytest.mark.parametrize("last", ["0", "-1"])
    def test_has_no_fraction_without_equity_at_the_last_close(self, last: str) -> None:
        with pytest.raises(UnableToValue, match="above 0"):
            pnl.day_fraction(Decimal(1), Decimal(last))


class TestDrawdown:
    def test_measures_from_the_peak_before(self) -> None:
        equities = [Decimal(e) for e in (100, 120, 90, 110)]

        assert pnl.drawdown(equities) == Drawdown(Decimal(10) / 120, Decimal("0.25"))

    @given(amounts)
    def test_lies_within_zero_and_one_and_is_never_above_the_deepest(self, equities: list[Decimal]) -> None:
        drawdown = pnl.drawdown(equities)

        assert 0 <= drawdown.current <= drawdown.deepest < 1
        assert (drawdown.deepest == 0) == (equities == sorted(equities))

    @pytest.mark.parametrize("equities", [[], [Decimal(0)], [Decimal(5), Decimal(-5)]])
    def test_refuses_what_has_no_peak(self, equities: list[Decimal]) -> None:
        with pytest.raises(UnableToValue, match="above 0"):
            pnl.drawdown(equities)
