"""The market stream against a peer of its own: whole minutes, bad bars, refusals."""

from collections.abc import AsyncGenerator
from typing import Any

import msgpack
import pytest
from websockets.asyncio.server import ServerConnection

from tests.unit.trading.broker import values
from tests.unit.trading.broker.ws_peer import QUICK, Talk, heard, peer
from trading.broker.gateway import BarReport, QuoteReport
from trading.broker.market_stream import MarketStream
from trading.broker.stream_link import Unreadable

BAR = {"T": "b", "o": 1.5, "h": 2, "l": 1, "c": 1.25, "v": 100, "t": msgpack.Timestamp(1_780_320_600)}


class TestMarketStream:
    def talk(self, *frames: list[dict[str, Any]] | bytes) -> Talk:
        async def talk(socket: ServerConnection) -> None:
            await socket.send(msgpack.packb([{"T": "success", "msg": "connected"}]))
            assert msgpack.unpackb(await socket.recv())["secret"] == "only-for-tests-0123456789"
            await socket.send(msgpack.packb([{"T": "success", "msg": "authenticated"}]))
            assert msgpack.unpackb(await socket.recv())["bars"] == ["AAPL", "MSFT"]
            await socket.send(msgpack.packb([{"T": "subscription", "bars": ["AAPL", "MSFT"]}]))
            for frame in frames:
                await socket.send(frame if isinstance(frame, bytes) else msgpack.packb(frame))
            await socket.wait_closed()

        return talk

    def listen(self, url: str) -> AsyncGenerator[Any]:
        return MarketStream(values.keys("default", url), ["AAPL", "MSFT"], patience=QUICK).listen()

    async def test_yields_the_bars_of_a_frame_together(self) -> None:
        quote = {"T": "q", "S": "AAPL", "bp": 1.2, "ap": 1.3, "t": msgpack.Timestamp(1_780_320_600)}

        async with peer(self.talk([BAR | {"S": "AAPL"}, BAR | {"S": "MSFT"}], [quote])) as url:
            _, bars, told = await heard(self.listen(url), 3)

        assert [type(bar) for bar in bars] == [BarReport, BarReport]
        assert [bar.symbol for bar in bars] == ["AAPL", "MSFT"]
        assert isinstance(told, QuoteReport)
        assert str(told.ask) == "1.3"

    @pytest.mark.parametrize("change", [{"c": 0}, {"h": float("nan")}, {"l": 3}, {"t": "noon"}, {"v": None}])
    async def test_keeps_a_bad_bar_out_and_the_others_in(self, change: dict[str, Any]) -> None:
        async with peer(self.talk([BAR | {"S": "AAPL"} | change, BAR | {"S": "MSFT"}])) as url:
            _, bars, kept = await heard(self.listen(url), 3)

        assert [bar.symbol for bar in bars] == ["MSFT"]
        assert isinstance(kept, Unreadable)

    async def test_keeps_a_frame_that_is_no_msgpack(self) -> None:
        async with peer(self.talk(b"\xc1\xc1", [BAR | {"S": "MSFT"}])) as url:
            _, kept, bars = await heard(self.listen(url), 3)

        assert isinstance(kept, Unreadable)
        assert kept.raw == "c1c1"
        assert [bar.symbol for bar in bars] == ["MSFT"]

    async def test_waits_longer_when_the_peer_counts_too_many(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await socket.send(msgpack.packb([{"T": "error", "code": 406, "msg": "connection limit exceeded"}]))

        async with peer(talk) as url:
            (lost,) = await heard(self.listen(url), 1)

        assert lost.retry_in == QUICK.crowded_retry
