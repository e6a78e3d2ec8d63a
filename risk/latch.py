"""The lock that puts a halt before or after the marking of an order as sent, never between its last look and commit.

Markings share it, a halt takes it alone. No row does this: an order reads the absence of a halt.
"""

import logging

from django.db import OperationalError, connection, transaction

logger = logging.getLogger(__name__)

KEY = 7_310_021
"""The one advisory lock of this name in the database."""

PATIENCE = "1500ms"
"""How long a halt waits for markings that are under way. It never waits for a worker that stands still: such a worker
sends nothing when it wakes up, for too much time has passed since its last look."""


KEEP_OPEN = f"pg_advisory_xact_lock_shared({KEY})"
"""What holds off halts until the transaction ends, for a statement that is sent anyway. The look at the latch must be
a later one: its snapshot has to be younger than a halt that was waited for."""


def keep_open() -> None:
    """Hold off halts until the caller's transaction ends. Raises TransactionManagementError outside of one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {KEEP_OPEN}")


def close() -> None:
    """Wait for the markings under way and hold off new ones until the caller's transaction ends."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEY])
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError:
        logger.warning("an order is being marked as sent for longer than %s; the halt does not wait for it", PATIENCE)
