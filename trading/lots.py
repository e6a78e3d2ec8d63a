"""First in, first out: fills open lots and close the oldest ones, and every closed piece knows what it earned.

Quantities are signed shares (negative is short or a sell), prices USD. Fees are not part of a lot: they are cash.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal


class InvalidFill(ValueError):
    """A fill no books can be kept by; the sentence names the figure."""


@dataclass(frozen=True, slots=True)
class Fill:
    """What was done: `quantity` shares, positive bought and negative sold, at `price`. Raises `InvalidFill`."""

    fill_id: str
    quantity: Decimal
    price: Decimal
    filled_at: datetime

    def __post_init__(self) -> None:
        if not self.quantity.is_finite() or self.quantity == 0:
            raise InvalidFill(f"Fill {self.fill_id} has quantity {self.quantity}; it must be finite and not 0.")
        if not self.price.is_finite() or self.price <= 0:
            raise InvalidFill(f"Fill {self.fill_id} has price {self.price}; it must be a finite number above 0.")


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares opened by one fill and still held; negative is short. All lots of one position have one sign."""

    fill_id: str
    quantity: Decimal
    price: Decimal
    opened_at: datetime

    @property
    def cost(self) -> Decimal:
        """USD paid for it; negative is what a short sale brought in."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class Closed:
    """A lot, or a part of one, that a later fill closed. `quantity` has the lot's sign: negative was a short."""

    opening_fill_id: str
    closing_fill_id: str
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    opened_at: datetime
    closed_at: datetime

    @property
    def realised(self) -> Decimal:
        """USD earned before fees: quantity × (exit − entry), which a short's sign turns round."""
        return self.quantity * (self.exit_price - self.entry_price)


def apply(lots: Sequence[Lot], fill: Fill) -> tuple[tuple[Lot, ...], tuple[Closed, ...]]:
    """The lots after `fill`, oldest first, and what it closed.

    A fill against the position closes the oldest lots first; what is left of it opens a lot on the other side.
    """
    remaining, kept, closed = fill.quantity, list(lots), []
    while remaining and kept and (kept[0].quantity > 0) != (remaining > 0):
        oldest = kept[0]
        taken = _nearest_zero(oldest.quantity, -remaining)
        closed.append(
            Closed(oldest.fill_id, fill.fill_id, taken, oldest.price, fill.price, oldest.opened_at, fill.filled_at)
        )
        remaining += taken
        if taken == oldest.quantity:
            kept.pop(0)
        else:
            kept[0] = replace(oldest, quantity=oldest.quantity - taken)
    if remaining:
        kept.append(Lot(fill.fill_id, remaining, fill.price, fill.filled_at))
    return tuple(kept), tuple(closed)


def quantity(lots: Sequence[Lot]) -> Decimal:
    """Signed shares held."""
    return sum((lot.quantity for lot in lots), Decimal(0))


def cost(lots: Sequence[Lot]) -> Decimal:
    """Signed USD the held shares were opened for."""
    return sum((lot.cost for lot in lots), Decimal(0))


def average_price(lots: Sequence[Lot]) -> Decimal | None:
    """Cost per share held, USD; None where nothing is held."""
    held = quantity(lots)
    return cost(lots) / held if held else None


def _nearest_zero(one: Decimal, other: Decimal) -> Decimal:
    return min(one, other, key=abs)
