"""The case a check judges: one frozen value with everything it may look at, and the ways to read it safely."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from risk.exposure import Denial, DenialCode, Exposure, ProposedOrder
from risk.pre_trade.totals import NOTHING, Totals
from risk.standing import HaltView, LimitInForce, Limits, Unjudgeable

ONE = Decimal(1)
"""For comparing: a Decimal is compared with a Decimal in half the time that it takes with an int, and in a tenth of
that with a float."""

_MICROSECONDS = Decimal("0.000001")


def in_seconds(span: timedelta) -> Decimal:
    """A span in seconds, to the microsecond: what a limit in seconds is compared with."""
    return Decimal(span.days * 86_400_000_000 + span.seconds * 1_000_000 + span.microseconds) * _MICROSECONDS


class _Kept[T]:
    """A property worked out at its first reading and kept in the case: `cached_property` without its care for threads,
    which costs more than most checks. What raises is kept by nobody and raises again."""

    def __init__(self, work: Callable[["Case"], T]) -> None:
        self._work, self._name = work, work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, case: "Case", owner: type | None = None) -> T:
        value = case.__dict__[self._name] = self._work(case)
        return value


@dataclass(frozen=True)
class Case:
    """One proposed order against one account as it stands, under the limits and halts in force.

    What several checks need is worked out once and kept; it has no slots for that reason.
    """

    proposed: ProposedOrder
    exposure: Exposure
    totals: Totals
    limits: Limits
    halts: HaltView

    @_Kept
    def equity(self) -> Decimal:
        """Broker equity, USD. Raises Unjudgeable when it is not a positive number."""
        return positive(self.exposure.equity, "the account's equity")

    @_Kept
    def price(self) -> Decimal:
        """The most one share may cost, USD: the limit, else the dearest of stop, reference and ask.

        Raises Unjudgeable when no price is known.
        """
        proposed, quote = self.proposed, self.exposure.quote
        if proposed.limit_price is not None:
            return positive(proposed.limit_price, "the limit price")
        known = [proposed.stop_price, proposed.reference_price, quote.ask if quote else None]
        prices = [positive(price, "a price of the order") for price in known if price is not None]
        if not prices:
            raise missing("a price for the order")
        return max(prices)

    @_Kept
    def value(self) -> Decimal:
        """What the order may cost at most, USD."""
        if self.proposed.notional is not None:
            return positive(self.proposed.notional, "the order's amount")
        return self.proposed.quantity * self.price

    @_Kept
    def middle(self) -> Decimal:
        """Middle of bid and ask, USD. Raises Unjudgeable without a quote, or when a side is no positive number."""
        seen = self.exposure.quote
        if seen is None:
            raise missing(f"a quote of {self.proposed.symbol}")
        return (positive(seen.bid, "the bid") + positive(seen.ask, "the ask")) / 2

    @_Kept
    def priced(self) -> Totals:
        """The totals. Raises Unjudgeable when a holding or a working entry has no price."""
        if self.totals.unpriced:
            raise missing(f"a price for {', '.join(self.totals.unpriced)}")
        return self.totals


def missing(what: str) -> Unjudgeable:
    """Say that a figure is not known."""
    return Unjudgeable(DenialCode.INPUT_MISSING, f"Not known: {what}. Nothing is entered without it.")


def number(value: Decimal | None, what: str) -> Decimal:
    """Return a finite figure. Raises Unjudgeable for None, NaN and infinity."""
    if value is None or not value.is_finite():
        raise missing(what)
    return value


def positive(value: Decimal | None, what: str) -> Decimal:
    """Return a figure above zero. Raises Unjudgeable for anything else."""
    if value is None or not value.is_finite() or value <= NOTHING:
        raise missing(what)
    return value


def denial(code: DenialCode, sentence: str, seen: Any = "", limit: LimitInForce | None = None) -> Denial:
    """Return a refusal; the table fills in the control's number."""
    if limit is None:
        return Denial(code, 0, sentence, str(seen))
    return Denial(code, 0, sentence, str(seen), f"{limit.value.normalize():f}", limit.name, limit.version)
