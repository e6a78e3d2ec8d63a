"""What differs between two sides' books: no share and no cent is let pass. Over values alone."""

from decimal import Decimal

import pytest

from trading.reconciling.differences import Difference, Side, confirmed, differences


def side(*, shares: str = "10", filled: str = "0", cash: str | None = "1000.00") -> Side:
    return Side({"AAPL": Decimal(shares)}, {"b-1": ("MSFT", Decimal(filled))}, None if cash is None else Decimal(cash))


def kinds(ours: Side, theirs: Side) -> list[str]:
    return [found.kind for found in differences(ours, theirs)]


class TestDifferences:
    @pytest.mark.parametrize(
        ("theirs", "found"),
        [
            (side(), []),
            (side(shares="10.000001"), ["position"]),
            (side(filled="1"), ["order"]),
            (side(cash="1000.01"), ["cash"]),
            (side(cash="999.99"), ["cash"]),
            (side(cash="1000.009"), []),
            (side(cash=None), []),
        ],
    )
    def test_are_of_shares_orders_and_whole_cents(self, theirs: Side, found: list[str]) -> None:
        assert kinds(side(), theirs) == kinds(theirs, side()) == found

    def test_are_told_of_what_one_side_does_not_have(self) -> None:
        nothing = Side({}, {}, Decimal(1000))

        assert kinds(side(), nothing) == kinds(nothing, side()) == ["position", "order"]


class TestConfirmed:
    def test_are_what_both_reads_tell_in_the_same_words(self) -> None:
        first = differences(side(), side(shares="7", cash="0"))
        again = differences(side(), side(shares="8", cash="0"))

        assert [found.kind for found in confirmed(first, again)] == ["cash"]
        assert confirmed(first, list[Difference]()) == []
