"""Exposure, concentration and value at risk against hand-worked cases."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.analytics import risk
from trading.analytics.risk import UnableToAssess

values = st.dictionaries(st.sampled_from(["A", "B", "C", "D"]), st.decimals("-10000", "10000", places=2))


class TestExposure:
    def test_counts_shorts_in_gross_and_against_net(self) -> None:
        found = risk.exposure({"AAPL": Decimal(3000), "IBM": Decimal(-1000)}, Decimal(10_000))

        assert (found.long, found.short) == (Decimal("0.3"), Decimal("0.1"))
        assert (found.gross, found.net) == (Decimal("0.4"), Decimal("0.2"))
        assert (found.largest_symbol, found.largest) == ("AAPL", Decimal("0.3"))
        assert found.concentration == Decimal("0.625")

    def test_is_all_zero_with_nothing_held(self) -> None:
        found = risk.exposure({}, Decimal(10_000))

        assert not any((found.long, found.short, found.gross, found.net, found.largest, found.concentration))
        assert found.largest_symbol == ""

    @given(values)
    def test_keeps_net_within_gross_and_concentration_within_its_bounds(self, held: dict[str, Decimal]) -> None:
        found = risk.exposure(held, Decimal(100_000))

        assert abs(found.net) <= found.gross
        assert found.largest <= found.gross
        if found.gross:
            assert Decimal("0.2499999") <= found.concentration <= Decimal("1.0000001")

    @pytest.mark.parametrize("equity", ["0", "-5", "NaN"])
    def test_refuses_equity_not_above_zero(self, equity: str) -> None:
        with pytest.raises(UnableToAssess, match="above 0"):
            risk.exposure({}, Decimal(equity))


class TestValueAtRisk:
    RETURNS = tuple(Decimal(i) / 1000 for i in range(-10, 10))  # twenty returns, -1.0 % to +0.9 %

    def test_is_the_loss_at_the_rank_of_the_confidence(self) -> None:
        # Nineteenth of twenty losses in rising order is 0.9 %; one in twenty was worse.
        assert risk.value_at_risk(self.RETURNS, Decimal(100_000)) == 900

    def test_is_never_below_zero(self) -> None:
        gains = [Decimal("0.01")] * 20

        assert risk.value_at_risk(gains, Decimal(100_000)) == 0

    def test_is_none_where_the_past_is_too_short(self) -> None:
        assert risk.value_at_risk(self.RETURNS[:19], Decimal(100_000)) is None

    @pytest.mark.parametrize("confidence", ["0.49", "1", "NaN"])
    def test_refuses_a_confidence_outside_its_range(self, confidence: str) -> None:
        with pytest.raises(UnableToAssess, match=r"from 0\.5 to below 1"):
            risk.value_at_risk(self.RETURNS, Decimal(1), Decimal(confidence))
