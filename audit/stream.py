"""Events leave for the dashboard once their transaction has committed: one message per transaction, to one group.

The record never waits for the stream: when Redis is away the message is dropped with a log line, and pages catch up by
reading the record.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from channels.layers import get_channel_layer
from django.db import connection, transaction

from audit.models import AuditEvent

GROUP = "desk"
"""The Channels group of the dashboard."""

MESSAGE = "desk.events"
"""Message type; Channels hands it to the consumer's method `desk_events` with `{"events": [...]}`, oldest first."""

MARKS = "desk.marks"
"""Message type without content: prices or P&L moved, look again."""

_SEND_SECONDS = 1.0
_PAUSE_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Batch:
    """What one transaction has recorded so far, with the savepoints each event was recorded under."""

    xid: int
    events: list[AuditEvent] = field(default_factory=list)
    savepoints: set[tuple[Any, ...]] = field(default_factory=set)
    sent: bool = False

    def send(self) -> None:
        if self.sent:
            return
        self.sent = True
        send([as_message(event) for event in self._committed()])

    def _committed(self) -> list[AuditEvent]:
        if len(self.savepoints) < 2:
            return self.events
        # A savepoint of the transaction may have been rolled back with its events; only the record knows.
        return list(AuditEvent.objects.filter(pk__in=[event.pk for event in self.events]).in_order())


def publish_on_commit(events: Sequence[AuditEvent]) -> None:
    """Send `events`, together with all others of this transaction, once it has committed."""
    if not events:
        return
    batch: _Batch | None = getattr(connection, "audit_batch", None)
    if batch is None or batch.sent or batch.xid != events[0].xid:
        batch = _Batch(xid=events[0].xid)
        connection.audit_batch = batch  # type: ignore[attr-defined]
    batch.events.extend(events)
    stack = tuple(connection.savepoint_ids)
    if stack not in batch.savepoints:
        # Once per savepoint, since a rolled-back one takes its hooks along; the first to survive sends for all.
        batch.savepoints.add(stack)
        transaction.on_commit(batch.send)


def as_message(event: AuditEvent) -> dict[str, Any]:
    """The event as pages receive it: plain values, instants as ISO 8601 text."""
    return {
        "id": event.pk,
        "at": event.at.isoformat(),
        "event": event.event,
        "severity": str(event.severity),
        "mode": event.mode,
        "account": event.account,
        "actor": event.actor,
        "subject": event.subject,
        "intent": event.intent,
        "order": event.order,
        "pass_id": event.pass_id,
        "sentence": event.sentence,
        "data": event.data,
    }


class _Pause:
    """After a failure, leave the stream alone for a while, so that trading does not pay a time-out per commit."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = clock()
        self._lock = Lock()

    def is_on(self) -> bool:
        with self._lock:
            return self._clock() < self._until

    def begin(self) -> None:
        with self._lock:
            self._until = self._clock() + _PAUSE_SECONDS


_pause = _Pause(time.monotonic)


class _Beside:
    """An event loop beside the threads that record, kept as long as the process and its connection with it.

    A loop and a connection for each commit took ten times as long as the message.
    """

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Also in a forked process, which has the loop but not the thread that ran it."""
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, message: dict[str, Any]) -> None:
        """Send, and wait for it: a command that ends next loses nothing. Raises what the layer raises."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                Thread(target=self._loop.run_forever, name="stream", daemon=True).start()
            sending = asyncio.run_coroutine_threadsafe(_send(message), self._loop)
        try:
            sending.result(2 * _SEND_SECONDS)
        finally:
            sending.cancel()


_beside = _Beside()
os.register_at_fork(after_in_child=_beside.begin_anew)


def send(events: list[dict[str, Any]]) -> None:
    """Hand messages to the group now. Never raises: the change they tell of has already happened."""
    if events:
        _deliver({"type": MESSAGE, "events": events}, f"{len(events)} events reach")


def say_marks_moved() -> None:
    """Tell pages that prices or P&L moved, which is no event of the record. Never raises."""
    _deliver({"type": MARKS}, "new marks reach")


def _deliver(message: dict[str, Any], what: str) -> None:
    if _pause.is_on():
        return
    try:
        _beside.run(message)
    except Exception as error:
        # Whatever the layer raises, the caller's work is done and stands.
        _pause.begin()
        log.warning("The live stream is away (%s); %s pages when they reload.", type(error).__name__, what)


async def _send(message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        await asyncio.wait_for(layer.group_send(GROUP, message), _SEND_SECONDS)
