"""Seals the record: batches of events under a Merkle root, each seal chained to the one before.

A batch is every event whose transaction number lies in a range that has wholly ended, so nothing can join it later.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, Min

from audit import crash_points, transactions, verifier
from audit.models import AuditEvent, AuditSeal
from audit.models.events import AuditEventQuerySet

_LOCK = "audit.sealing"


class CounterWentBack(RuntimeError):
    """The database counts transactions from below the last seal: it was restored by a logical dump.

    The remedy is to move the new cluster's counter beyond the last seal's (`pg_resetwal --next-transaction-id`).
    """


@dataclass(frozen=True, slots=True)
class Lag:
    """What is not sealed yet: how many events, and since when (None when nothing waits)."""

    events: int
    oldest_at: datetime | None


def seal(*, now: datetime) -> AuditSeal | None:
    """Seal every event that can no longer be joined by another; None when there is none, or another process seals.

    Raises CounterWentBack when transactions are numbered below the last seal.
    """
    with transaction.atomic():
        if not transactions.try_lock(_LOCK):
            return None
        last = AuditSeal.objects.order_by("-batch").first()
        since = last.until_xid if last else 0
        horizon = transactions.oldest_running()
        if horizon < since:
            raise CounterWentBack(f"Transactions are numbered from {horizon}, below {since} where the last seal ends.")
        sealed = _seal_range(last, since, horizon, now)
        crash_points.reach("seal.before_commit")
    crash_points.reach("seal.written")
    return sealed


def _seal_range(last: AuditSeal | None, since: int, until: int, now: datetime) -> AuditSeal | None:
    leaves: list[bytes] = []
    ids: list[int] = []
    for event in in_seal_order(since, until).iterator():
        leaves.append(verifier.leaf(event_line(event)))
        ids.append(event.pk)
    if not leaves:
        return None
    row = AuditSeal(
        batch=last.batch + 1 if last else 1,
        sealed_at=now,
        from_xid=since,
        until_xid=until,
        count=len(leaves),
        first_id=min(ids),
        last_id=max(ids),
        root=verifier.root(leaves),
        previous=last.seal if last else verifier.FIRST,
    )
    row.seal = verifier.seal_hash(seal_line(row))
    row.save(force_insert=True)
    return row


def lag() -> Lag:
    """What waits for a seal."""
    last = AuditSeal.objects.order_by("-batch").first()
    waiting = AuditEvent.objects.filter(xid__gte=last.until_xid if last else 0)
    figures = waiting.aggregate(events=Count("pk"), oldest_at=Min("at"))
    return Lag(**figures)


def in_seal_order(since: int, until: int | None = None) -> AuditEventQuerySet:
    """Events of the transactions in [since, until), in the order they are sealed."""
    events = AuditEvent.objects.filter(xid__gte=since).order_by("xid", "id")
    return events if until is None else events.ended_before(until)


def event_line(event: AuditEvent) -> dict[str, object]:
    """The event as it is hashed and exported."""
    plain = {field.attname: getattr(event, field.attname) for field in AuditEvent._meta.concrete_fields}
    return {**plain, "at": _instant(event.at), "severity": str(event.severity), "version": 1}


def seal_line(seal: AuditSeal) -> dict[str, object]:
    """The seal as it is hashed and exported."""
    plain = {field.attname: getattr(seal, field.attname) for field in AuditSeal._meta.concrete_fields}
    return {**plain, "sealed_at": _instant(seal.sealed_at)}


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")
