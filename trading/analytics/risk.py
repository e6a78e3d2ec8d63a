"""What is at risk: exposure and concentration of what is held, and historical value at risk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

_ZERO = Decimal(0)


class UnableToAssess(ValueError):
    """Figures no risk can be computed from; the sentence names them."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Fractions of equity; `concentration` is the Herfindahl index of holdings: 1/n when n are equal, 0 for none."""

    long: Decimal
    short: Decimal
    gross: Decimal
    net: Decimal
    largest_symbol: str
    largest: Decimal
    concentration: Decimal


def exposure(market_values: Mapping[str, Decimal], equity: Decimal) -> Exposure:
    """Exposure of signed market values (USD) by symbol. Raises `UnableToAssess` where equity is not above 0."""
    if not equity.is_finite() or equity <= 0:
        raise UnableToAssess(f"Equity is {equity} USD; exposure needs it above 0.")
    long = sum((v for v in market_values.values() if v > 0), _ZERO)
    short = -sum((v for v in market_values.values() if v < 0), _ZERO)
    gross = long + short
    largest_symbol = max(market_values, key=lambda symbol: abs(market_values[symbol]), default="")
    largest = abs(market_values.get(largest_symbol, _ZERO))
    concentration = sum(((v / gross) ** 2 for v in market_values.values()), _ZERO) if gross else _ZERO
    return Exposure(
        long / equity,
        short / equity,
        gross / equity,
        (long - short) / equity,
        largest_symbol if largest else "",
        largest / equity,
        concentration,
    )


def value_at_risk(returns: Sequence[Decimal], value: Decimal, confidence: Decimal = Decimal("0.95")) -> Decimal | None:
    """USD that a loss over one period exceeded in no more than 1 − `confidence` of the past (historical simulation).

    The loss at rank ⌈confidence × n⌉ of the losses in rising order, at least 0. None where there are too few returns to
    hold even one loss beyond it. Raises `UnableToAssess` for a confidence outside 0.5 to 1.
    """
    if not confidence.is_finite() or not Decimal("0.5") <= confidence < 1:
        raise UnableToAssess(f"confidence is {confidence}; it must be from 0.5 to below 1.")
    if len(returns) * (1 - confidence) < 1:
        return None
    losses = sorted(-r for r in returns)
    rank = int((confidence * len(losses)).to_integral_value(ROUND_CEILING))
    return max(losses[rank - 1], _ZERO) * value
