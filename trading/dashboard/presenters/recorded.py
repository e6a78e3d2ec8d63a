"""Figures that were kept as text, in a verdict or a breach, in the unit of the limit they were held against. Pure."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from risk import policy, wording
from trading.dashboard import words
from trading.dashboard.presenters import uses


def value(limit_name: str, text: str) -> str:
    """What was seen or allowed, for instance "5.12 %" or "09:34 ET"; what is no figure stays as it was written."""
    if not text:
        return words.NOTHING
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _moment(text)
    bound = policy.BOUNDS.get(limit_name)
    if bound is None or not number.is_finite():
        return text
    return uses.figure(bound.unit, number)


def _moment(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return wording.moment(at) if at.tzinfo else text
