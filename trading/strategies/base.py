"""What a rule is and what it answers. A rule is pure: it reads bars, no clock, no account and no database."""

from decimal import Decimal
from typing import Annotated, Any, Protocol

from trading.bars import BarWindow
from trading.strategies.parameters import Parameters, Range
from trading.targets import Target

StopLoss = Annotated[Decimal, Range(Decimal("0.005"), Decimal("0.03"), "fraction below the entry price")]
TakeProfit = Annotated[Decimal, Range(Decimal("0.005"), Decimal("0.2"), "fraction above the entry price")]


class Rule(Protocol):
    """A trading rule. Plug one in by entry point or dotted path (see `registry`); any object of this shape will do."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def parameters_type(self) -> type[Parameters]: ...

    def warm_up(self, parameters: Any) -> int:
        """Bars a window must hold before the rule says anything."""

    def evaluate(self, window: BarWindow, parameters: Any, held: Decimal) -> Target | None:
        """What to hold now, given `held` shares. None means "leave it as it is", and is the answer to a short window.

        A long target comes only where nothing is held, a flat one only where something is.
        """
