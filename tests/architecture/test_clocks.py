"""Only doors read a clock; everything behind them is handed `now`. Naive instants are ruff's affair (DTZ)."""

import ast

import pytest

from tests.architecture import source
from tests.architecture.source import Source

CLOCKS = {
    "timezone.now",
    "timezone.localtime",
    "timezone.localdate",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
}
"""`time.monotonic` is no clock in this sense: it measures how long something took."""

DOORS = (
    "audit.admin",
    "audit.sign_ins",  # Django's own signals of sign-ins carry no instant
    "audit.tasks",
    "config.asgi",
    "config.celery",
    "config.direct_halt",
    "config.management",
    "config.metrics",
    "config.own_factors",
    "risk.admin",
    "trading.admin",
    "trading.broker.budget",  # compares the broker's rate-limit header, an epoch, with this machine's clock
    "trading.dashboard.consumers",
    "trading.dashboard.presenters.frame",  # a context processor: Django calls it with the request alone
    "trading.dashboard.views",
    "trading.streams.listening",  # the stream's process
    "trading.management",
    "trading.tasks",
    "trading.venue.api",  # its rate limit counts the minutes of this machine
    "trading.venue.clock",  # the venue has a clock of its own, and this is where it comes from
)


def readings(each: Source) -> list[str]:
    """Every mention of a clock in a file, called or handed on."""
    return [
        f"{each.module}: {written}"
        for node in ast.walk(each.tree)
        if isinstance(node, ast.Attribute) and (written := _last_two(node)) in CLOCKS
    ]


def _last_two(node: ast.Attribute) -> str:
    owner = node.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return f"{name}.{node.attr}"


class TestClocks:
    def test_are_read_at_doors_only(self) -> None:
        behind = [each for each in source.python(*source.APPS) if not source.within(each.module, *DOORS)]

        assert [line for each in behind for line in readings(each)] == []

    def test_are_read_at_every_door_that_is_named(self) -> None:
        files = source.python(*source.APPS)
        idle = [door for door in DOORS if not any(readings(each) for each in files if source.within(each.module, door))]

        assert idle == []

    @pytest.mark.parametrize(
        "text",
        [
            "at = timezone.now()",
            "at = datetime.now(UTC)",
            "at = datetime.datetime.now(UTC)",
            "field(default_factory=timezone.now)",
            "since = time.time()",
        ],
    )
    def test_a_reading_behind_a_door_is_found(self, text: str) -> None:
        assert len(readings(Source("trading.engine", text))) == 1

    def test_a_stop_watch_is_not(self) -> None:
        assert readings(Source("trading.engine", "began = time.monotonic()")) == []
