"""The lease that says who may act for an account, with its fencing token.

One holder at a time; a take-over raises the token, and every transaction of the order path proves its token under a row
lock, so that a worker that slept through its lease is refused by the database, not by good manners.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from trading.models import AccountLease

LEASE = timedelta(seconds=10)

RENEW_BELOW = LEASE / 2
"""A proof of a lease with less time left than this renews it: slow work keeps its lease while it goes on."""


class Fenced(Exception):
    """The lease was lost to another holder; nothing may be written or sent under the old token."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Leave to act for an account. `clock` tells the wall clock it was taken by, moved on by the time gone since."""

    account_id: int
    holder: str
    token: int
    taken_at: datetime
    _started: float = field(default_factory=time.monotonic, compare=False, repr=False)

    def clock(self) -> datetime:
        return self.taken_at + timedelta(seconds=time.monotonic() - self._started)


def acquire(account_id: int, *, holder: str, now: datetime) -> Lease | None:
    """Take the lease; None while it is held, by whomever: a process may have two threads. `now`: wall clock."""
    with transaction.atomic():
        AccountLease.objects.get_or_create(account_id=account_id)
        row = AccountLease.objects.select_for_update().get(account_id=account_id)
        if row.expires_at is not None and row.expires_at > now:
            return None
        row.token += 1
        row.holder, row.expires_at = holder, now + LEASE
        row.save(update_fields=["holder", "token", "expires_at"])
    return Lease(account_id, holder, row.token, now)


def release(lease: Lease, *, now: datetime) -> None:
    """Give the lease back at once, if it is still ours."""
    AccountLease.objects.filter(account_id=lease.account_id, token=lease.token).update(expires_at=now)


def prove(lease: Lease) -> None:
    """Hold the lease's row until the caller's transaction ends; a lease about to run out is renewed.

    Raises:
        Fenced: another holder has taken over.
    """
    held = (
        AccountLease.objects.select_for_update()
        .filter(account_id=lease.account_id)
        .values_list("token", "holder", "expires_at")
        .first()
    )
    if held is None or held[:2] != (lease.token, lease.holder):
        raise Fenced(f"The lease {lease.token} of account {lease.account_id} was taken over.")
    now = lease.clock()
    if held[2] is None or held[2] - now < RENEW_BELOW:
        AccountLease.objects.filter(account_id=lease.account_id).update(expires_at=now + LEASE)


def check(lease: Lease) -> None:
    """Prove the lease in a transaction of its own, before a step at the broker that writes nothing here first.

    Raises:
        Fenced: another holder has taken over.
    """
    with transaction.atomic():
        prove(lease)


@contextmanager
def held(account_id: int, *, holder: str, now: datetime) -> Iterator[Lease | None]:
    """The lease for the length of a block, or None when another holder has it."""
    lease = acquire(account_id, holder=holder, now=now)
    try:
        yield lease
    finally:
        if lease is not None:
            release(lease, now=now)
