"""Which shares lie bare: what is held, less what live stops and working exits still cover. Over values alone."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side
from trading.proposing import protection
from trading.reading.books import Books, OrderLine, PositionLine

AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
STOP = OrderLine(
    pk=1, intent_id="i", parent_id=None, instrument_id=7, symbol="AAPL", sector="", purpose=Purpose.STOP,
    side=Side.SELL, type=OrderType.STOP, order_class=OrderClass.SIMPLE, status=OrderStatus.ACCEPTED,
    quantity=Decimal(10), filled_quantity=Decimal(0), booked_quantity=Decimal(0), limit_price=None,
    stop_price=Decimal(95), stop_loss_price=None, broker_order_id="b", beyond_approval=False,
    decided_at=AT,
)  # fmt: skip


def naked(held: int, *orders: OrderLine) -> dict[int, Decimal]:
    position = PositionLine(7, "AAPL", "", Decimal(held), Decimal(100), None)
    return protection.naked(Books(orders=orders, positions=(position,)))


def sold(quantity: int, *, booked: int) -> dict[str, Any]:
    return {"filled_quantity": Decimal(quantity), "booked_quantity": Decimal(booked)}


class TestNaked:
    def test_is_all_that_is_held_where_nothing_guards_it(self) -> None:
        assert naked(10) == {7: 10}

    @pytest.mark.parametrize(("held", "bare"), [(6, {}), (8, {7: 2})])
    def test_counts_of_a_stop_that_sold_a_part_only_what_is_left_of_it(self, held: int, bare: dict[int, int]) -> None:
        assert naked(held, replace(STOP, status=OrderStatus.PARTIALLY_FILLED, **sold(4, booked=4))) == bare

    def test_counts_no_stop_that_has_ended(self) -> None:
        assert naked(10, replace(STOP, status=OrderStatus.CANCELED)) == {7: 10}

    def test_does_not_count_the_profit_side_for_a_stop(self) -> None:
        assert naked(10, replace(STOP, purpose=Purpose.TARGET, type=OrderType.LIMIT)) == {7: 10}

    @pytest.mark.parametrize(
        "change",
        [
            {"status": OrderStatus.UNKNOWN},
            {"purpose": Purpose.ENTRY, "side": Side.BUY},
            {"status": OrderStatus.FILLED, **sold(10, booked=6)},
        ],
    )
    def test_is_not_told_while_something_there_is_not_known_yet(self, change: dict[str, Any]) -> None:
        assert naked(10, replace(STOP, **change)) == {}

    def test_is_told_of_a_short_that_nothing_buys_back(self) -> None:
        buying = replace(STOP, purpose=Purpose.FLATTEN, side=Side.BUY, quantity=Decimal(4))

        assert naked(-10, buying) == {7: -6}
