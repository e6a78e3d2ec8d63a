"""What makes a seed cheap and changes nothing that it finds: plans kept for good, one core, no needless collecting."""

import gc
import os
from contextlib import suppress
from typing import Any

from django.db import connection
from psycopg._preparing import PrepareManager

STATEMENTS = 5_000
"""Prepared statements that a connection keeps: the program has some hundreds."""

COLLECT_AT = 50_000


class Keeping(PrepareManager):
    """Forgets no prepared statement at a rollback, of which a seed has many: no table is made anew here."""

    prepare_threshold = 0
    prepared_max = STATEMENTS

    def clear(self) -> bool:
        return False

    def _should_discard(self, *_: Any) -> bool:
        return False


def tune_connection() -> None:
    """Let the program's connection plan each statement once, and wait for no disk."""
    with connection.cursor() as cursor:
        for setting in ("synchronous_commit = off", "plan_cache_mode = force_generic_plan", "jit = off"):
            cursor.execute(f"SET {setting}")
    connection.connection._prepared = Keeping()


def tune_process(place: int) -> None:
    """Put this process and its server on one core, for they work in turn; leave what is loaded to itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AT, 10, 10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = cursor.fetchone()[0]
    cores = sorted(os.sched_getaffinity(0))
    core = {cores[place % len(cores)]}
    # A server on another machine, or another's process, stays where it is.
    with suppress(OSError):
        os.sched_setaffinity(server, core)
        os.sched_setaffinity(0, core)
