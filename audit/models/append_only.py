"""The triggers that tables of the record carry: no row is changed or removed, the table is not emptied."""

import pgtrigger
from django.db.models import BigIntegerField, Func


def triggers() -> list[pgtrigger.Trigger]:
    """Triggers for `Meta.triggers` of a table that is only ever added to; they also refuse the owner of the table."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="never_emptied",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
        ),
    ]


def kept() -> list[pgtrigger.Trigger]:
    """Triggers for a table whose rows have a life of their own but are never removed."""
    return [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]


class CurrentTransaction(Func):
    """The number of the transaction that writes the row, as a whole number (64 bits, never wraps)."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = BigIntegerField()


class OldestRunning(Func):
    """Every transaction with a smaller number has ended: nothing below it can still appear."""

    template = "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
    output_field = BigIntegerField()
