"""Checking a database that was restored from a backup: it must hold our own record, row for row, up to its end."""

from datetime import datetime
from typing import Any, Protocol

import psycopg
from django.db import connection

from risk import attesting, refusals, wording
from risk.attesting import Kind
from risk.models import Attestation

RECORD = ("audit_auditevent", "audit_auditseal", "risk_execution", "risk_vote", "trading_fill", "trading_lotclosing")
"""Tables that are only added to: a restored one holds the beginning of ours, unchanged."""

_KEYS = {"audit_auditseal": "batch"}
_SAME = (
    "SELECT count(*), coalesce(md5(string_agg(md5(t::text), '' ORDER BY {key})), '') FROM {table} t WHERE {key} <= {to}"
)
_IDENTITY = "SELECT pg_postmaster_start_time()::text, oid::text FROM pg_database WHERE datname = current_database()"
_MIGRATIONS = "SELECT app || ' ' || name FROM django_migrations"


class NotRestored(refusals.Refused):
    """What was given is no restored backup that can be checked; nothing was recorded."""

    event = "restore.refused"


class _Cursor(Protocol):
    def execute(self, query: str, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


def check(url: str, *, backup: str, by: str, now: datetime) -> Attestation:
    """Compare the database at `url` with ours and keep what came of it. `backup` is the backup's name for people.

    Raises NotRestored where it cannot be reached, is the running database itself, or holds no desk.
    """
    with refusals.attempt(), connection.cursor() as ours:
        ours.execute("SET LOCAL timezone TO 'UTC'")
        try:
            with psycopg.connect(url, connect_timeout=10, options="-c timezone=UTC") as there, there.cursor() as theirs:
                return _compare(theirs, ours, backup=backup, by=by, now=now)
        except psycopg.Error as failure:
            said = (
                f"The restored database cannot be read ({type(failure).__name__}): give the address of one that runs."
            )
            raise NotRestored(said, by=by, now=now, subject=backup) from None


def _compare(theirs: _Cursor, ours: _Cursor, *, backup: str, by: str, now: datetime) -> Attestation:
    if _rows(theirs, _IDENTITY) == _rows(ours, _IDENTITY):
        said = "That is the running database itself: restore the backup into another one."
        raise NotRestored(said, by=by, now=now, subject=backup)
    missing = {name for (name,) in _rows(theirs, _MIGRATIONS)} - {name for (name,) in _rows(ours, _MIGRATIONS)}
    ((newest,),) = _rows(theirs, "SELECT max(at) FROM audit_auditevent")
    if newest is None:
        raise NotRestored("It holds no event: no desk was backed up there.", by=by, now=now, subject=backup)
    rows, different = {}, []
    for table in RECORD:
        found, same = _begins_ours(table, theirs, ours)
        rows[table] = found
        if not same:
            different.append(table)
    held = not different and not missing
    return attesting.record(
        Kind.RESTORE,
        subject=backup[:128],
        passed=held,
        sentence=_said(backup, newest, rows, different, missing),
        by=by,
        now=now,
        evidence={"rows": rows, "newest": newest, "different": different, "unknown_migrations": sorted(missing)},
    )


def _begins_ours(table: str, theirs: _Cursor, ours: _Cursor) -> tuple[int, bool]:
    """How many rows the restored table holds, and whether ours begins with exactly these."""
    key = _KEYS.get(table, "id")
    ((last,),) = _rows(theirs, f"SELECT coalesce(max({key}), 0) FROM {table}")  # noqa: S608 - names of ours
    asked = _SAME.format(table=table, key=key, to=int(last))
    (seen,), (known,) = _rows(theirs, asked), _rows(ours, asked)
    return int(seen[0]), tuple(seen) == tuple(known)


def _said(backup: str, newest: datetime, rows: dict[str, int], different: list[str], missing: set[str]) -> str:
    events = wording.counted(rows["audit_auditevent"], "event")
    if different or missing:
        wrong = [f"{table} is not ours" for table in different] + [
            f"{name} is unknown here" for name in sorted(missing)
        ]
        return f"{backup}: came back wrong, {'; '.join(wrong)}. Do not rely on it; look at how backups are made."
    return f"{backup}: came back whole, {events} up to {wording.moment(newest)}, each table the beginning of ours."


def _rows(cursor: _Cursor, query: str) -> list[Any]:
    cursor.execute(query)
    return list(cursor.fetchall())
