"""Every message of the order stream is kept before it is applied; a poison one is told of and passed over.

Applying is idempotent, so a message left behind by a process that died is simply applied when listening begins again.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import InterfaceError, OperationalError, transaction

from audit import crash_points, trail
from trading import orders
from trading.broker import factory
from trading.broker.gateway import OrderReport
from trading.models import Account, StreamMessage

logger = logging.getLogger(__name__)

_State = StreamMessage.State


def take(account: Account, report: OrderReport, *, now: datetime) -> orders.Outcome | None:
    """Keep the message and apply it; None where it is poison. Wall clock.

    Raises a database's failure to answer: the message waits, or was never kept, and a heal by REST tells the same.
    """
    kept = StreamMessage.objects.create(account=account, body=report.raw, received_at=now)
    crash_points.reach("inbox.kept")
    return _apply(kept, lambda: report, now=now)


def keep_unreadable(account: Account, text: str, *, reason: str, now: datetime) -> None:
    """Keep what could not even be read."""
    kept = StreamMessage(account=account, body=text, received_at=now, state=_State.POISON, done_at=now, outcome=reason)
    with transaction.atomic():
        kept.save(force_insert=True)
        _tell(kept, now=now)


def work_off(account: Account, *, now: datetime) -> int:
    """Apply what an earlier process kept and did not finish; returns how many messages that were."""
    left = list(StreamMessage.objects.filter(account=account, state=_State.WAITING).order_by("pk"))
    for kept in left:
        _apply(kept, partial(factory.read_update, kept.body), now=now)
    return len(left)


def _apply(kept: StreamMessage, read: Callable[[], OrderReport], *, now: datetime) -> orders.Outcome | None:
    try:
        outcome = orders.apply_report(kept.account, read(), now=now, heard=orders.Heard.STREAM)
    except (OperationalError, InterfaceError):
        raise  # the database, not the message: it waits
    except Exception as poison:  # whatever is wrong with one message must not deafen us to the next
        logger.exception("a message of the order stream cannot be applied", extra={"stream_message": kept.pk})
        _finish(kept, _State.POISON, f"{type(poison).__name__}: {poison}"[:500], now=now)
        return None
    crash_points.reach("inbox.applied")
    _finish(kept, _State.APPLIED, outcome.value, now=now)
    crash_points.reach("inbox.finished")
    return outcome


def _finish(kept: StreamMessage, state: StreamMessage.State, outcome: str, *, now: datetime) -> None:
    kept.state, kept.outcome, kept.done_at = state, outcome, now
    with transaction.atomic():
        kept.save(update_fields=["state", "outcome", "done_at"])
        if state == _State.POISON:
            _tell(kept, now=now)


def _tell(kept: StreamMessage, *, now: datetime) -> None:
    trail.record(
        event="stream.poison",
        account=kept.account.number,
        mode=kept.account.mode,
        subject=str(kept.pk),
        sentence=f"message {kept.pk} of the order stream cannot be applied and is kept: {kept.outcome}",
        by="stream",
        now=now,
        severity="serious",
    )
