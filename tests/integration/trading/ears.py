"""A listener at work beside a test: in a thread of its own, with what it asked for."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from asgiref.sync import sync_to_async
from django.db import connections

from tests.integration.trading.threads import PATIENCE, until
from tests.orderpath import going
from tests.robot import Robot
from trading import leases, orders
from trading.broker import factory
from trading.models import Order
from trading.streams import listening


@dataclass
class Ears:
    """A listener in a thread of its own, and what it asked for."""

    desk: Robot
    passes: list[tuple[str, datetime]] = field(default_factory=list)
    heals: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    ended: str = ""

    def __post_init__(self) -> None:
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), name="ears", daemon=True)
        self._thread.start()
        assert self._up.wait(PATIENCE)

    async def _listen(self) -> None:
        listener = listening.Listener(
            [self.desk.account],
            ["AAPL", "MSFT"],
            start_pass=lambda account, bar_at: self.passes.append((account, bar_at)),
            ask_for_heal=self.heals.append,
            joined=self.joined.append,
        )
        self._loop, self._task = asyncio.get_running_loop(), asyncio.ensure_future(listener.listen())
        self._up.set()
        try:
            await self._task
        except* asyncio.CancelledError:
            pass
        except* listening.Superseded as superseded:
            self.ended = str(superseded.exceptions[0])
        finally:
            # The thread that owns the database connection is the process's: it must know nothing of this test.
            await sync_to_async(connections.close_all, thread_sensitive=True)()
            await sync_to_async(factory.forget, thread_sensitive=True)()

    def end(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@contextmanager
def hearing_desk(desk: Robot) -> Iterator[Ears]:
    """Ears that hear the order updates and the market."""
    made = Ears(desk)
    try:
        until(lambda: made.joined)
        until(lambda: desk.venue.call(lambda: desk.venue.venue.market_data.subscribers("bars")))
        made.heals.clear()
        yield made
    finally:
        made.end()


def send(desk: Robot, **wanted: object) -> Order:
    saved = going(desk.account, quantity=10, at=desk.gateway.clock().at, now=desk.now, **wanted)  # type: ignore[arg-type]
    with leases.held(desk.account.pk, holder="test", now=desk.now) as lease:
        assert lease is not None
        return orders.send(saved, gateway=desk.gateway, lease=lease, now=desk.now)
