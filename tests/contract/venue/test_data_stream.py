"""The stock data stream, heard by Alpaca's unmodified stream client and by raw sockets."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import msgpack
import pytest
from alpaca.trading import requests
from websockets.asyncio.client import ClientConnection, connect

from tests.contract.venue import clients, listening
from tests.venue import DAYS, RunningVenue, flat, running_venue

PACKED = {"Content-Type": "application/msgpack"}
AUTH = {"action": "auth", "key": "PKTEST", "secret": "secret"}
SECOND = DAYS[0].open + timedelta(minutes=1)


class TestStockDataStream:
    def test_tells_the_bars_of_a_minute(self, venue: RunningVenue) -> None:
        with listening.market_data(venue, "AAPL", "MSFT") as heard:
            venue.step()
            told = heard.take(2)

        assert {each.symbol for each in told} == {"AAPL", "MSFT"}
        assert {each.timestamp for each in told} == {SECOND}
        assert {each.close for each in told} == {100}

    def test_tells_every_symbol_to_who_asks_for_all_on_either_feed(self, venue: RunningVenue) -> None:
        url = venue.data_stream_url.replace("iex", "sip")
        with listening.market_data(venue, "*", url=url) as heard:
            venue.step()

            assert {each.symbol for each in heard.take(2)} == {"AAPL", "MSFT"}

    def test_tells_quotes_trades_and_growing_days(self, venue: RunningVenue) -> None:
        with (
            listening.market_data(venue, "AAPL", channel="quotes") as quotes,
            listening.market_data(venue, "AAPL", channel="trades") as trades,
            listening.market_data(venue, "AAPL", channel="dailyBars") as days,
        ):
            venue.step()

            assert (quotes.next().ask_price, trades.next().price) == (100.01, 100)
            assert days.next().volume == 200_000


async def _hear(socket: ClientConnection) -> list[dict[str, Any]]:
    frame = await asyncio.wait_for(socket.recv(), listening.PATIENCE)
    messages: list[dict[str, Any]] = (
        json.loads(frame) if isinstance(frame, str) else msgpack.unpackb(frame, timestamp=3)
    )
    return messages


async def _say(socket: ClientConnection, message: dict[str, Any]) -> list[dict[str, Any]]:
    await socket.send(bytes(msgpack.packb(message)))
    return await _hear(socket)


class TestFrames:
    async def test_carry_all_bars_of_a_minute_in_one(self, venue: RunningVenue) -> None:
        async with connect(venue.data_stream_url, additional_headers=PACKED) as socket:
            await _hear(socket)
            await _say(socket, AUTH)
            await _say(socket, {"action": "subscribe", "bars": ["*"], "quotes": ["MSFT"]})
            await asyncio.to_thread(venue.step)
            bars, quotes = await _hear(socket), await _hear(socket)

        assert [(each["T"], each["S"], each["t"]) for each in bars] == [("b", "AAPL", SECOND), ("b", "MSFT", SECOND)]
        assert [(each["T"], each["S"]) for each in quotes] == [("q", "MSFT")]

    async def test_are_json_text_for_who_does_not_ask_for_messagepack(self, venue: RunningVenue) -> None:
        async with connect(venue.data_stream_url) as socket:
            hello = await _hear(socket)
            await socket.send(json.dumps(AUTH))
            await _hear(socket)
            await socket.send(json.dumps({"action": "subscribe", "bars": ["AAPL"]}))
            await _hear(socket)
            await asyncio.to_thread(venue.step)
            bars = await _hear(socket)

        assert hello == [{"T": "success", "msg": "connected"}]
        assert bars[0]["t"] == "2026-01-05T14:31:00Z"

    def test_come_after_the_fills_the_minute_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Of 250 shares 100 fill at once and 100 with the next minute: a tenth of each minute's 1000.
        order = requests.MarketOrderRequest(symbol="AAPL", qty=250, side="buy", time_in_force="day")
        with running_venue(flat(volume=1000)) as venue:
            venue.step()
            clients.trading(venue).submit_order(order)
            sent: list[str] = []
            updates, bars = venue.venue.trade_updates, venue.venue.market_data
            monkeypatch.setattr(updates, "publish", lambda account, update: sent.append(update["event"]))
            monkeypatch.setattr(bars, "publish", lambda channel, messages: sent.append(channel))
            venue.step()

        assert sent == ["partial_fill", "bars", "quotes", "trades"]


class TestHandshake:
    async def test_answers_alpacas_numbered_errors(self, venue: RunningVenue) -> None:
        async with connect(venue.data_stream_url, additional_headers=PACKED) as socket:
            await _hear(socket)
            early = await _say(socket, {"action": "subscribe", "bars": ["AAPL"]})
            wrong = await _say(socket, {**AUTH, "secret": "wrong"})
            await _say(socket, AUTH)
            again = await _say(socket, AUTH)
            rubbish = await _say(socket, {"action": "dance"})

        assert [answer[0]["code"] for answer in (early, wrong, again, rubbish)] == [401, 402, 403, 400]

    async def test_confirms_the_full_list_and_unsubscribes(self, venue: RunningVenue) -> None:
        async with connect(venue.data_stream_url, additional_headers=PACKED) as socket:
            await _hear(socket)
            await _say(socket, AUTH)
            first = await _say(socket, {"action": "subscribe", "bars": ["MSFT", "AAPL"], "trades": ["IBM"]})
            second = await _say(socket, {"action": "unsubscribe", "bars": ["MSFT"]})

        assert first[0]["T"] == "subscription"
        assert (first[0]["bars"], first[0]["trades"], first[0]["quotes"]) == (["AAPL", "MSFT"], ["IBM"], [])
        assert second[0]["bars"] == ["AAPL"]
