"""The order stream tells the desk things twice, late, strangely or not at all: each fill is booked once."""

import asyncio
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from tests.integration.trading import faulty_desk
from tests.integration.trading.faulty_desk import assert_settled, converge, planned, wish
from tests.robot import Robot
from trading import orders
from trading.broker import factory
from trading.broker.gateway import OrderReport
from trading.broker.stream_link import Connected
from trading.models import Fill, Position
from trading.orders import Heard
from trading.venue.faults.plan import When

pytestmark = pytest.mark.django_db

ALWAYS, OFTEN = When(rate=Decimal(1)), When(rate=Decimal("0.5"))
PATIENCE = 10


class Ears:
    """What was heard of the account's orders, for the test's own thread to apply."""

    def __init__(self) -> None:
        self.heard: queue.Queue[OrderReport] = queue.Queue()
        self.up = threading.Event()

    async def listen(self, desk: Robot) -> None:
        async for item in factory.updates_for(desk.account.number).listen():
            if isinstance(item, Connected):
                self.up.set()
            if isinstance(item, OrderReport):
                self.heard.put(item)

    def apply(self, desk: Robot) -> int:
        """Apply all that has come by now, as the stream's process does."""
        count = self.heard.qsize()
        for _ in range(count):
            orders.apply_report(desk.account, self.heard.get(), now=desk.now, heard=Heard.STREAM)
        return count


@contextmanager
def _listening(desk: Robot) -> Iterator[Ears]:
    ears = Ears()
    loop = asyncio.new_event_loop()
    task = loop.create_task(ears.listen(desk))

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.run_until_complete(loop.shutdown_asyncgens())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ears.up.wait(PATIENCE)
    yield ears
    loop.call_soon_threadsafe(task.cancel)
    thread.join(PATIENCE)
    loop.close()


@pytest.fixture
def desk() -> Iterator[Robot]:
    with faulty_desk.faulty_desk() as made:
        yield made


def _heard(ears: Ears, desk: Robot, least: int) -> None:
    """Wait for so many events, then apply what came."""
    deadline = time.monotonic() + PATIENCE
    while ears.heard.qsize() < least:
        assert time.monotonic() < deadline, "the events did not come"
        time.sleep(0.01)
    ears.apply(desk)


class TestHearing:
    @pytest.mark.parametrize(
        ("name", "when", "least"),
        [
            ("duplicate_event", ALWAYS, 6),
            ("replayed_events", ALWAYS, 6),
            ("reordered_event", OFTEN, 3),
            ("dropped_event", OFTEN, 1),
            ("unknown_event", ALWAYS, 3),
            ("event_unknown_status", ALWAYS, 3),
            ("event_null_fields", ALWAYS, 3),
            ("event_null_data", OFTEN, 1),
            ("event_poison_text", ALWAYS, 3),
        ],
    )
    def test_books_each_fill_once_whatever_the_stream_makes_of_it(
        self, desk: Robot, name: str, when: When, least: int
    ) -> None:
        planned(desk, name, when=when)
        with _listening(desk) as ears:
            wish(desk, "long")
            desk.minute()
            _heard(ears, desk, least)
            desk.minute()
            ears.apply(desk)
            bought = Position.objects.get().quantity
            wish(desk, "flat")
            desk.minute()
            _heard(ears, desk, least)
            converge(desk)
            ears.apply(desk)

        assert bought > 0
        assert faulty_desk.hits(desk, name) > 0
        assert [fill.quantity for fill in Fill.objects.all()] == [bought, bought]
        assert_settled(desk)

    def test_takes_no_fill_back_when_an_older_event_comes_last(self, desk: Robot) -> None:
        planned(desk, "reordered_event", on=["new"], when=ALWAYS)
        with _listening(desk) as ears:
            wish(desk, "long")
            desk.minute()
            _heard(ears, desk, 3)

        assert Fill.objects.get().quantity > 0
        converge(desk)
        assert_settled(desk)

    def test_goes_on_after_the_stream_was_cut(self, desk: Robot) -> None:
        planned(desk, "dropped_stream", on=["fill"])
        with _listening(desk) as ears:
            wish(desk, "long")
            desk.minute()
            ears.up.clear()
            converge(desk)
            assert ears.up.wait(PATIENCE)

        assert Fill.objects.count() == 1
        assert_settled(desk)
