"""Virtual time in place of the module `time` where the program measures or waits, and ids drawn from the seed."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from random import Random
from types import ModuleType
from typing import Protocol
from unittest import mock

from trading import drill, duties, leases, strangers
from trading.halting import kill_switch, rearming, stopping, sweeping
from trading.orders import reading_back

MEASURING: tuple[ModuleType, ...] = (
    drill, duties, kill_switch, leases, reading_back, rearming, stopping, strangers, sweeping,
)  # fmt: skip
"""Modules on the rig's path that measure how long something takes, or wait."""

OVERSLEEPS = 1.0
"""Seconds that a wait lasts at least: who looks again and again finds the world changed, not the same ten times."""


class Turning(Protocol):
    """A world whose time can be moved on."""

    @property
    def t(self) -> datetime: ...
    def advance(self, by: timedelta) -> None: ...


class Time:
    """What stands where the program says `time`."""

    def __init__(self, world: Turning) -> None:
        self._world = world
        self._began = world.t

    def monotonic(self) -> float:
        return (self._world.t - self._began).total_seconds()

    def sleep(self, seconds: float) -> None:
        self._world.advance(timedelta(seconds=max(seconds, OVERSLEEPS)))


@contextmanager
def virtual(world: Turning, seed: int) -> Iterator[None]:
    """Let the program's waits and ids be the world's for the length of a block."""
    time, ids = Time(world), Random(f"ids {seed}")

    def drawn() -> uuid.UUID:
        return uuid.UUID(int=ids.getrandbits(128), version=4)

    with ExitStack() as stack:
        for module in MEASURING:
            stack.enter_context(mock.patch.object(module, "time", time))
        stack.enter_context(mock.patch.object(uuid, "uuid4", drawn))
        yield
