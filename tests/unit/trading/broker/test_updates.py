"""The trade-update stream against a peer of its own: admission, silence, poison, reconnection."""

import asyncio
import json
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from tests.unit.trading.broker import values
from tests.unit.trading.broker.ws_peer import QUICK, heard, peer
from trading.broker.gateway import OrderReport
from trading.broker.stream_link import Connected, Disconnected, Patience, Silent, Unreadable
from trading.broker.updates import TradeUpdates

AUTHORIZED = {"stream": "authorization", "data": {"status": "authorized", "action": "authenticate"}}
LISTENING = {"stream": "listening", "data": {"streams": ["trade_updates"]}}


async def admit(socket: ServerConnection) -> None:
    """Alpaca's side of the handshake, in binary frames as its paper endpoint sends them."""
    asked = json.loads(await socket.recv())
    assert asked["action"] == "authenticate"
    assert asked["data"]["secret_key"] == "only-for-tests-0123456789"
    await socket.send(json.dumps(AUTHORIZED).encode())
    await socket.recv()
    await socket.send(json.dumps(LISTENING).encode())


def fill() -> dict[str, Any]:
    order = values.order_body(status="filled", filled_qty="0.3", filled_avg_price="100.10")
    told = {"event": "fill", "execution_id": "e-1", "timestamp": "2026-06-01T13:31:00Z", "price": "100.1", "qty": "0.3"}
    return {"stream": "trade_updates", "data": told | {"order": order}}


def updates(url: str, patience: Patience = QUICK) -> AsyncGenerator[Any]:
    return TradeUpdates(values.keys("default", url), patience).listen()


class TestTradeUpdates:
    async def test_yields_reports_with_event_and_execution(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await admit(socket)
            await socket.send(json.dumps(fill()))
            await socket.wait_closed()

        async with peer(talk) as url:
            connected, report = await heard(updates(url), 2)

        assert connected == Connected()
        assert isinstance(report, OrderReport)
        assert (report.event, report.client_order_id) == ("fill", values.CLIENT_ID)
        assert report.execution is not None

    @pytest.mark.parametrize(
        "poison",
        [
            "no json",
            "[]",
            "5",
            '{"stream":"trade_updates","data":null}',
            '{"stream":"trade_updates","data":{"event":"x"}}',
        ],
    )
    async def test_keeps_a_poison_message_and_goes_on(self, poison: str) -> None:
        async def talk(socket: ServerConnection) -> None:
            await admit(socket)
            await socket.send(poison)
            await socket.send(json.dumps(fill()))
            await socket.wait_closed()

        async with peer(talk) as url:
            _, kept, report = await heard(updates(url), 3)

        assert isinstance(kept, Unreadable)
        assert kept.raw == poison
        assert isinstance(report, OrderReport)

    async def test_loses_nothing_that_is_said_before_the_listening_answer(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await socket.recv()
            await socket.send(json.dumps(AUTHORIZED))
            await socket.recv()
            await socket.send(json.dumps(fill()))
            await socket.send(json.dumps(LISTENING))
            await socket.wait_closed()

        async with peer(talk) as url:
            connected, report = await heard(updates(url), 2)

        assert (connected, report.event) == (Connected(), "fill")

    async def test_notices_that_authentication_is_never_answered(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await socket.wait_closed()

        async with peer(talk) as url:
            (lost,) = await heard(updates(url), 1)

        assert isinstance(lost, Disconnected)
        assert "authentication" in lost.reason

    async def test_tells_a_refusal_without_the_secret(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await socket.recv()
            answer = {"stream": "authorization", "data": {"status": "unauthorized", "action": "authenticate"}}
            await socket.send(json.dumps(answer))
            await socket.wait_closed()

        async with peer(talk) as url:
            (lost,) = await heard(updates(url), 1)

        assert "unauthorized" in lost.reason
        assert "only-for-tests" not in repr(lost)

    async def test_does_not_take_a_deaf_stream_for_a_listening_one(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await socket.recv()
            await socket.send(json.dumps(AUTHORIZED))
            await socket.send(json.dumps({"stream": "listening", "data": {"streams": []}}))
            await socket.wait_closed()

        async with peer(talk) as url:
            (lost,) = await heard(updates(url), 1)

        assert isinstance(lost, Disconnected)

    async def test_comes_back_after_each_loss(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await admit(socket)
            socket.transport.abort()

        async with peer(talk) as url:
            items = await heard(updates(url), 6)

        assert [type(item) for item in items] == [Connected, Disconnected] * 3

    async def test_waits_longer_after_a_connection_limit_answer(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await socket.recv()
            await socket.send(json.dumps({"action": "error", "data": {"error_message": "connection limit exceeded"}}))

        async with peer(talk, refuse=[HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY]) as url:
            items = await heard(updates(url), 3)

        assert [item.retry_in == QUICK.crowded_retry for item in items] == [True, False, True]

    async def test_notices_a_peer_that_answers_no_pings(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await admit(socket)
            socket.transport.pause_reading()
            await socket.wait_closed()

        async with peer(talk) as url:
            connected, lost = await heard(updates(url), 2)

        assert connected == Connected()
        assert isinstance(lost, Disconnected)

    async def test_tells_silence_while_pings_are_answered(self) -> None:
        async def talk(socket: ServerConnection) -> None:
            await admit(socket)
            await socket.wait_closed()

        async with peer(talk) as url:
            items = await heard(updates(url, Patience(silence=0.05, close=0.2)), 3)

        assert [type(item) for item in items] == [Connected, Silent, Silent]
        assert items[2].seconds > items[1].seconds >= 0.05

    async def test_gives_its_connection_back_when_closed(self) -> None:
        closed = asyncio.Event()

        async def talk(socket: ServerConnection) -> None:
            await admit(socket)
            await socket.wait_closed()
            closed.set()

        async with peer(talk) as url:
            await heard(updates(url), 1)
            async with asyncio.timeout(2):
                await closed.wait()
