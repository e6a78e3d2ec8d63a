"""Celery's doors: read the clock, find the gateway, one call. Every task is safe to run twice at once.

A pass is started by the arrival of a bar (`stream`); `tick` is the fall-back when no bar is heard.
"""

from datetime import date, datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from risk import limits
from trading import duties
from trading.models import Account
from trading.watching import deadman

CLOSES_AFTER = 0.5
"""Seconds the venue is given to close the session after its last bar; where it takes longer, `tick` closes the day."""


@shared_task(queue="execution")
def run_pass(*, account: str, bar_at: str, **_: Any) -> None:
    """One pass over the bar that starts at `bar_at` (ISO, UTC); a session's last bar asks for its close."""
    start = datetime.fromisoformat(bar_at)
    made = duties.make_pass(Account.objects.get(number=account), start, now=timezone.now())
    if made is not None and (ended := duties.session_ended_by(start)):
        close_day.apply_async(kwargs={"account": account, "session_date": ended.isoformat()}, countdown=CLOSES_AFTER)


@shared_task(queue="execution")
def tick(**_: Any) -> None:
    """See that no bar was missed and no closed session left open, for every active account."""
    for account in Account.objects.filter(active=True):
        duties.catch_up(account, now=timezone.now())


@shared_task(queue="execution")
def heal(*, account: str, **_: Any) -> None:
    """Catch up with the broker by REST, after a gap of the stream or a report that was not understood."""
    duties.heal(Account.objects.get(number=account), now=timezone.now())


@shared_task(queue="reconciliation")
def reconcile(**_: Any) -> None:
    """Compare every active account with its broker."""
    for account in Account.objects.filter(active=True):
        duties.reconcile_if_due(account, now=timezone.now())


@shared_task(queue="reconciliation")
def watch(**_: Any) -> None:
    """Let the monitors look at every active account."""
    for account in Account.objects.filter(active=True):
        duties.watch(account, now=timezone.now())


@shared_task(queue="default")
def return_limits(**_: Any) -> None:
    """Put back what stood before each temporary limit that has ended."""
    limits.return_expired(now=timezone.now())


@shared_task(queue="reconciliation")
def close_day(*, account: str, session_date: str, **_: Any) -> None:
    """Close one session of one account once the venue has closed it."""
    duties.close_day(Account.objects.get(number=account), date.fromisoformat(session_date), now=timezone.now())


@shared_task(queue="default")
def prove_alive(**_: Any) -> None:
    """Beat and a worker prove with one piece of work that both are alive."""
    duties.prove_alive(now=timezone.now())


@shared_task(queue="default")
def call_deadman(**_: Any) -> None:
    """Call the outside dead-man switch, if the desk works."""
    deadman.call(timezone.now())


@shared_task(queue="default")
def preflight_before_sessions(**_: Any) -> None:
    """Run preflight for every active account whose next session is near and has none."""
    for account in Account.objects.filter(active=True):
        duties.preflight_if_due(account, now=timezone.now())
