"""Control 46: does the live account trade as the paper one does on the same strategies? Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from risk import wording
from risk.at_trade.values import Action
from risk.exposure import DenialCode
from risk.post_trade.values import Finding, FindingCode, in_code
from risk.standing import Limits, Unjudgeable

SIGMAS = Decimal(2)
FEWEST = 5
"""Fewer figures on either side tell nothing."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing measured on both sides, figure by figure; plain fractions."""

    code: FindingCode
    name: str
    """For people: "slippage"."""
    live: tuple[Decimal, ...]
    paper: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Weekly:
    """What a live account did in a week, and what paper accounts on the same strategies did of late."""

    account: str
    monday: date
    measures: tuple[Measure, ...] | None


def week(weekly: Weekly, limits: Limits) -> tuple[Finding, ...]:
    """Have a person look at each measure whose live mean lies more than two standard deviations from paper's.

    The deviation is that of a mean of as many figures as live has: paper's own spread over the root of their number.
    Raises Unjudgeable where nothing was read, a figure is no number, or no measure has enough figures on both sides.
    """
    if weekly.measures is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: the fills of the week.")
    if not all(figure.is_finite() for each in weekly.measures for figure in (*each.live, *each.paper)):
        raise Unjudgeable(DenialCode.INPUT_MISSING, "A figure of the week is no number.")
    told = [each for each in weekly.measures if min(len(each.live), len(each.paper)) >= FEWEST]
    if not told:
        sentence = f"Fewer than {FEWEST} trades live or on paper: the week tells nothing of live against paper."
        raise Unjudgeable(DenialCode.INPUT_MISSING, sentence)
    return tuple(found for each in told for found in _differs(each, weekly.monday))


def mean(figures: tuple[Decimal, ...]) -> Decimal:
    """The arithmetic mean of at least one figure."""
    return sum(figures, Decimal(0)) / len(figures)


def deviation(figures: tuple[Decimal, ...]) -> Decimal:
    """The standard deviation of a sample (n - 1) of at least two figures."""
    middle = mean(figures)
    return (sum(((each - middle) ** 2 for each in figures), Decimal(0)) / (len(figures) - 1)).sqrt()


def _differs(measure: Measure, monday: date) -> tuple[Finding, ...]:
    live, paper = mean(measure.live), mean(measure.paper)
    allowed = SIGMAS * deviation(measure.paper) / Decimal(len(measure.live)).sqrt()
    if abs(live - paper) <= allowed:
        return ()
    sentence = (
        f"In the week of {monday} the {measure.name} was {wording.percent(live)} live and {wording.percent(paper)} on"
        f" paper; chance explains {wording.percent(allowed)} of difference ({len(measure.live)} figures). Find out why."
    )
    limit = in_code("live_sigmas", SIGMAS)
    seen = f"{measure.name} {live:.6f} against {paper:.6f}"
    return (Finding(measure.code, 46, sentence, seen, limit, Action.WARN),)
