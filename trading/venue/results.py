"""One line of a 207 answer, in which every item has its own outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trading.venue.values import VenueOrder


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One line of a 207 answer: ``status`` is its own HTTP status, ``order`` or ``body`` (an error) what it says."""

    key: str
    status: int
    order: VenueOrder | None = None
    body: Mapping[str, Any] | None = None
