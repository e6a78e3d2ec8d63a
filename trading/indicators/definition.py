"""What an indicator is: a name, parameters with ranges, its outputs and the bars it needs before the first value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trading.bars import BarWindow, FloatArray

Parameters = Mapping[str, int | float]


class UnableToCompute(ValueError):
    """An indicator that is not known, or a parameter it cannot use; the sentence names the remedy."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter: its default and the range it must stay in. An `int` default admits whole numbers only."""

    name: str
    default: int | float
    low: int | float
    high: int | float

    def check(self, indicator: str, value: int | float) -> int | float:
        """`value`, when it may be used. Raises `UnableToCompute`."""
        whole = isinstance(self.default, int)
        right_kind = type(value) is int if whole else type(value) in (int, float)
        if not right_kind or not self.low <= value <= self.high:
            kind = "a whole number" if whole else "a number"
            raise UnableToCompute(
                f"{indicator}: {self.name} is {value!r}; it must be {kind} from {self.low} to {self.high}."
            )
        return value


@dataclass(frozen=True, slots=True)
class Indicator:
    """A function of a window of bars. Every output has one value per bar, NaN until `lookback` bars have passed."""

    name: str
    title: str
    outputs: tuple[str, ...]
    settings: tuple[Setting, ...]
    function: Callable[[BarWindow, Parameters], tuple[FloatArray, ...]]
    lookback: Callable[[Parameters], int]
    """Bars before the first value of every output."""
    settling: Callable[[Parameters], int] = lambda _: 0
    """Further bars until a smoothed value has all but forgotten where the window began."""

    def complete(self, given: Parameters) -> dict[str, int | float]:
        """`given` over the defaults. Raises `UnableToCompute` for a name it does not take or a value out of range."""
        known = {setting.name for setting in self.settings}
        for name in given:
            if name not in known:
                takes = ", ".join(sorted(known)) or "no parameters"
                raise UnableToCompute(f"{self.name} has no parameter {name!r}; it takes {takes}.")
        return {s.name: s.check(self.name, given.get(s.name, s.default)) for s in self.settings}
