"""The desk's socket lets in who may see, hands on what was committed, and says why it ends."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from audit import trail
from audit.stream import GROUP
from config import people as roles
from config.asgi import application
from tests.desk import house
from trading.dashboard import consumers

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = (b"origin", b"http://localhost:8000")


def cookie(user: User | None) -> list[tuple[bytes, bytes]]:
    """Headers of a browser in which the user is signed in."""
    if user is None:
        return [ORIGIN]
    client = Client()
    client.force_login(user)
    return [ORIGIN, (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())]


def someone(role: str) -> User:
    roles.grant_roles()
    return house.person("vera", role)


def record(sentence: str) -> None:
    with transaction.atomic():
        trail.record(event="order.filled", sentence=sentence, by="test", now=timezone.now())


class Page:
    """An open page's end of the socket."""

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {"type": "websocket", "path": "/ws/desk/", "query_string": b"", "headers": headers, "subprotocols": []}
        self._wire: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]

    async def open(self) -> bool:
        """Whether the handshake was answered."""
        await self._wire.send_input({"type": "websocket.connect"})
        answer = await self._wire.receive_output(10)
        return str(answer["type"]) == "websocket.accept"

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        message = await self._wire.receive_output(10)
        assert message["type"] == "websocket.send", message
        told: dict[str, Any] = json.loads(message["text"])
        return told

    async def closing_code(self) -> int:
        """Why it was closed, whatever was said before."""
        while True:
            message = await self._wire.receive_output(10)
            if message["type"] == "websocket.close":
                return int(message["code"])

    async def leave(self) -> None:
        await self._wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._wire.wait(10)


async def opened(headers: list[tuple[bytes, bytes]]) -> Page:
    page = Page(headers)
    assert await page.open()
    return page


class TestDesk:
    def test_turns_a_stranger_away_and_says_so(self) -> None:
        headers = cookie(None)

        async def walk() -> int:
            return await (await opened(headers)).closing_code()

        assert asyncio.run(walk()) == consumers.SIGNED_OUT

    def test_turns_away_who_has_no_role(self) -> None:
        nobody = User.objects.create_user("nobody")
        headers = cookie(nobody)

        async def walk() -> int:
            return await (await opened(headers)).closing_code()

        assert asyncio.run(walk()) == consumers.MAY_NOT

    def test_is_closed_to_pages_of_other_sites(self) -> None:
        headers = [(b"origin", b"http://elsewhere.example"), *cookie(someone(roles.VIEWER))[1:]]

        assert not asyncio.run(Page(headers).open())

    def test_hands_on_what_was_committed_in_one_batch(self) -> None:
        headers = cookie(someone(roles.VIEWER))

        async def walk() -> tuple[dict[str, Any], list[str]]:
            socket = await opened(headers)
            tick = await socket.hear()
            told: list[str] = []
            await sync_to_async(record)("the first")
            for index in range(4):
                await sync_to_async(record)(f"more {index}")
            batches = 0
            while len(told) < 5:
                message = await socket.hear()
                batches += message["type"] == "events"
                told += [event["sentence"] for event in message["events"]]
            assert batches <= 3
            await socket.leave()
            return tick, told

        tick, told = asyncio.run(walk())

        assert tick["type"] == "tick"
        assert told == ["the first", "more 0", "more 1", "more 2", "more 3"]

    def test_hands_on_marks(self) -> None:
        headers = cookie(someone(roles.VIEWER))

        async def walk() -> dict[str, Any]:
            socket = await opened(headers)
            await socket.hear()
            layer = get_channel_layer()
            assert layer is not None
            await layer.group_send(GROUP, {"type": "marks", "marks": {}})
            message: dict[str, Any] = await socket.hear()
            await socket.leave()
            return message

        assert asyncio.run(walk()) == {"type": "marks"}

    def test_ends_when_the_role_is_taken_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        user = someone(roles.VIEWER)
        headers = cookie(user)
        monkeypatch.setattr(consumers, "TICK_SECONDS", 0.05)

        async def walk() -> int:
            socket = await opened(headers)
            await sync_to_async(user.groups.clear)()
            return await socket.closing_code()

        assert asyncio.run(walk()) == consumers.MAY_NOT
