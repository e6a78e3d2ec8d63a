"""What stops are armed again by, made ready beside a cancel-all: ways to the broker, prices, the clock."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from trading import leases
from trading.broker.gateway import BrokerError, BrokerGateway
from trading.choices import TERMINAL
from trading.halting import hands
from trading.models import Account, Order
from trading.portfolio import Prices
from trading.proposing import decisions


@dataclass(frozen=True, slots=True)
class Readying:
    """Several connections that open in the background, or the one that there is."""

    _gateway: BrokerGateway
    _read: Callable[[BrokerGateway], decisions.Moment]
    _connecting: hands.Connecting[decisions.Moment] | None = None

    def gateways(self) -> list[BrokerGateway]:
        """What stops are sent by, one at least: where none opened they leave by the one that there is."""
        return (self._connecting.gateways() if self._connecting else []) or [self._gateway]

    def moment(self, stops: Iterable[Order], lease: leases.Lease, *, now: datetime) -> decisions.Moment:
        """When and by what prices to re-arm. Where they cannot be read, by none, and when the last stop ended.

        What only reduces a holding is judged without a price, and a stop goes back to where it was.
        """
        try:
            return self._connecting.read() if self._connecting else self._read(self._gateway)
        except BrokerError:
            ended = [order.finished_at for order in stops if order.status in TERMINAL and order.finished_at]
            return decisions.Moment(now, max(ended, default=now), Prices({}, {}), lease, pass_id="")


@contextmanager
def begun(
    account: Account,
    gateway: BrokerGateway,
    symbols: Sequence[str],
    lease: leases.Lease,
    *,
    wanted: int,
    now: datetime,
) -> Iterator[Readying]:
    """Connect for as many stops as are `wanted`; for a few nothing is opened, and prices are read when they are."""
    read = partial(decisions.moment, symbols=symbols, lease=lease, now=now)
    if wanted <= hands.FEW:
        yield Readying(gateway, read)
        return
    with hands.made_ready(account.number, wanted, read) as connecting:
        yield Readying(gateway, read, connecting)
