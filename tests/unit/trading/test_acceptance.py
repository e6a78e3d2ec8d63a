"""What accepting the broker's side would book, kind by kind, and what it refuses."""

from decimal import Decimal
from typing import Any

import pytest

from trading.reconciling import acceptance
from trading.reconciling.differences import VOID, Difference, Done, of_fills


def difference(kind: str, expected: str, seen: str, **evidence: Any) -> Difference:
    return Difference(kind, "it", "AAPL", expected, seen, evidence)


class TestOf:
    def test_cash_moves_the_ledger_by_the_gap(self) -> None:
        accepted = acceptance.of(difference("cash", "100.00 USD", "88.50 USD"))

        assert (accepted.act, accepted.payload) == (acceptance.CASH, {"cash": "-11.50"})
        assert "\u221211.50 USD" in accepted.sentence

    def test_shares_take_the_price_typed_before_the_brokers(self) -> None:
        found = difference("position", "10 shares", "4 shares", price="99")

        assert acceptance.of(found).payload == {"symbol": "AAPL", "quantity": "-6", "price": "99"}
        assert acceptance.of(found, price="101.25").payload["price"] == "101.25"

    @pytest.mark.parametrize("price", ["", "0", "-1", "NaN", "inf", "x", "1.0000001"])
    def test_shares_need_a_price(self, price: str) -> None:
        with pytest.raises(acceptance.NotAcceptable, match="not a price"):
            acceptance.of(difference("position", "0 shares", "4 shares", price=None), price=price)

    def test_a_strangers_fill_brings_its_whole_order(self) -> None:
        accepted = acceptance.of(difference("fill", "no order", "5 @ 10", stranger=True, broker_order_id="b-1"))

        assert (accepted.act, accepted.payload["broker_order_id"]) == (acceptance.ADOPT, "b-1")

    @pytest.mark.parametrize(("seen", "price"), [(VOID, None), ("buy 5 @ 10.25", "10.25")])
    def test_a_void_or_corrected_fill_is_reversed(self, seen: str, price: str | None) -> None:
        accepted = acceptance.of(difference("fill", "booked buy 5 @ 10", seen, booked_fill=7, price=price))

        assert accepted.act == acceptance.REVERSE
        assert accepted.payload.get("booked_again_at") == price

    @pytest.mark.parametrize("kind", ["order", "fill"])
    def test_refuses_what_is_no_entry_in_the_books(self, kind: str) -> None:
        with pytest.raises(acceptance.NotAcceptable):
            acceptance.of(difference(kind, "0 shares booked", "5 shares filled"))


class TestOfFills:
    def test_tells_void_and_corrected_fills_alone(self) -> None:
        ours = [done("b-1", "5", "10"), done("b-1", "8", "10"), done("b-2", "5", "10")]
        theirs = [done("b-1", "5", "10"), done("b-2", "5", "10.01"), done("b-3", "1", "1")]

        found = of_fills(ours, theirs)

        assert [(each.subject, each.seen) for each in found] == [("b-1 at 8", VOID), ("b-2 at 5", "buy 5 @ 10.01")]


def done(order: str, cumulative: str, price: str) -> Done:
    return Done(order, Decimal(cumulative), "AAPL", "buy", Decimal(5), Decimal(price), 7)
