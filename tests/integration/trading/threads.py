"""Tests with threads: each with a database connection of its own, and waiting for what another one does."""

import time
from collections.abc import Callable

from django.db import connection

PATIENCE = 45.0


def in_thread[**P, T](do: Callable[P, T]) -> Callable[P, T]:
    """The same for another thread: its connection is closed when it is done."""

    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return do(*args, **kwargs)
        finally:
            connection.close()

    return run


def until(true: Callable[[], object]) -> None:
    """Wait for what another thread does; fails when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
