"""Bars as the rules see them: one `Bar`, and a `BarWindow` of one symbol's bars in order.

Bad data stops here: a window that exists holds finite, positive, ordered bars. Prices are USD and `Decimal`; the float
arrays of a window are for indicators only and never become a price.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

type FloatArray = npt.NDArray[np.float64]
_ZERO = Decimal(0)
_COLUMNS = ("open", "high", "low", "close", "volume")


class InvalidBar(ValueError):
    """A bar, or a run of bars, that must not be traded on; the sentence names the bar and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What was traded in one symbol from `start_at` (UTC) until the next bar: USD prices, `volume` in shares.

    Raises `InvalidBar` where a price is not a finite positive `Decimal`, the high or low does not enclose the others,
    the volume is not a whole number of at least 0, or the instant is not aware UTC.
    """

    symbol: str
    start_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int

    def __post_init__(self) -> None:
        if not self.symbol:
            raise InvalidBar("A bar has no symbol; name the one it was traded in.")
        if self.start_at.tzinfo is not UTC and self.start_at.utcoffset() != timedelta(0):
            raise InvalidBar(f"{self._name} must start at an aware UTC instant.")
        for price in (self.open, self.high, self.low, self.close):
            if not isinstance(price, Decimal) or not price.is_finite() or price <= _ZERO:
                raise InvalidBar(f"{self._name} has the price {price!r}; it must be a finite Decimal above 0.")
        if not (self.low <= self.open <= self.high and self.low <= self.close <= self.high):
            raise InvalidBar(
                f"{self._name} has open {self.open} and close {self.close} "
                f"outside its range of {self.low} to {self.high}."
            )
        if type(self.volume) is not int or self.volume < 0:
            raise InvalidBar(
                f"{self._name} has volume {self.volume!r}; it must be a whole number of at least 0 shares."
            )

    @property
    def _name(self) -> str:
        return f"The {self.symbol} bar of {self.start_at.isoformat()}"


@dataclass(frozen=True, slots=True)
class BarWindow:
    """One symbol's bars, oldest first, with read-only float views for indicators.

    Raises `InvalidBar` where there is no bar, a bar is of another symbol, or the starts do not strictly rise.
    """

    symbol: str
    bars: tuple[Bar, ...]
    opens: FloatArray = field(init=False, repr=False, compare=False)
    highs: FloatArray = field(init=False, repr=False, compare=False)
    lows: FloatArray = field(init=False, repr=False, compare=False)
    closes: FloatArray = field(init=False, repr=False, compare=False)
    volumes: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.bars:
            raise InvalidBar(f"A window of {self.symbol} needs at least one bar.")
        for bar in self.bars:
            if bar.symbol != self.symbol:
                raise InvalidBar(f"A window of {self.symbol} was given a bar of {bar.symbol}.")
        for before, after in pairwise(self.bars):
            if after.start_at <= before.start_at:
                raise InvalidBar(
                    f"The {self.symbol} bar of {after.start_at.isoformat()} follows the bar of "
                    f"{before.start_at.isoformat()}; starts must strictly rise."
                )
        for name in _COLUMNS:
            # A frozen slotted value can only be completed this way.
            object.__setattr__(self, f"{name}s", _column(self.bars, name))

    def __len__(self) -> int:
        return len(self.bars)

    @property
    def last(self) -> Bar:
        """The latest bar."""
        return self.bars[-1]

    def tail(self, count: int) -> "BarWindow":
        """The latest `count` bars, or all of them where there are fewer. Raises `InvalidBar` for a count below 1."""
        if count < 1:
            raise InvalidBar(f"A window of {self.symbol} needs at least one bar; {count} were asked for.")
        if count >= len(self.bars):
            return self
        # A part of a sound window is sound, and its figures are views of those that are there.
        cut = object.__new__(BarWindow)
        object.__setattr__(cut, "symbol", self.symbol)
        object.__setattr__(cut, "bars", self.bars[-count:])
        for name in _COLUMNS:
            object.__setattr__(cut, f"{name}s", getattr(self, f"{name}s")[-count:])
        return cut


def window(bars: Iterable[Bar]) -> BarWindow:
    """The window of `bars`, which must be one symbol's in order. Raises `InvalidBar`."""
    ordered = tuple(bars)
    if not ordered:
        raise InvalidBar("A window needs at least one bar.")
    return BarWindow(ordered[0].symbol, ordered)


def _column(bars: tuple[Bar, ...], name: str) -> FloatArray:
    # Imported here: every process knows what a bar is, few look through a window.
    import numpy as np

    values = np.fromiter(map(float, map(attrgetter(name), bars)), np.float64, len(bars))
    values.setflags(write=False)
    return values
