"""Several connections to the broker for one account, opened for as long as many requests must leave at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from trading.broker import factory
from trading.broker.gateway import BrokerError, BrokerGateway

FEW = 4
"""Up to so many orders go over the one connection there is, one after the other."""

HANDS = 8


@contextmanager
def opened(number: str, wanted: int) -> Iterator[list[BrokerGateway]]:
    """As many gateways as are wanted, `HANDS` at most, each for one thread at a time; closed afterwards."""
    with ExitStack() as stack:
        made = [factory.another(number) for _ in range(min(HANDS, wanted))]
        for hand in made:
            stack.callback(hand.close)
            stack.enter_context(hand.urgently())
        yield list(made)


@contextmanager
def made_ready(number: str, wanted: int) -> Iterator[Callable[[], list[BrokerGateway]]]:
    """The same, connected while the block goes on; calling waits for it, for the first order over each waits for none.

    Those are left out that do not open the right account.
    """
    with opened(number, wanted) as found, ThreadPoolExecutor(max(1, len(found))) as pool:
        tried = [pool.submit(_answers, hand) for hand in found]
        yield lambda: [hand for hand, answered in zip(found, tried, strict=True) if answered.result()]


def _answers(hand: BrokerGateway) -> bool:
    try:
        hand.account()
    except BrokerError:
        return False
    return True
