"""Sizing: never above a cap, never rounded up, every price on a tick and on the safe side."""

import dataclasses
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading import sizing
from trading.sizing import Caps, NoSize, Size, UnableToSize
from trading.targets import Target

GENEROUS = Caps(max_position_fraction=Decimal(1), buying_power=Decimal(1_000_000))
prices = st.decimals("0.05", "5000", places=4)
fractions = st.decimals("0.005", "0.2", places=3)


def long(strength: str = "1", stop: str = "0.02", profit: str = "0.04") -> Target:
    return Target("AAPL", "long", Decimal(strength), "Price rises.", Decimal(stop), Decimal(profit))


def sized(target: Target | None = None, /, **changes: Any) -> Size | NoSize:
    figures: dict[str, Any] = {
        "equity": Decimal(100_000),
        "price": Decimal(100),
        "risk_fraction": Decimal("0.001"),
        "caps": GENEROUS,
        "offset": Decimal(0),
    }
    return sizing.size(target or long(), **(figures | changes))


def quantity(outcome: Size | NoSize) -> Decimal:
    assert isinstance(outcome, Size), outcome
    return outcome.quantity


class TestSizeOfAnEntry:
    def test_risks_the_fraction_of_equity_between_limit_and_stop(self) -> None:
        outcome = sized()

        assert outcome == Size(
            "AAPL",
            "buy",
            Decimal(50),
            Decimal("100.00"),
            Decimal("98.00"),
            Decimal("104.00"),
            Decimal("100.00"),
            "risk of 100.00 USD at 2.00 USD a share",
        )

    def test_scales_the_risk_by_strength(self) -> None:
        assert quantity(sized(long("0.5"))) == 25

    @pytest.mark.parametrize(
        ("caps", "expected", "bound_by"),
        [
            (Caps(Decimal("0.02"), Decimal(10**6)), 20, "position cap of 2000.00 USD with 0 shares held"),
            (Caps(Decimal("0.02"), Decimal(10**6), held=Decimal(15)), 5, "position cap of 2000.00 USD with 15"),
            (Caps(Decimal(1), Decimal("999.99")), 9, "buying power of 999.99 USD"),
            (Caps(Decimal(1), Decimal(10**6), max_order_value=Decimal(700)), 7, "order cap of 700.00 USD"),
            (Caps(Decimal(1), Decimal(10**6), max_shares=Decimal("3.9")), 3, "cap of 3.9 shares in AAPL"),
        ],
    )
    def test_is_bound_by_the_tightest_cap_and_says_so(self, caps: Caps, expected: int, bound_by: str) -> None:
        outcome = sized(caps=caps)

        assert quantity(outcome) == expected
        assert isinstance(outcome, Size)
        assert outcome.bound_by.startswith(bound_by)

    def test_says_why_there_is_none(self) -> None:
        outcome = sized(caps=Caps(Decimal("0.02"), Decimal(10**6), held=Decimal(20)))

        assert isinstance(outcome, NoSize)
        assert outcome.reason == (
            "Less than one lot of 1 at 100.00 USD: bound by position cap of 2000.00 USD with 20 shares held."
        )

    def test_needs_a_tick_either_side_of_the_limit(self) -> None:
        outcome = sized(long(stop="0.00001"))

        assert isinstance(outcome, NoSize)
        assert "no tick either side" in outcome.reason

    @given(
        prices, fractions, fractions, st.decimals("0.0001", "0.02", places=4), st.decimals("0", "1", places=2),
        st.decimals("0.01", "1", places=2), st.decimals("0", "200000", places=2), st.integers(0, 500),
        st.decimals("0", "0.02", places=3), st.sampled_from(["1", "10", "100"]),
    )  # fmt: skip
    def test_never_exceeds_a_cap_or_the_risk(
        self, price: Decimal, stop: Decimal, profit: Decimal, risk: Decimal, strength: Decimal, position: Decimal,
        buying_power: Decimal, held: int, offset: Decimal, lot: str,
    ) -> None:  # fmt: skip
        equity = Decimal(100_000)
        caps = Caps(position, buying_power, Decimal(held), max_order_value=Decimal(50_000), max_shares=Decimal(400))
        target = Target("AAPL", "long", strength, "Price rises.", stop, profit)

        outcome = sizing.size(
            target, equity=equity, price=price, risk_fraction=risk, caps=caps, offset=offset, lot=Decimal(lot)
        )

        if isinstance(outcome, NoSize):
            return
        assert outcome.quantity > 0
        assert outcome.quantity % Decimal(lot) == 0
        value = outcome.quantity * outcome.limit_price
        assert value <= buying_power
        assert value <= 50_000
        assert outcome.quantity <= 400
        assert value + held * outcome.limit_price <= equity * position
        assert outcome.risk <= equity * risk * strength
        assert outcome.stop_price is not None
        assert outcome.take_profit_price is not None
        assert outcome.limit_price * (1 - stop) <= outcome.stop_price < outcome.limit_price
        assert outcome.limit_price < outcome.take_profit_price <= outcome.limit_price * (1 + profit)
        for on_tick in (outcome.limit_price, outcome.stop_price, outcome.take_profit_price):
            assert on_tick % sizing.tick(on_tick) == 0


class TestSizeOfAnExit:
    FLAT = Target("AAPL", "flat", Decimal(1), "The trend has turned.")

    def test_sells_all_that_is_held_whatever_the_caps(self) -> None:
        outcome = sized(self.FLAT, caps=Caps(Decimal(0), Decimal(0), held=Decimal(37)), offset=Decimal("0.001"))

        assert outcome == Size(
            "AAPL", "sell", Decimal(37), Decimal("99.90"), None, None, Decimal(0), "all that is held"
        )

    @pytest.mark.parametrize("held", ["0", "0.5", "-5"])
    def test_sells_nothing_that_is_not_there(self, held: str) -> None:
        outcome = sized(self.FLAT, caps=Caps(Decimal(1), Decimal(0), held=Decimal(held)))

        assert isinstance(outcome, NoSize)
        assert f"{held} shares of AAPL" in outcome.reason


class TestSize:
    @pytest.mark.parametrize("name", ["equity", "price", "lot"])
    @pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
    def test_refuses_a_figure_not_above_zero(self, name: str, value: str) -> None:
        with pytest.raises(UnableToSize, match=f"{name} is {value}; it must be a finite number above 0"):
            sized(None, **{name: Decimal(value)})

    @pytest.mark.parametrize("value", ["0", "1", "-0.1", "NaN"])
    def test_refuses_a_risk_fraction_outside_its_range(self, value: str) -> None:
        with pytest.raises(UnableToSize, match="risk_fraction"):
            sized(risk_fraction=Decimal(value))


class TestCaps:
    @pytest.mark.parametrize("name", ["max_position_fraction", "buying_power", "held", "max_order_value", "max_shares"])
    @pytest.mark.parametrize("value", ["NaN", "Infinity"])
    def test_refuse_a_figure_that_is_not_finite(self, name: str, value: str) -> None:
        with pytest.raises(UnableToSize, match=f"{name} is {value}"):
            dataclasses.replace(GENEROUS, **{name: Decimal(value)})


class TestMarketableLimit:
    @pytest.mark.parametrize(
        ("side", "price", "offset", "expected"),
        [
            ("buy", "100", "0.001", "100.10"),
            ("buy", "100.005", "0", "100.01"),
            ("buy", "10.07", "0.001", "10.08"),
            ("buy", "0.5", "0.001", "0.5005"),
            ("sell", "100", "0.001", "99.90"),
            ("sell", "100.005", "0", "100.00"),
            ("sell", "1.00", "0.001", "0.9990"),
            ("sell", "0.00005", "0", "0.0001"),
        ],
    )
    def test_reaches_the_price_and_stays_on_the_tick(
        self, side: Literal["buy", "sell"], price: str, offset: str, expected: str
    ) -> None:
        assert sizing.marketable_limit(side, Decimal(price), Decimal(offset)) == Decimal(expected)

    @given(prices, st.decimals("0", "0.02", places=4))
    def test_gives_way_by_no_more_than_the_offset_or_a_tick(self, price: Decimal, offset: Decimal) -> None:
        buy = sizing.marketable_limit("buy", price, offset)
        sell = sizing.marketable_limit("sell", price, offset)

        assert price <= buy <= max(price * (1 + offset), price + sizing.tick(price))
        assert min(price * (1 - offset), price - sizing.tick(price)) <= sell <= price


class TestTick:
    def test_is_a_cent_from_one_dollar(self) -> None:
        assert sizing.tick(Decimal("1.00")) == Decimal("0.01")
        assert sizing.tick(Decimal("0.9999")) == Decimal("0.0001")
