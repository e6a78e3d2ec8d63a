"""What goes on the wire: exact text, and nothing that must not be sent."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trading.broker import values
from trading.broker import alpaca_bodies
from trading.broker.gateway import Replacement
from trading.choices import OrderClass, TimeInForce


class TestOrderBody:
    def test_holds_no_float(self) -> None:
        body = alpaca_bodies.order_body(
            values.new_order(
                order_class=OrderClass.BRACKET, take_profit_price=Decimal("110.00"), stop_loss_price=Decimal("90.5")
            )
        )

        assert body["order_class"] == "bracket"
        assert body["take_profit"] == {"limit_price": "110.00"}
        assert body["stop_loss"] == {"stop_price": "90.5"}
        assert all(type(value) in (str, dict) for value in body.values())

    @given(st.decimals(min_value=Decimal("1e-9"), max_value=Decimal(10**9), allow_nan=False, allow_infinity=False))
    def test_writes_a_quantity_exactly(self, quantity: Decimal) -> None:
        written = alpaca_bodies.order_body(values.new_order(quantity=quantity))["qty"]

        assert Decimal(written) == quantity
        assert "E" not in written.upper()

    @pytest.mark.parametrize(
        "change",
        [
            {"quantity": Decimal(0)},
            {"quantity": Decimal(-1)},
            {"quantity": Decimal("NaN")},
            {"limit_price": Decimal("Infinity")},
            {"client_order_id": ""},
            {"client_order_id": "x" * 129},
            {"stop_loss_price": Decimal(1)},
        ],
    )
    def test_refuses_what_must_not_be_sent(self, change: dict[str, Any]) -> None:
        with pytest.raises(alpaca_bodies.BadRequest):
            alpaca_bodies.order_body(values.new_order(**change))

    def test_says_extended_hours_only_where_wanted(self) -> None:
        assert "extended_hours" not in alpaca_bodies.order_body(values.new_order())
        assert alpaca_bodies.order_body(values.new_order(extended_hours=True))["extended_hours"] is True


class TestReplacementBody:
    def test_holds_only_what_changes(self) -> None:
        change = Replacement("new-id", limit_price=Decimal("1.10"), time_in_force=TimeInForce.GTC)

        assert alpaca_bodies.replacement_body(change) == {
            "client_order_id": "new-id",
            "limit_price": "1.10",
            "time_in_force": "gtc",
        }
