"""A desk on which every item of the checklist passes, for tests that then put one of them wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from risk import attesting
from risk.attesting import Kind
from tests.integration.trading.hands import open_desk
from tests.robot import Robot
from trading import preflight
from trading.models import PreflightRun
from trading.watching import heartbeats

NAMES = [
    "environment", "database and migrations", "queue", "workers alive", "broker connectivity",
    "clock against the broker", "calendar against the broker", "credentials pinned to the account",
    "account status and flags", "balance and buying power", "market data fresh", "limits set and within ceilings",
    "emergency stop exercised", "reconciliation clean", "open positions protected",
    "last session signed for", "emergency stop exercised lately", "controls assessed within a year",
    "twice the highest load carried", "secrets renewed", "backup restored and checked",
]  # fmt: skip


@contextmanager
def ready_desk(minutes: int = 1) -> Iterator[Robot]:
    """A desk on which everything is as it should be; its wall clock is the real one."""
    with open_desk(minutes) as desk:
        desk.now = timezone.now()
        for process in ("worker", "beat", "stream"):
            heartbeats.beat(process, now=desk.now, worked=True)
        for kind in (Kind.ASSESSMENT, Kind.STRESS, Kind.RESTORE):
            attesting.record(kind, subject="all", sentence="done", by="rita", now=desk.now, evidence={"carried": 1000})
        yield desk


def run(desk: Robot) -> PreflightRun:
    return preflight.run(desk.account, by="ann", now=desk.now)


def item(made: PreflightRun, name: str) -> dict[str, Any]:
    return next(each for each in made.items if each["name"] == name)
