"""What stands now: the limits and the halts in force, as frozen values that a check can be handed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from risk.exposure import DenialCode, TradingState

ENTRY = "entry"
FLATTEN = "flatten"
REDUCING = frozenset({"exit", "stop", "target", FLATTEN})
"""Purposes of orders that may only reduce a holding."""


class Unjudgeable(Exception):
    """A check cannot answer, so the answer is no: `code` says why, the text is the sentence for a person."""

    def __init__(self, code: DenialCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True, slots=True)
class LimitInForce:
    """The strictest version in force of one limit, its value already held under the ceiling in code."""

    name: str
    value: Decimal
    version: int
    scope: str
    """In words, for instance "firm" or "symbol AAPL"."""


@dataclass(frozen=True, slots=True)
class StageInForce:
    """The stage of the ramp a live account stands at; `version` counts its moves, 0 before the first."""

    name: str
    version: int


class Limits(dict[str, LimitInForce]):
    """Every limit that reaches one account, strategy and symbol, by name; filled once, by who reads them.

    Asking for one that is not in force raises Unjudgeable: without a limit there is no order. `stage` is the live
    account's, whose caps are in the values already; None for a paper account, and where nobody has read it.
    """

    __slots__ = ("stage",)

    def __init__(self, *known: Mapping[str, LimitInForce], stage: StageInForce | None = None) -> None:
        super().__init__(*known)
        self.stage = stage

    def __missing__(self, name: str) -> NoReturn:
        sentence = f"No version of the limit {name} is in force; install the policy or set the limit."
        raise Unjudgeable(DenialCode.LIMIT_MISSING, sentence)

    @property
    def by_name(self) -> Mapping[str, LimitInForce]:
        """The same, to be asked for what may be absent."""
        return self

    @property
    def versions(self) -> dict[str, int]:
        """Name and scope -> version, for the record: {"position_fraction@symbol AAPL": 3}."""
        return {f"{limit.name}@{limit.scope}": limit.version for limit in self.values()}


@dataclass(frozen=True, slots=True)
class HaltInForce:
    id: int
    level: str
    scope: str
    reason: str
    engaged_by: str


@dataclass(frozen=True, slots=True)
class HaltView:
    """The halts that reach one account, strategy and symbol; `readable` is False when nobody could tell."""

    readable: bool
    halts: tuple[HaltInForce, ...] = ()

    @property
    def state(self) -> TradingState:
        """What may still be done: everything, only reduce, or nothing but flatten and cancel."""
        if not self.readable or any(halt.level == "H3" for halt in self.halts):
            return TradingState.HALTED
        return TradingState.REDUCING if self.halts else TradingState.ACTIVE

    def refusal(self, purpose: str) -> str:
        """Say why an order of this purpose may not go; empty when it may.

        H1 and H2 let orders that reduce pass, H3 only those that flatten. An unreadable latch lets nothing pass.
        """
        if not self.readable:
            return "The halt state cannot be read, so no order goes out. Check the database."
        for halt in sorted(self.halts, key=lambda halt: halt.level, reverse=True):
            if purpose == FLATTEN or (purpose in REDUCING and halt.level != "H3"):
                continue
            return f"Halted ({halt.level}, {halt.scope}) by {halt.engaged_by}: {halt.reason}"
        return ""
