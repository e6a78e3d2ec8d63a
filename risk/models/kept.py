"""The two triggers of a table whose rows may end but never go: no row is removed, the table is not emptied."""

import pgtrigger


def triggers() -> list[pgtrigger.Trigger]:
    """Triggers for `Meta.triggers`; they refuse the owner of the table too."""
    return [
        pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        pgtrigger.Trigger(
            name="never_emptied",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'Rows of % are never removed.', TG_TABLE_NAME;",
        ),
    ]
