"""All that a plan of faults needs around one exchange, put together once for the venue and for gateways in process."""

from collections.abc import Callable

from trading.venue.changing import Changing
from trading.venue.exchange import Exchange
from trading.venue.faults.plan import Plan
from trading.venue.faults.prices import ShownMarket
from trading.venue.faults.scenes import Scenes
from trading.venue.faults.window import Window
from trading.venue.values import Clock
from trading.venue.walk import Step


class FaultyCompany:
    """An exchange that behaves as its plan says. `changing` is the exchange, or the journal before it.

    Whoever plays the replay calls `stepped` after each step.
    """

    def __init__(self, exchange: Exchange, changing: Changing, plan: Plan, clock: Clock) -> None:
        self.plan = plan
        self.window = Window(exchange, changing, plan, clock)
        self.shown = ShownMarket(exchange, plan)
        self._scenes = Scenes(exchange, changing, plan, self.window)
        self.after_steps: list[Callable[[], None]] = []
        """Called after each step, as a stream's listener must be that may still be owed what a fault held back."""

    def stepped(self, step: Step, session: int, minute: int) -> None:
        """Tell that a step was played: so many sessions are opened, so many minutes of the last one told."""
        self._scenes.stepped(step, session, minute)
        for each in self.after_steps:
            each()

    def lift(self) -> None:
        """End every fault; what they have done stays done."""
        self.plan.clear()
        self.window.lift()
