"""The desk's ears on a running venue: what is heard is applied, what is not understood asks for a heal."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from audit.models import AuditEvent
from tests.orderpath import approved
from tests.robot import Robot, robot
from trading import healing, leases, listening, orders
from trading.broker import factory
from trading.choices import OrderStatus
from trading.models import Bar, Fill, Order

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 45.0


def until(true: Callable[[], object]) -> None:
    """Wait for what another thread does; fails when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@dataclass
class Ears:
    """A listener in a thread of its own, and what it asked for."""

    desk: Robot
    passes: list[tuple[str, datetime]] = field(default_factory=list)
    heals: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)

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
        except asyncio.CancelledError:
            pass
        finally:
            # The thread that owns the database connection is the process's: it must know nothing of this test.
            await sync_to_async(connections.close_all, thread_sensitive=True)()
            await sync_to_async(factory.forget, thread_sensitive=True)()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def _has_asked(ears: Ears, passes: int) -> bool:
    return len(ears.passes) >= passes


@pytest.fixture
def desk() -> Iterator[Robot]:
    with robot() as made:
        made.minute()
        yield made


@pytest.fixture
def ears(desk: Robot) -> Iterator[Ears]:
    """Heard: the order updates and the market."""
    made = Ears(desk)
    try:
        until(lambda: made.joined)
        until(lambda: desk.venue.call(lambda: desk.venue.venue.market_data.subscribers("bars")))
        made.heals.clear()
        yield made
    finally:
        made.end()


def send(desk: Robot, **wanted: object) -> Order:
    order = approved(desk.account, quantity=10, at=desk.gateway.clock().at, now=desk.now, **wanted)  # type: ignore[arg-type]
    with leases.held(desk.account.pk, holder="test", now=desk.now) as lease:
        assert lease is not None
        return orders.submit(order.pk, gateway=desk.gateway, lease=lease, now=desk.now)


def publish(desk: Robot, update: dict[str, object]) -> None:
    venue = desk.venue.venue
    desk.venue.call(lambda: venue.trade_updates.publish(desk.account.number, update))


class TestOrderUpdates:
    def test_are_applied_as_they_are_heard(self, desk: Robot, ears: Ears) -> None:
        order = send(desk)
        desk.venue.step()

        until(lambda: Fill.objects.filter(order=order).exists())

        until(lambda: Order.objects.get(pk=order.pk).status == OrderStatus.FILLED)
        order.refresh_from_db()
        assert (order.booked_quantity, order.filled_average_price) == (10, Fill.objects.get().price)
        assert ears.heals == []

    def test_that_can_not_be_read_are_told_and_passed_over(self, desk: Robot, ears: Ears) -> None:
        publish(desk, {"event": "fill", "order": "not an order", "timestamp": "never"})
        order = send(desk)
        desk.venue.step()

        until(lambda: Fill.objects.filter(order=order).exists())

        assert AuditEvent.objects.filter(event="stream.unreadable").exists()
        assert ears.heals == [desk.account.number]

    def test_whose_work_fails_do_not_end_the_listening(
        self, desk: Robot, ears: Ears, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        apply, failed = orders.apply_report, threading.Event()

        def once(*arguments: object, **named: object) -> object:
            if named["heard"] == orders.Heard.STREAM and not failed.is_set():
                failed.set()
                raise RuntimeError("poison")
            return apply(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(orders, "apply_report", once)
        order = send(desk)
        desk.venue.step()

        until(failed.is_set)
        until(lambda: Fill.objects.filter(order=order).exists())

        assert desk.account.number in ears.heals

    def test_of_an_order_that_is_not_ours_ask_for_a_heal(self, desk: Robot, ears: Ears) -> None:
        from dataclasses import replace

        from trading.orders import submission

        order = approved(desk.account, quantity=1, limit="90", at=desk.gateway.clock().at, now=desk.now)
        desk.gateway.submit(replace(submission._wire_order(order), client_order_id="by hand"))

        until(lambda: ears.heals)

        assert Order.objects.get().status == OrderStatus.APPROVED

    def test_ask_for_a_heal_after_each_reconnection(self, desk: Robot, ears: Ears) -> None:
        order = send(desk, limit="90")
        desk.venue.call(desk.venue.venue.trade_updates.close)
        until(lambda: AuditEvent.objects.filter(event="stream.disconnected").exists())
        desk.gateway.cancel(order.broker_order_id or "")  # said while nobody listens

        until(lambda: len(ears.joined) == 2)

        until(lambda: ears.heals)
        healing.heal(desk.account, desk.gateway, now=desk.now, market_now=desk.gateway.clock().at)
        order.refresh_from_db()
        assert order.status == OrderStatus.CANCELED


class TestBars:
    def test_are_kept_and_start_one_pass_a_minute(self, desk: Robot, ears: Ears) -> None:
        known = Bar.objects.count()

        for number in range(1, 4):
            desk.venue.step()
            until(partial(_has_asked, ears, number))

        assert Bar.objects.count() == known + 6
        starts = [bar_at for _, bar_at in ears.passes]
        assert len(starts) == len(set(starts)) == 3
        assert starts == sorted(starts)
