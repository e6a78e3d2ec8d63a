"""Who starts with the queue's library, and who may do without: only what really sends nothing."""

import pytest

from config import apps
from tests.architecture import source

SENDERS = {"trading.tasks", "trading.management.commands.stream"}
"""The only modules that hand work to the queue."""


class TestHandsWorkOver:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["manage.py", "stream", "--skip-checks"],
            ["manage.py", "shell"],
            ["/x/celery/__main__.py", "-A", "config.celery", "worker"],
            ["pytest"],
        ],
    )
    def test_is_so_for_whoever_may_send(self, arguments: list[str]) -> None:
        assert apps.hands_work_over(arguments)

    @pytest.mark.parametrize("arguments", [["manage.py", "watchdog"], ["/x/uvicorn/__main__.py", "config.asgi:app"]])
    def test_is_not_for_who_sends_nothing(self, arguments: list[str]) -> None:
        assert not apps.hands_work_over(arguments)

    def test_may_be_asked_so_because_nobody_else_sends(self) -> None:
        program = source.python("audit", "config", "risk", "trading")
        sending = {each.module for each in program if "apply_async(" in each.text or ".delay(" in each.text}

        assert sending == SENDERS
