"""Comparing our books with the broker's: pure, over plain values. Nothing here reads, writes or repairs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

CENT = Decimal("0.01")
ZERO = Decimal(0)

SUMS = "sums"
"""Kind of a difference between our running sums and our own orders."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same on both sides; two reads confirm it when they tell the same difference."""

    kind: str
    subject: str
    symbol: str
    expected: str
    seen: str
    evidence: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def words(self) -> str:
        """Who says what."""
        if self.kind == SUMS:
            return f"our running sums say {self.expected}, our orders add up to {self.seen}"
        return f"our books say {self.expected}, the broker says {self.seen}"


@dataclass(frozen=True, slots=True)
class Side:
    """One side's books: signed shares by symbol, filled quantity by open broker order id, cash in USD."""

    positions: Mapping[str, Decimal]
    orders: Mapping[str, tuple[str, Decimal]]
    """Broker order id -> (symbol, filled quantity)."""
    cash: Decimal | None


def differences(ours: Side, theirs: Side) -> list[Difference]:
    """Every position, open order and cash amount that differs. Tolerance: no share, one cent (controls.md 41)."""
    return [
        *_positions(ours.positions, theirs.positions),
        *_orders(ours.orders, theirs.orders),
        *_cash(ours.cash, theirs.cash),
    ]


@dataclass(frozen=True, slots=True)
class Done:
    """Shares of one order that changed hands: by our books with the row's number, or by the broker's activities."""

    broker_order_id: str
    cumulative_quantity: Decimal
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    fill: int | None = None

    @property
    def words(self) -> str:
        """How a person reads it, for instance "buy 10 @ 99.5"."""
        return f"{self.side} {_plain(self.quantity)} @ {_plain(self.price)}"


VOID = "no such fill"
"""What the broker says of a fill it has declared void."""


def of_fills(ours: Iterable[Done], theirs: Iterable[Done]) -> list[Difference]:
    """Fills that we booked and the broker tells otherwise, or tells no more (controls.md 42, 45)."""
    told = {(each.broker_order_id, each.cumulative_quantity): each for each in theirs}
    found = []
    for each in ours:
        seen = told.get((each.broker_order_id, each.cumulative_quantity))
        if seen is not None and (seen.quantity, seen.price) == (each.quantity, each.price):
            continue
        subject = f"{each.broker_order_id} at {_plain(each.cumulative_quantity)}"
        evidence = {"booked_fill": each.fill, "price": None if seen is None else f"{seen.price:f}"}
        found.append(
            Difference("fill", subject, each.symbol, f"booked {each.words}", seen.words if seen else VOID, evidence)
        )
    return found


def confirmed(first: Iterable[Difference], second: Iterable[Difference]) -> list[Difference]:
    """Differences that a second read told again in the same words."""
    again = list(second)
    return [difference for difference in first if difference in again]


def _positions(ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> Iterable[Difference]:
    for symbol in sorted(ours.keys() | theirs.keys()):
        expected, seen = ours.get(symbol, ZERO), theirs.get(symbol, ZERO)
        if expected != seen:
            yield Difference("position", symbol, symbol, f"{_plain(expected)} shares", f"{_plain(seen)} shares")


def _orders(ours: Mapping[str, tuple[str, Decimal]], theirs: Mapping[str, tuple[str, Decimal]]) -> Iterable[Difference]:
    for broker_id in sorted(ours.keys() | theirs.keys()):
        symbol = (ours.get(broker_id) or theirs[broker_id])[0]
        expected = _order_words(ours.get(broker_id))
        seen = _order_words(theirs.get(broker_id))
        if expected != seen:
            yield Difference("order", broker_id, symbol, expected, seen)


def _cash(ours: Decimal | None, theirs: Decimal | None) -> Iterable[Difference]:
    if ours is None or theirs is None:
        return
    if abs(ours - theirs) >= CENT:
        yield Difference("cash", "cash", "", f"{ours:.2f} USD", f"{theirs:.2f} USD")


def _order_words(order: tuple[str, Decimal] | None) -> str:
    return "no open order" if order is None else f"open, {_plain(order[1])} filled"


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
