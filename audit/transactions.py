"""Where the database's transactions stand: what a reader must know to miss no event that commits late."""

from django.db import connection


def oldest_running() -> int:
    """Every transaction numbered below this has ended; no event with a smaller `xid` can still appear."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def try_lock(name: str) -> bool:
    """Hold the lock `name` until this transaction ends; False when another session holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
