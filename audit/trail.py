"""The single way to write an event: `record`, inside the transaction of the change it tells of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from audit import context, payload, severity, stream
from audit.models import AuditEvent, StateSnapshot


class OutsideTransaction(RuntimeError):
    """An event was to be written outside a transaction, where it could be kept or lost apart from its change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event for `record_many`; fields mean what they mean in `record`."""

    event: str
    sentence: str
    by: str
    now: datetime
    account: str = ""
    subject: str = ""
    mode: str = ""
    severity: str = severity.Severity.INFO
    pass_id: str = ""
    intent: str = ""
    order: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def record(
    *,
    event: str,
    sentence: str,
    by: str,
    now: datetime,
    account: str = "",
    subject: str = "",
    mode: str = "",
    severity: str = severity.Severity.INFO,
    pass_id: str = "",
    intent: str = "",
    order: str = "",
    data: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write one event in the caller's transaction and publish it once that commits.

    `event` is a subject and a past tense ("order.submitted"), `sentence` what a person would say, `by` who acted (a
    person's user name, or the part of the program), `mode` "paper", "live" or empty, `data` the figures behind the
    sentence. The event may be recorded graver than `severity` says, never milder (see `audit.severity`).

    Raises OutsideTransaction without an open transaction, and payload.Unrecordable when `data` holds a secret or a
    value that is not plain.
    """
    entry = Entry(
        event=event,
        sentence=sentence,
        by=by,
        now=now,
        account=account,
        subject=subject,
        mode=mode,
        severity=severity,
        pass_id=pass_id,
        intent=intent,
        order=order,
        data=data or {},
    )
    return record_many([entry])[0]


def record_many(entries: Iterable[Entry]) -> list[AuditEvent]:
    """Write several events with one INSERT, in the order given. Same terms as `record`."""
    _require_transaction()
    events = AuditEvent.objects.bulk_create([_row(entry) for entry in entries])
    stream.publish_on_commit(events)
    return events


def snapshot(
    *,
    account: str,
    mode: str,
    figures: Mapping[str, Any],
    positions: Iterable[Mapping[str, Any]],
    orders: Iterable[Mapping[str, Any]],
    limits: Iterable[Mapping[str, Any]],
    now: datetime,
    pass_id: str = "",
) -> StateSnapshot:
    """Keep how `account` stands now: figures (USD), positions, working orders and limits in force, whole.

    Raises OutsideTransaction and payload.Unrecordable as `record` does.
    """
    _require_transaction()
    state = payload.plain({"positions": list(positions), "orders": list(orders), "limits": list(limits)})
    return StateSnapshot.objects.create(
        at=now, account=account, mode=mode, pass_id=pass_id, figures=payload.plain(figures), **state
    )


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise OutsideTransaction(
            "An event belongs in the transaction of the change it tells of; wrap both in transaction.atomic()."
        )


def _row(entry: Entry) -> AuditEvent:
    caused = context.current()
    payload.instant(entry.now)
    return AuditEvent(
        at=entry.now,
        event=entry.event,
        severity=severity.least(entry.event, entry.severity),
        mode=entry.mode,
        account=entry.account,
        actor=payload.text(entry.by),
        person=caused.person(),
        session=caused.session,
        ip=caused.ip,
        request_id=caused.request_id,
        subject=payload.text(entry.subject),
        intent=entry.intent,
        order=entry.order,
        pass_id=entry.pass_id,
        sentence=payload.text(entry.sentence),
        data=payload.plain(entry.data),
    )
