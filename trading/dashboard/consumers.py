"""The desk's socket: hands on what has been committed, in batches; writes nothing and reads no record."""

import asyncio
from contextlib import suppress
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils import timezone

from audit.stream import GROUP
from trading.dashboard import access

SIGNED_OUT = 4401
MAY_NOT = 4403
BATCH_SECONDS = 0.5
TICK_SECONDS = 10
MOST_HELD = 200
"""Events of one batch; pages read the record itself, so an overflow loses nothing but a line of a message."""


class Desk(AsyncJsonWebsocketConsumer):
    """One open page. Sends `events` and `marks` at most twice a second; a `tick` every ten shows it lives."""

    async def connect(self) -> None:
        """Let in who may see; anyone else is told why by the closing code, since a refused handshake tells nothing."""
        self.held: list[dict[str, Any]] = []
        self.marked = False
        self.changed = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        await self.accept()
        refusal = await self._refusal()
        if refusal:
            await self.close(code=refusal)
            return
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self._tick()
        self.tasks = [asyncio.create_task(self._hand_on()), asyncio.create_task(self._keep_alive())]

    async def disconnect(self, code: int) -> None:
        """Leave the group and end what runs beside."""
        for task in self.tasks:
            task.cancel()
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """A page has nothing to say here: every change is a form with its own permission."""

    async def desk_events(self, message: dict[str, Any]) -> None:
        """Events that were committed, from `audit.stream`."""
        self.held = (self.held + list(message["events"]))[-MOST_HELD:]
        self.changed.set()

    async def marks(self, message: dict[str, Any]) -> None:
        """Prices or P&L have moved."""
        self.marked = True
        self.changed.set()

    desk_marks = marks

    async def _hand_on(self) -> None:
        while True:
            await self.changed.wait()
            self.changed.clear()
            events, self.held = self.held, []
            marked, self.marked = self.marked, False
            with suppress(Exception):  # the socket may be closing; `disconnect` ends this task
                if events:
                    await self.send_json({"type": "events", "events": events})
                if marked:
                    await self.send_json({"type": "marks"})
            await asyncio.sleep(BATCH_SECONDS)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            refusal = await self._refusal()
            if refusal:
                await self.close(code=refusal)
                return
            await self._tick()

    async def _tick(self) -> None:
        await self.send_json({"type": "tick", "at": timezone.now().isoformat()})

    async def _refusal(self) -> int:
        """The closing code for someone who may not listen (any more), or 0. Asks the session anew each time."""
        code: int = await database_sync_to_async(_refusal)(self.scope["session"].session_key)
        return code


def _refusal(session_key: str | None) -> int:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not user.is_authenticated:
        return SIGNED_OUT
    return 0 if access.may_see(user) else MAY_NOT
