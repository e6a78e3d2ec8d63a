"""What a rule wants held: the value handed from the rules to sizing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Direction = Literal["long", "flat"]


class InvalidTarget(ValueError):
    """A rule answered with something that cannot be traded; the sentence names the figure and its range."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule wants to hold in one symbol: "long" asks for shares, "flat" for none.

    `strength` (0 to 1) scales the risk an entry may take. `reason` is for a person, in words with figures.
    `stop_loss` and `take_profit` are fractions of the entry price and are given for every long target.
    Raises `InvalidTarget`.
    """

    symbol: str
    direction: Direction
    strength: Decimal
    reason: str
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None

    def __post_init__(self) -> None:
        if not self.strength.is_finite() or not 0 <= self.strength <= 1:
            raise InvalidTarget(f"The target for {self.symbol} has strength {self.strength}; it must be from 0 to 1.")
        if not self.reason:
            raise InvalidTarget(f"The target for {self.symbol} gives no reason; a person must be able to follow it.")
        if self.direction == "flat":
            return
        for name, fraction in (("stop loss", self.stop_loss), ("take profit", self.take_profit)):
            if fraction is None or not fraction.is_finite() or fraction <= 0:
                raise InvalidTarget(
                    f"The target for {self.symbol} has {name} {fraction}; a long target needs a fraction above 0."
                )
        if self.stop_loss is not None and self.stop_loss >= 1:
            raise InvalidTarget(f"The target for {self.symbol} has stop loss {self.stop_loss}; it must be below 1.")


def clamp(strength: Decimal) -> Decimal:
    """`strength` brought into 0..1 and rounded to four places, as targets keep it."""
    return min(max(strength, Decimal(0)), Decimal(1)).quantize(Decimal("0.0001"))
