"""Every contract test runs against each broker there is; Alpaca's paper endpoint only where keys for it are given."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests import venue
from tests.contract.broker import rigs

RIGS = {"venue": rigs.on_the_venue, "in-process": rigs.in_process, "paper": rigs.on_paper}
PAPER_KEYS = ("ALPACA_API_KEY", "ALPACA_SECRET_KEY")


@pytest.fixture
def replay() -> venue.Script:
    """Ten flat minutes at 100 USD after two days of history."""
    flat = venue.flat()
    days = [venue.bar("AAPL", datetime(2026, 1, day, 5, tzinfo=UTC), ("98", "101", "97", "100")) for day in (1, 2)]
    minutes = [venue.bar("AAPL", datetime(2026, 1, 2, 20, minute, tzinfo=UTC), "100") for minute in range(3)]
    return venue.Script(flat.script, flat.symbols, past=minutes, past_days=days)


@pytest.fixture(params=["venue", "in-process", pytest.param("paper", marks=pytest.mark.alpaca)])
def rig(request: pytest.FixtureRequest, replay: venue.Script) -> Iterator[rigs.Rig]:
    """One broker behind the port; the market is open where it can be opened."""
    if request.param == "paper" and not all(os.environ.get(name) for name in PAPER_KEYS):
        pytest.skip(f"Alpaca's paper endpoint is asked only with {' and '.join(PAPER_KEYS)} in the environment")
    with RIGS[request.param](replay) as made:
        if made.moves:
            made.step()
        yield made


@pytest.fixture
def moving(rig: rigs.Rig) -> rigs.Rig:
    """A broker whose market the test moves."""
    if not rig.moves:
        pytest.skip("needs a market that the test can move; Alpaca's goes by itself")
    return rig


@pytest.fixture
def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=3650)
