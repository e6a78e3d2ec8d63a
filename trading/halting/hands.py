"""Several connections to the broker for one account, opened for as long as many requests must leave at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from trading.broker import factory
from trading.broker.gateway import BrokerError, BrokerGateway

FEW = 4
"""Up to so many orders go over the one connection there is, one after the other."""

HANDS = 8


@contextmanager
def opened(number: str, wanted: int) -> Iterator[list[BrokerGateway]]:
    """As many gateways as are wanted, `HANDS` at most, each for one thread at a time; closed afterwards."""
    made = [factory.another(number) for _ in range(min(HANDS, wanted))]
    try:
        yield list(made)
    finally:
        for hand in made:
            hand.close()


@contextmanager
def made_ready(number: str, wanted: int) -> Iterator[list[BrokerGateway]]:
    """The same, connected and shown to open the right account, so that the first order over each waits for nothing."""
    with opened(number, wanted) as found:
        with ThreadPoolExecutor(max(1, len(found))) as pool:
            ready = list(pool.map(_answers, found))
        yield [hand for hand, answered in zip(found, ready, strict=True) if answered]


def _answers(hand: BrokerGateway) -> bool:
    try:
        hand.account()
    except BrokerError:
        return False
    return True
