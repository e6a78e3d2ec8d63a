"""A venue in the middle of its first session, and Alpaca's own clients pointed at it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.venue import clients
from tests.venue import RunningVenue, running_venue


@pytest.fixture
def venue() -> Iterator[RunningVenue]:
    """A venue whose session is open and whose first minute (all at 100.00) has been told."""
    with running_venue() as running:
        running.step()
        yield running


@pytest.fixture
def trading(venue: RunningVenue) -> Any:
    """Alpaca's trading client."""
    return clients.trading(venue)


@pytest.fixture
def history(venue: RunningVenue) -> Any:
    """Alpaca's historical data client."""
    return clients.history(venue)
