"""The lease that says who may act for an account, with its fencing token.

One holder at a time; a take-over raises the token, and every transaction of the order path proves its token under a row
lock, so that a worker that slept through its lease is refused by the database, not by good manners.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from audit import crash_points
from trading.models import AccountLease

LEASE = timedelta(seconds=10)

ASK_AGAIN = 0.05
"""Seconds between two tries of one who waits."""

KEPT = timedelta(seconds=1)
"""How long after a try the lease is kept for who waits: workers that come and go would take it between two tries."""

RENEW_BELOW = LEASE / 2
"""A proof of a lease with less time left than this renews it: slow work keeps its lease while it goes on."""


# One statement: where two try at once, the second waits for the first one's row and then finds it held.
_TAKE = """
    INSERT INTO trading_accountlease AS lease (account_id, holder, token, expires_at)
    VALUES (%(account)s, %(holder)s, 1, %(until)s)
    ON CONFLICT (account_id) DO UPDATE
    SET holder = excluded.holder, token = lease.token + 1, expires_at = excluded.expires_at,
        kept_for = '', kept_until = NULL
    WHERE (lease.expires_at IS NULL OR lease.expires_at <= %(now)s)
      AND (lease.kept_until IS NULL OR lease.kept_until <= %(now)s OR lease.kept_for = excluded.holder)
    RETURNING token
"""
_KEEP = """
    UPDATE trading_accountlease SET kept_for = %(holder)s, kept_until = %(until)s
    WHERE account_id = %(account)s AND (kept_until IS NULL OR kept_until <= %(now)s OR kept_for = %(holder)s)
"""


_PROVE = "SELECT token, holder, expires_at, kept_until FROM trading_accountlease WHERE account_id = %s FOR UPDATE"


class Fenced(Exception):
    """The lease was lost to another holder; nothing may be written or sent under the old token."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Leave to act for an account. `clock` tells the wall clock it was taken by, moved on by the time gone since."""

    account_id: int
    holder: str
    token: int
    taken_at: datetime
    _started: float = field(default_factory=lambda: time.monotonic(), compare=False, repr=False)

    def clock(self) -> datetime:
        return self.taken_at + timedelta(seconds=time.monotonic() - self._started)


def acquire(account_id: int, *, holder: str, now: datetime) -> Lease | None:
    """Take the lease; None while it is held, by whomever: a process may have two threads. `now`: wall clock."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"account": account_id, "holder": holder, "until": now + LEASE, "now": now})
        taken = cursor.fetchone()
    crash_points.reach("lease.taken")
    return Lease(account_id, holder, taken[0], now) if taken else None


def wait_for(account_id: int, *, holder: str, now: datetime, patience: float) -> Lease | None:
    """Take the lease as the next one, before all who do not wait; None when it is not free within `patience` seconds.

    For halts: on a busy desk the lease is hardly ever free. `now`: wall clock.
    """
    began = time.monotonic()
    while True:
        gone = time.monotonic() - began
        # The wall clock goes on while we wait: a lease given back or run out meanwhile is free.
        at = now + timedelta(seconds=gone)
        lease = acquire(account_id, holder=holder, now=at)
        if lease is not None or gone > patience:
            return lease
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, {"account": account_id, "holder": holder, "until": at + KEPT, "now": at})
        time.sleep(ASK_AGAIN)


def release(lease: Lease, *, now: datetime) -> None:
    """Give the lease back at once, if it is still ours."""
    AccountLease.objects.filter(account_id=lease.account_id, token=lease.token).update(expires_at=now)


def prove(lease: Lease) -> None:
    """Hold the lease's row until the caller's transaction ends; one about to run out is renewed if no halt waits.

    Raises:
        Fenced: another holder has taken over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PROVE, [lease.account_id])
        held = cursor.fetchone()
    if held is None or held[:2] != (lease.token, lease.holder):
        raise Fenced(f"The lease {lease.token} of account {lease.account_id} was taken over.")
    now, kept_until = lease.clock(), held[3]
    if (held[2] is None or held[2] - now < RENEW_BELOW) and (kept_until is None or kept_until <= now):
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
        crash_points.reach("lease.before_release")
        if lease is not None:
            release(lease, now=now)
