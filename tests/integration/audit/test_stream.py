import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import channel_layers, get_channel_layer
from django.db import transaction
from pytest_django import Settings

from audit import stream
from audit.models import AuditEvent

Write = Callable[..., AuditEvent]


@pytest.fixture(autouse=True)
def _unpaused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_pause", stream._Pause(time.monotonic))


async def heard(work: Callable[[], Any]) -> list[list[str]]:
    """The sentences of each message that reaches the dashboard's group while `work` runs, message by message."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(stream.GROUP, channel)
    await sync_to_async(work)()
    await layer.group_send(stream.GROUP, {"type": "end"})
    messages = []
    while (message := await layer.receive(channel))["type"] != "end":
        assert message["type"] == "desk.events"
        messages.append([event["sentence"] for event in message["events"]])
    await layer.group_discard(stream.GROUP, channel)
    return messages


@pytest.mark.django_db(transaction=True)
class TestPublishOnCommit:
    def test_sends_one_message_for_all_events_of_a_transaction(self, write: Write) -> None:
        def work() -> None:
            with transaction.atomic():
                write(sentence="first")
                write(sentence="second")
            write(sentence="third")

        assert async_to_sync(heard)(work) == [["first", "second"], ["third"]]

    def test_sends_nothing_of_a_transaction_that_was_rolled_back(self, write: Write, write_and_undo: Write) -> None:
        def work() -> None:
            write_and_undo(sentence="undone")
            write(sentence="kept")

        assert async_to_sync(heard)(work) == [["kept"]]

    @pytest.mark.parametrize("undone_first", [True, False])
    def test_leaves_out_what_a_savepoint_took_back(
        self, write: Write, write_and_undo: Write, undone_first: bool
    ) -> None:
        def work() -> None:
            with transaction.atomic():
                if undone_first:
                    write_and_undo(sentence="undone")
                write(sentence="kept")
                if not undone_first:
                    write_and_undo(sentence="undone")
                write(sentence="also kept")

        assert async_to_sync(heard)(work) == [["kept", "also kept"]]

    def test_tells_pages_what_they_show(self, write: Write) -> None:
        event = write(account="paper-1", mode="paper", subject="AAPL", data={"price": "190.10"})

        message = stream.as_message(event)

        assert message["id"] == event.pk
        assert message["at"] == "2026-03-02T15:30:00+00:00"
        assert (message["event"], message["severity"], message["data"]) == (
            "order.submitted",
            "info",
            {"price": "190.10"},
        )


@pytest.fixture
def _stream_away(settings: Settings) -> Iterator[None]:
    """A stream whose Redis refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{taken.getsockname()[1]}"
        backend = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [address]}}
        settings.CHANNEL_LAYERS = {"default": backend}
        channel_layers.backends.clear()
        yield
    channel_layers.backends.clear()


@pytest.mark.django_db(transaction=True)
class TestSend:
    @pytest.mark.usefixtures("_stream_away")
    def test_keeps_the_change_and_says_so_in_the_log_when_redis_is_away(
        self, write: Write, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING, logger="audit.stream"):
            write(sentence="first")
            write(sentence="second")

        assert AuditEvent.objects.count() == 2
        assert ["The live stream is away" in record.message for record in caplog.records] == [True]

    @pytest.mark.filterwarnings("ignore:This process")  # has threads: that is what is tried
    def test_goes_on_in_a_forked_process(self) -> None:
        def work() -> None:
            stream.send([{"sentence": "before the fork"}])
            child = os.fork()
            if child == 0:
                stream.send([{"sentence": "from the child"}])
                os._exit(0)
            os.waitpid(child, 0)
            stream.send([{"sentence": "after it"}])

        assert async_to_sync(heard)(work) == [["before the fork"], ["from the child"], ["after it"]]
