"""The strategy of the rig: long and flat by the minute of the session, as the plan of its run says."""

from datetime import timedelta
from decimal import Decimal

from tests.venue import DAYS
from trading.bars import BarWindow
from trading.strategies.parameters import Parameters
from trading.targets import Target

MINUTE = timedelta(minutes=1)

WISHES: dict[str, tuple[tuple[int, int, str], ...]] = {
    "AAPL": ((4, 6, "long"), (6, 8, "flat"), (8, 10, "long")),
    "MSFT": ((4, 6, "long"),),
    "IBM": ((9, 10, "long"),),
    "GOOG": ((10, 14, "long"),),
}
"""Symbol -> first minute, minute after the last one, direction. The halt comes before GOOG's: it must not leave."""


class Planned:
    """A rule that does as planned; it asks again for what a crash has kept from happening."""

    name = "planned"
    title = "Planned"
    parameters_type = Parameters

    def warm_up(self, parameters: Parameters) -> int:
        return 1

    def evaluate(self, window: BarWindow, parameters: Parameters, held: Decimal) -> Target | None:
        minute = (window.last.start_at - DAYS[0].open) // MINUTE
        wish = next((want for first, until, want in WISHES[window.symbol] if first <= minute < until), None)
        if wish == "long" and held == 0:
            return Target(window.symbol, "long", Decimal(1), "planned", Decimal("0.02"), Decimal("0.03"))
        if wish == "flat" and held > 0:
            return Target(window.symbol, "flat", Decimal(1), "planned")
        return None
