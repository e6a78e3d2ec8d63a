"""Our own stream clients against the running venue."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from decimal import Decimal
from typing import Any

import pytest

from tests import venue
from tests.contract.broker import rigs
from tests.unit.trading.broker import values
from trading.broker.gateway import BarReport, OrderReport, QuoteReport, StatusReport
from trading.broker.market_stream import MarketStream
from trading.broker.stream_link import Connected
from trading.broker.updates import TradeUpdates
from trading.venue.incidents import Incident


@pytest.fixture
def rig(replay: venue.Script) -> Iterator[rigs.VenueRig]:
    with rigs.on_the_venue(replay) as made:
        assert isinstance(made, rigs.VenueRig)
        made.step()
        yield made


def keys(rig: rigs.VenueRig) -> values.Keys:
    return values.keys(rigs.NUMBER, rig.running.url, key="PKTEST", secret="secret")


async def heard(
    listening: AsyncGenerator[Any], act: Callable[[], Any], enough: Callable[[list[Any]], bool]
) -> list[Any]:
    """Connect, act in another thread, and return what is heard until it is enough."""
    items: list[Any] = []
    async with asyncio.timeout(10), aclosing(listening):
        assert await anext(listening) == Connected()
        acting = asyncio.get_running_loop().run_in_executor(None, act)
        async for item in listening:
            items.append(item)
            if enough(items):
                await acting
                return items
    raise AssertionError(f"the stream ended after {items}")


class TestTradeUpdates:
    async def test_tells_an_order_from_its_start_to_its_fill(self, rig: rigs.VenueRig) -> None:
        wanted = rigs.market_order("5")

        def act() -> None:
            rig.gateway.submit(wanted)
            rig.step()

        items = await heard(TradeUpdates(keys(rig)).listen(), act, lambda seen: seen[-1].event == "fill")

        assert all(isinstance(item, OrderReport) for item in items)
        assert {item.client_order_id for item in items} == {wanted.client_order_id}
        assert items[-1].execution.execution_id
        assert sum(item.execution.quantity for item in items if item.execution) == 5

    async def test_tells_what_rest_tells(self, rig: rigs.VenueRig) -> None:
        def act() -> None:
            rig.gateway.submit(rigs.market_order("5"))
            rig.step()

        items = await heard(TradeUpdates(keys(rig)).listen(), act, lambda seen: seen[-1].event == "fill")

        read = rig.gateway.order(items[-1].broker_order_id)

        assert read is not None
        for name in (
            "client_order_id",
            "status",
            "filled_quantity",
            "filled_average_price",
            "quantity",
            "side",
            "type",
        ):
            assert getattr(read, name) == getattr(items[-1], name)


class TestMarketStream:
    async def test_tells_a_minute_of_all_symbols_at_once(self, rig: rigs.VenueRig) -> None:
        listening = MarketStream(keys(rig), ["AAPL", "MSFT"], quotes=True).listen()

        items = await heard(listening, rig.step, lambda seen: any(isinstance(each, tuple) for each in seen))

        bars = next(each for each in items if isinstance(each, tuple))
        assert sorted(bar.symbol for bar in bars) == ["AAPL", "MSFT"]
        assert all(isinstance(bar, BarReport) and bar.close == Decimal(100) for bar in bars)
        assert all(isinstance(each, QuoteReport) for each in items if each is not bars)


class TestStatuses:
    async def test_tell_of_a_pause_and_of_its_end(self, rig: rigs.VenueRig) -> None:
        def pause(reason: str) -> None:
            acts = rig.running.venue.conductor._acts
            rig.running.call(lambda: acts.happen(Incident("pause", "", "AAPL", words=reason)))
            rig.step()

        def act() -> None:
            pause("MWC1")
            pause("")

        def ended(seen: list[Any]) -> bool:
            return isinstance(seen[-1], StatusReport) and seen[-1].code == "T"

        items = await heard(MarketStream(keys(rig), ["AAPL"]).listen(), act, ended)

        first, last = (item for item in items if isinstance(item, StatusReport))
        assert (first.symbol, first.code, first.reason_code) == ("AAPL", "H", "MWC1")
        assert (last.symbol, last.reason_code) == ("AAPL", "")
