"""Refused attempts: an attempt is one transaction, and the refusal is recorded after it was rolled back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from audit import trail
from audit.severity import Severity


class Refused(Exception):
    """Something was asked for and refused; the text is the sentence for the person who asked."""

    event = "attempt.refused"

    def __init__(
        self,
        sentence: str,
        *,
        by: str,
        now: datetime,
        subject: str = "",
        account: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence, self.by, self.now = sentence, by, now
        self.subject, self.account, self.data = subject, account, dict(data or {})


@contextmanager
def attempt() -> Iterator[None]:
    """Open a transaction; when a Refused leaves it, roll back, record the refusal, and let it go on.

    Inside a caller's transaction the record is as lasting as that one. A caller that may roll back on a Refused opens
    its own `attempt`, which records the refusal again after its own rollback took the first record away.
    """
    try:
        with transaction.atomic():
            yield
    except Refused as refused:
        with transaction.atomic():
            trail.record(
                event=refused.event,
                subject=refused.subject[:128],
                account=refused.account,
                sentence=refused.sentence,
                data=refused.data,
                by=refused.by or "unknown",
                now=refused.now,
                severity=Severity.WARNING,
            )
        raise
