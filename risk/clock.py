"""The database's clock. Sign-offs are judged by it, so that no web server's own clock stretches time."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The instant at the database (UTC), also inside a transaction; for doors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at
