"""How the venue says no: Alpaca's catch-all codes, one maker for each."""

from decimal import Decimal
from typing import Any

from trading.venue.values import Refusal


def plain(number: Decimal) -> str:
    """A decimal as Alpaca writes it in an error body: no exponent, no trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def invalid(message: str, **extra: Any) -> Refusal:
    """422: the request contradicts a rule."""
    return Refusal(422, 42210000, message, **extra)


def malformed(message: str) -> Refusal:
    """422 with the code of a parameter error."""
    return Refusal(422, 40010001, message)


def forbidden(message: str, **extra: Any) -> Refusal:
    """403: well formed, but this account may not."""
    return Refusal(403, 40310000, message, **extra)


def missing(message: str) -> Refusal:
    """404: no such thing."""
    return Refusal(404, 40410000, message)
