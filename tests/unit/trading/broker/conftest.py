"""A scripted peer and a gateway that talks to it."""

from collections.abc import Iterator

import pytest

from tests.unit.trading.broker import peer as peers
from tests.unit.trading.broker import values
from trading.broker.alpaca import AlpacaGateway
from trading.broker.credentials import UNPINNED


@pytest.fixture
def peer() -> Iterator[peers.Peer]:
    with peers.running() as running:
        yield running


@pytest.fixture
def gateway(peer: peers.Peer) -> Iterator[AlpacaGateway]:
    """A gateway without a pinned number, so that its first request is the one tested."""
    made = AlpacaGateway(values.keys(UNPINNED, peer.url))
    yield made
    made.close()
