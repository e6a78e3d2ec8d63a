"""One owner of an account's order stream at a time, and whether fills can be heard now.

The lease goes by the database's clock alone. While nobody hears, entries are blocked (`portfolio.blocked_symbols`);
exits and cancels are not.
"""

from datetime import timedelta

from django.db import connection

LEASE = timedelta(seconds=15)
"""How long an owner that says nothing more is believed in; also how long a deaf stream may stay unnoticed."""

# One statement: of two who try at once the second waits for the first one's row, and then finds it held.
_TAKE = """
    INSERT INTO trading_hearing AS hearing (account_id, holder, expires_at)
    VALUES (%(account)s, %(holder)s, now() + %(lease)s::interval)
    ON CONFLICT (account_id) DO UPDATE
    SET holder = excluded.holder, expires_at = excluded.expires_at,
        heard_from = CASE WHEN hearing.holder = excluded.holder THEN hearing.heard_from END
    WHERE hearing.holder = excluded.holder OR hearing.expires_at <= now()
"""


def own(account_id: int, *, holder: str) -> bool:
    """Take the account's stream, or go on owning it; False while another holder has it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"account": account_id, "holder": holder, "lease": f"{LEASE.total_seconds()} seconds"})
        return bool(cursor.rowcount)


def heard(account_id: int, *, holder: str) -> None:
    """From now on order updates are heard."""
    _mark(account_id, holder, "heard_from = coalesce(heard_from, now())")


def lost(account_id: int, *, holder: str) -> None:
    """Nothing is heard any more."""
    _mark(account_id, holder, "heard_from = NULL")


def release(account_id: int, *, holder: str) -> None:
    """Let another process take the stream at once."""
    _mark(account_id, holder, "heard_from = NULL, expires_at = now()")


def _mark(account_id: int, holder: str, change: str) -> None:
    with connection.cursor() as cursor:
        sql = f"UPDATE trading_hearing SET {change} WHERE account_id = %s AND holder = %s"  # noqa: S608 - fixed texts
        cursor.execute(sql, [account_id, holder])
