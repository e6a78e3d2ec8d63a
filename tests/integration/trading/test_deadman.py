"""The outside switch is called for work done by the whole desk, and its address is told nowhere."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.utils import timezone
from pytest_django import Settings

from config.env.secret import Secret
from trading import tasks
from trading.watching import deadman, heartbeats

NOW = timezone.now()

pytestmark = pytest.mark.django_db


class Outside(BaseHTTPRequestHandler):
    """The alarm service: notes each call, and refuses at "/gone"."""

    calls: list[str]

    def do_POST(self) -> None:
        self.calls.append(self.path)
        self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    Outside.calls = []
    server = HTTPServer(("127.0.0.1", 0), Outside)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Outside.calls
    server.shutdown()
    server.server_close()


def everybody_works() -> None:
    for process in deadman.PROCESSES:
        heartbeats.beat(process, now=NOW, worked=True)


class TestCall:
    def test_is_made_while_the_desk_works(self, outside: tuple[str, list[str]], settings: Settings) -> None:
        settings.DEADMAN_URL = Secret(f"{outside[0]}/desk")
        everybody_works()

        assert deadman.call(NOW) == ""
        assert outside[1] == ["/desk"]

    def test_is_not_made_while_a_process_is_silent(self, outside: tuple[str, list[str]], settings: Settings) -> None:
        settings.DEADMAN_URL = Secret(f"{outside[0]}/desk")
        everybody_works()
        heartbeats.beat("stream", now=NOW - deadman.FRESH - timedelta(seconds=1), worked=True)

        assert deadman.call(NOW) == "no sign of life from stream"
        assert outside[1] == []

    @pytest.mark.parametrize("path", ["/gone", None])
    def test_tells_a_failure_without_the_address(
        self,
        outside: tuple[str, list[str]],
        settings: Settings,
        caplog: pytest.LogCaptureFixture,
        path: str | None,
    ) -> None:
        settings.DEADMAN_URL = Secret(f"{outside[0]}{path}" if path else "http://127.0.0.1:1/secret-path")
        everybody_works()

        with caplog.at_level(logging.WARNING):
            reason = deadman.call(NOW)

        assert "could not be reached" in reason
        assert "127.0.0.1" not in caplog.text + reason

    def test_is_asked_for_by_the_schedule(self, outside: tuple[str, list[str]], settings: Settings) -> None:
        settings.DEADMAN_URL = Secret(f"{outside[0]}/desk")
        for process in deadman.PROCESSES:
            heartbeats.beat(process, now=timezone.now(), worked=True)

        tasks.call_deadman()

        assert outside[1] == ["/desk"]

    def test_is_not_made_without_an_address(self, settings: Settings) -> None:
        settings.DEADMAN_URL = Secret("")

        assert deadman.call(NOW) == "DEADMAN_URL is not set"
