"""The lease that says who may act for an account, with its fencing token.

One holder at a time; a take-over raises the token, and every transaction of the order path proves its token under a row
lock, so that a worker that slept through its lease is refused by the database, not by good manners.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from trading.models import AccountLease

LEASE = timedelta(seconds=10)


class Fenced(Exception):
    """The lease was lost to another holder; nothing may be written or sent under the old token."""


@dataclass(frozen=True, slots=True)
class Lease:
    account_id: int
    holder: str
    token: int


def acquire(account_id: int, *, holder: str, now: datetime) -> Lease | None:
    """Take or renew the lease; None while another holder's has not run out. `now` is the wall clock."""
    with transaction.atomic():
        AccountLease.objects.get_or_create(account_id=account_id)
        row = AccountLease.objects.select_for_update().get(account_id=account_id)
        free = row.expires_at is None or row.expires_at <= now
        if not free and row.holder != holder:
            return None
        if free or row.holder != holder:
            row.token += 1
        row.holder, row.expires_at = holder, now + LEASE
        row.save(update_fields=["holder", "token", "expires_at"])
    return Lease(account_id, holder, row.token)


def release(lease: Lease, *, now: datetime) -> None:
    """Give the lease back at once, if it is still ours."""
    AccountLease.objects.filter(account_id=lease.account_id, token=lease.token).update(expires_at=now)


def prove(lease: Lease) -> None:
    """Hold the lease's row until the caller's transaction ends.

    Raises:
        Fenced: another holder has taken over.
    """
    held = (
        AccountLease.objects.select_for_update()
        .filter(account_id=lease.account_id)
        .values_list("token", "holder")
        .first()
    )
    if held != (lease.token, lease.holder):
        raise Fenced(f"The lease {lease.token} of account {lease.account_id} was taken over.")


@contextmanager
def held(account_id: int, *, holder: str, now: datetime) -> Iterator[Lease | None]:
    """The lease for the length of a block, or None when another holder has it."""
    lease = acquire(account_id, holder=holder, now=now)
    try:
        yield lease
    finally:
        if lease is not None:
            release(lease, now=now)
