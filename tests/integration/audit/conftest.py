"""What tests of the record share: a way to write, and patience for transactions of other tests to end.

Models are imported inside, since this file is read before Django is set up.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


@pytest.fixture
def write() -> Callable[..., Any]:
    """Write one event and commit it."""
    from django.db import transaction

    from audit import trail

    def write(event: str = "order.submitted", **said: Any) -> Any:
        terms: dict[str, Any] = {"sentence": "It happened.", "by": "robot", "now": NOW, **said}
        with transaction.atomic():
            return trail.record(event=event, **terms)

    return write


@pytest.fixture
def write_and_undo(write: Callable[..., Any]) -> Callable[..., None]:
    """Write one event in a block that is rolled back."""
    from django.db import transaction

    def write_and_undo(**said: Any) -> None:
        with transaction.atomic():
            write(**said)
            transaction.set_rollback(True)

    return write_and_undo


@pytest.fixture
def settled() -> Callable[[], None]:
    """Wait until nothing that runs anywhere on the server could still add events below the newest."""
    from django.db import connection
    from django.db.models import Max

    from audit import transactions
    from audit.models import AuditEvent

    def wait() -> None:
        newest = AuditEvent.objects.aggregate(newest=Max("xid"))["newest"] or 0
        deadline = time.monotonic() + 20
        while transactions.oldest_running() <= newest:
            assert time.monotonic() < deadline, "a transaction of another test does not end"
            with connection.cursor() as cursor:
                # Takes the next number, so that the horizon can move past the newest event.
                cursor.execute("SELECT pg_current_xact_id()")

    return wait
