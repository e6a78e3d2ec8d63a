"""The account configuration: which members exist and what each may be."""

from collections.abc import Mapping
from typing import Any

from trading.venue.refusals import invalid

_BOOLEAN = frozenset(
    {"suspend_trade", "no_shorting", "fractional_trading", "ptp_no_exception_entry", "disable_overnight_trading"}
)
_CHOICES: dict[str, tuple[Any, ...]] = {
    "max_margin_multiplier": ("1", "2", "4"),
    "trade_confirm_email": ("all", "none"),
    "max_options_trading_level": (0, 1, 2, 3),
}


def changed(configuration: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with ``changes``; nulls and unknown members are ignored, as the SDK sends both.

    Raises ``Refusal`` 422 for a value that a member cannot have.
    """
    after = dict(configuration)
    for name, value in changes.items():
        if value is None:
            continue
        if name in _BOOLEAN and not isinstance(value, bool):
            raise invalid(f"{name} must be true or false")
        if name in _CHOICES and (value not in _CHOICES[name] or isinstance(value, bool)):
            raise invalid(f"{name} must be one of {', '.join(map(str, _CHOICES[name]))}")
        if name in after:
            after[name] = value
    return after
