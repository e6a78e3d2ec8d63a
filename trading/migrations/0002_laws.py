"""What the models cannot say: record tables the program only adds to, and the mode of a row is its account's mode."""

from django.db import migrations

from audit.record import RevokeChange

RECORD = (
    "trading_orderintent",
    "trading_fill",
    "trading_fillsighting",
    "trading_lotclosing",
    "trading_signal",
    "trading_preflightrun",
    "trading_reconciliationrun",
    "trading_dailyreport",
    "trading_historicalaccount",
    "trading_historicalstrategy",
    "trading_adjustingentry",
    "trading_reportsignature",
)

MODED = ("orderintent", "order", "fill", "position", "equitymark")


def _same_mode(table: str) -> migrations.RunSQL:
    """Paper and live records cannot mix: (account, mode) must be a pair that the account table has."""
    return migrations.RunSQL(
        f"ALTER TABLE trading_{table} ADD CONSTRAINT {table}_mode_of_its_account "
        "FOREIGN KEY (account_id, mode) REFERENCES trading_account (id, mode)",
        f"ALTER TABLE trading_{table} DROP CONSTRAINT {table}_mode_of_its_account",
    )


class Migration(migrations.Migration):
    dependencies = (("trading", "0001_record"),)

    operations = (*(RevokeChange(table) for table in RECORD), *(_same_mode(table) for table in MODED))
