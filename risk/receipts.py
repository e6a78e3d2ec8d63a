"""The one writer of halt receipts: what a halt did at the broker, line by line, as the broker left it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from audit import crash_points, trail
from audit.severity import Severity
from risk.models import Halt, HaltReceipt


@dataclass(frozen=True, slots=True)
class Line:
    """One order or position, what was done about it, and whether the broker showed it as final."""

    account: str
    subject: str
    action: str
    """cancel, close, re-arm, keep or suspend"""
    confirmed: bool
    detail: str


def keep(halt: Halt, lines: Iterable[Line], *, by: str, now: datetime, seconds: float = 0.0) -> None:
    """Write the lines and one event that says how complete the stop is, and after how many seconds entries were final.

    Lines of what was never at the broker, or is kept, count among those confirmed.
    """
    rows = [
        HaltReceipt(
            halt=halt,
            account=line.account,
            subject=line.subject,
            action=line.action,
            outcome=HaltReceipt.Outcome.CONFIRMED if line.confirmed else HaltReceipt.Outcome.STILL_OPEN,
            detail=line.detail,
            at=now,
        )
        for line in lines
    ]
    open_ = [row.subject for row in rows if row.outcome != HaltReceipt.Outcome.CONFIRMED]
    with transaction.atomic():
        HaltReceipt.objects.bulk_create(rows)
        crash_points.reach("halt.receipt_stored")
        trail.record(
            event="halt.incomplete" if open_ else "halt.confirmed",
            subject=f"halt:{halt.pk}",
            sentence=f"{halt}: {len(rows) - len(open_)} of {len(rows)} confirmed by the broker"
            + (f"; entries were final after {seconds:.2f} s" if seconds else "")
            + (f"; still open: {', '.join(open_)}" if open_ else ""),
            data={"entries_final_after": f"{seconds:.3f}"} if seconds else {},
            by=by,
            now=now,
            severity=Severity.CRITICAL if open_ else Severity.INFO,
        )
