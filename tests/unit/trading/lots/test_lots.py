"""Lots: first in is first out, nothing is created or lost, and a position may pass through zero."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trading import windows
from trading import lots
from trading.lots import Closed, Fill, InvalidFill, Lot

shares = st.decimals("-1000", "1000", places=3).filter(bool)
prices = st.decimals("0.0001", "5000", places=4)
runs = st.lists(st.tuples(shares, prices), max_size=30)


def fill(number: int, quantity: str | Decimal, price: str | Decimal) -> Fill:
    return Fill(f"f{number}", Decimal(quantity), Decimal(price), windows.OPEN + timedelta(minutes=number))


def book(fills: Sequence[Fill]) -> tuple[tuple[Lot, ...], list[Closed]]:
    held: tuple[Lot, ...] = ()
    closed: list[Closed] = []
    for each in fills:
        held, now_closed = lots.apply(held, each)
        closed.extend(now_closed)
    return held, closed


class TestApply:
    def test_opens_a_lot_on_a_buy(self) -> None:
        held, closed = book([fill(1, "10", "100")])

        assert held == (Lot("f1", Decimal(10), Decimal(100), windows.OPEN + timedelta(minutes=1)),)
        assert closed == []

    def test_closes_the_oldest_lot_first_and_splits_the_next(self) -> None:
        held, closed = book([fill(1, "10", "100"), fill(2, "10", "110"), fill(3, "-15", "120")])

        assert [(c.opening_fill_id, c.quantity, c.realised) for c in closed] == [
            ("f1", Decimal(10), Decimal(200)),
            ("f2", Decimal(5), Decimal(50)),
        ]
        assert [(lot.fill_id, lot.quantity, lot.price) for lot in held] == [("f2", Decimal(5), Decimal(110))]
        assert {c.closing_fill_id for c in closed} == {"f3"}

    def test_turns_a_long_into_a_short_when_more_is_sold_than_held(self) -> None:
        held, closed = book([fill(1, "10", "100"), fill(2, "-12", "90")])

        assert [c.realised for c in closed] == [-100]
        assert [(lot.quantity, lot.price) for lot in held] == [(Decimal(-2), Decimal(90))]

    def test_earns_on_a_short_bought_back_lower(self) -> None:
        held, closed = book([fill(1, "-10", "100"), fill(2, "4", "95")])

        assert [c.realised for c in closed] == [20]
        assert lots.quantity(held) == -6

    @given(runs)
    def test_conserves_quantity(self, run: list[tuple[Decimal, Decimal]]) -> None:
        held, closed = book([fill(i, *each) for i, each in enumerate(run)])

        assert lots.quantity(held) == sum(quantity for quantity, _ in run)
        # What was closed was opened: entries held and entries closed are all fills that opened.
        opened = sum((abs(lot.quantity) for lot in held), Decimal(0)) + sum(2 * abs(c.quantity) for c in closed)
        assert opened == sum(abs(quantity) for quantity, _ in run)

    @given(runs)
    def test_conserves_cost(self, run: list[tuple[Decimal, Decimal]]) -> None:
        held, closed = book([fill(i, *each) for i, each in enumerate(run)])

        paid = sum((quantity * price for quantity, price in run), Decimal(0))
        assert lots.cost(held) - sum((c.realised for c in closed), Decimal(0)) == paid

    @given(runs)
    def test_keeps_one_sign_and_the_order_of_opening(self, run: list[tuple[Decimal, Decimal]]) -> None:
        held, closed = book([fill(i, *each) for i, each in enumerate(run)])

        assert len({lot.quantity > 0 for lot in held}) <= 1
        assert [lot.opened_at for lot in held] == sorted(lot.opened_at for lot in held)
        assert all(c.opened_at < c.closed_at for c in closed)


class TestFill:
    @pytest.mark.parametrize("quantity", ["0", "NaN", "Infinity"])
    def test_refuses_a_quantity_that_moves_nothing(self, quantity: str) -> None:
        with pytest.raises(InvalidFill, match="quantity"):
            fill(1, quantity, "100")

    @pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
    def test_refuses_a_price_not_above_zero(self, price: Any) -> None:
        with pytest.raises(InvalidFill, match="price"):
            fill(1, "1", price)


class TestAveragePrice:
    def test_weighs_lots_by_their_shares(self) -> None:
        held, _ = book([fill(1, "10", "100"), fill(2, "30", "120")])

        assert lots.average_price(held) == 115

    def test_is_none_where_nothing_is_held(self) -> None:
        assert lots.average_price(()) is None
