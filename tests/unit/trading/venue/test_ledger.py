"""What fills do to cash and holdings."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.venue.ledger import Ledger

trades = st.lists(
    st.tuples(
        st.integers(-500, 500).filter(bool).map(Decimal),
        st.integers(1, 100_000).map(lambda n: Decimal(n) / 100),
    ),
    max_size=30,
)


class TestTrade:
    def test_averages_the_price_of_added_shares(self) -> None:
        ledger = Ledger(Decimal(1000))

        ledger.trade("AAPL", Decimal(1), Decimal(10))
        ledger.trade("AAPL", Decimal(3), Decimal(14))

        assert ledger.holdings["AAPL"].average_price == Decimal(13)
        assert ledger.cash == Decimal(948)

    def test_keeps_the_average_when_shares_are_sold(self) -> None:
        ledger = Ledger(Decimal(0))

        ledger.trade("AAPL", Decimal(4), Decimal(10))
        ledger.trade("AAPL", Decimal(-1), Decimal(50))

        assert ledger.holdings["AAPL"].average_price == Decimal(10)
        assert ledger.holdings["AAPL"].cost == Decimal(30)

    @pytest.mark.parametrize("side", [1, -1])
    def test_opens_at_the_price_that_carries_it_through_zero(self, side: int) -> None:
        ledger = Ledger(Decimal(0))

        ledger.trade("AAPL", Decimal(4 * side), Decimal(10))
        ledger.trade("AAPL", Decimal(-6 * side), Decimal(20))

        assert ledger.qty("AAPL") == Decimal(-2 * side)
        assert ledger.holdings["AAPL"].average_price == Decimal(20)

    def test_forgets_a_holding_that_is_sold_out(self) -> None:
        ledger = Ledger(Decimal(0))

        ledger.trade("AAPL", Decimal(4), Decimal(10))
        ledger.trade("AAPL", Decimal(-4), Decimal(11))

        assert ledger.holdings == {}
        assert ledger.cash == Decimal(4)

    @given(trades)
    def test_changes_cash_by_quantity_times_price_and_nothing_else(self, fills: list[tuple[Decimal, Decimal]]) -> None:
        ledger = Ledger(Decimal(100_000))

        for qty, price in fills:
            ledger.trade("AAPL", qty, price)

        assert ledger.cash == Decimal(100_000) - sum(qty * price for qty, price in fills)
        assert ledger.qty("AAPL") == sum(qty for qty, _ in fills)


class TestRollDay:
    def test_measures_the_new_day_from_the_close(self) -> None:
        ledger = Ledger(Decimal(0))
        ledger.trade("AAPL", Decimal(4), Decimal(10))

        ledger.roll_day({"AAPL": Decimal(12)}.get)
        ledger.trade("AAPL", Decimal(1), Decimal(13))

        assert ledger.holdings["AAPL"].day_cost == Decimal(61)
        assert ledger.holdings["AAPL"].cost == Decimal(53)
