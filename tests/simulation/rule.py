"""A strategy that wants what the trace tells it to want, for a few minutes of the market."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from trading.bars import BarWindow
from trading.strategies.parameters import Parameters
from trading.targets import Target

LASTS = timedelta(minutes=3)


@dataclass(slots=True)
class Wishes:
    """Direction and end by symbol."""

    by_symbol: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def want(self, symbol: str, direction: str, at: datetime) -> None:
        self.by_symbol[symbol] = direction, at + LASTS


WISHES = Wishes()


class Wishing:
    """A rule that does as told."""

    name = "wishing"
    title = "Wishing"
    parameters_type = Parameters

    def warm_up(self, parameters: Parameters) -> int:
        return 1

    def evaluate(self, window: BarWindow, parameters: Parameters, held: Decimal) -> Target | None:
        wish, until = WISHES.by_symbol.get(window.symbol, ("", window.last.start_at))
        if window.last.start_at >= until:
            return None
        if wish == "long" and held == 0:
            return Target(window.symbol, "long", Decimal(1), "told so", Decimal("0.02"), Decimal("0.03"))
        if wish == "flat" and held > 0:
            return Target(window.symbol, "flat", Decimal(1), "told so")
        return None
