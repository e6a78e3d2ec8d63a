"""Several connections to the broker for one account, opened for as long as many requests must leave at once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from trading.broker import factory
from trading.broker.gateway import BrokerError, BrokerGateway

FEW = 4
"""Up to so many orders go over the one connection there is, one after the other."""

HANDS = 8

AT_ONCE = 3
"""How many of them connect at the same time: what is read meanwhile over another connection comes first."""


@contextmanager
def opened(number: str, wanted: int) -> Iterator[list[BrokerGateway]]:
    """As many gateways as are wanted, `HANDS` at most, each for one thread at a time; closed afterwards."""
    with ExitStack() as stack:
        made = [factory.another(number) for _ in range(min(HANDS, wanted))]
        for hand in made:
            stack.callback(hand.close)
            stack.enter_context(hand.urgently())
        yield list(made)


@dataclass(frozen=True, slots=True)
class Connecting[T]:
    """Gateways that connect in the background, and what the first of them reads meanwhile."""

    _hands: Sequence[BrokerGateway]
    _first: Future[T]
    _others: Sequence[Future[bool]]

    def read(self) -> T:
        """Wait for what was read. Raises what the gateway raises for a read."""
        return self._first.result()

    def gateways(self) -> list[BrokerGateway]:
        """Those that are connected and were shown to open the right account; waits until each has tried."""
        ready = [self._first.exception() is None, *(each.result() for each in self._others)]
        return [hand for hand, answered in zip(self._hands, ready, strict=True) if answered]


@contextmanager
def made_ready[T](number: str, wanted: int, read: Callable[[BrokerGateway], T]) -> Iterator[Connecting[T]]:
    """The same, connected while the block goes on, so that the first order over each waits for nothing.

    `read` is done by one of them and touches no row.
    """
    with opened(number, wanted) as found, ThreadPoolExecutor(min(AT_ONCE, len(found))) as pool:

        def first(hand: BrokerGateway) -> T:
            hand.account()
            return read(hand)

        yield Connecting(found, pool.submit(first, found[0]), [pool.submit(_answers, hand) for hand in found[1:]])


def _answers(hand: BrokerGateway) -> bool:
    try:
        hand.account()
    except BrokerError:
        return False
    return True
