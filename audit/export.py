"""The record as lines that outsiders can keep and verify: events in sealing order, each batch followed by its seal."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from audit import sealing
from audit.models import AuditSeal

Line = dict[str, Any]


def lines() -> Iterator[Line]:
    """Everything: sealed batches, then what is not sealed yet, then the end. One consistent view of the database."""
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield from _lines()


def _lines() -> Iterator[Line]:
    events = seals = until = 0
    for seal in AuditSeal.objects.order_by("batch").iterator():
        for event in sealing.in_seal_order(seal.from_xid, seal.until_xid).iterator():
            events += 1
            yield {"type": "event", "event": sealing.event_line(event)}
        seals, until = seals + 1, seal.until_xid
        yield {"type": "seal", "seal": sealing.seal_line(seal)}
    for event in sealing.in_seal_order(until).iterator():
        events += 1
        yield {"type": "event", "event": sealing.event_line(event)}
    yield {"type": "end", "events": events, "seals": seals}


def text(line: Line) -> str:
    """One line of the export file."""
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
