"""What the program's database role may do: everything to ordinary tables, only add to the record.

Migrations run as the owner. The program's role is the USER of the `default` database.
"""

from typing import Any

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

SCHEMA = "public"
CHANGES = "UPDATE, DELETE, TRUNCATE"
WRITES = f"INSERT, {CHANGES}"


def program_role() -> str:
    """Return the name of the role the program connects as."""
    return str(settings.DATABASES["default"]["USER"])


class GrantProgram(Operation):
    """Let the program's role read and write every table that the owner makes from now on, and read older ones."""

    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Set the default privileges of the role that migrates."""
        role = schema_editor.connection.ops.quote_name(program_role())
        default = f"ALTER DEFAULT PRIVILEGES IN SCHEMA {SCHEMA} GRANT"
        schema_editor.execute(f"REVOKE CREATE ON SCHEMA {SCHEMA} FROM PUBLIC")
        schema_editor.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}")
        schema_editor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {role}")
        schema_editor.execute(f"{default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}")
        schema_editor.execute(f"{default} USAGE, SELECT ON SEQUENCES TO {role}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Take the default privileges back."""
        role = schema_editor.connection.ops.quote_name(program_role())
        default = f"ALTER DEFAULT PRIVILEGES IN SCHEMA {SCHEMA} REVOKE"
        schema_editor.execute(f"{default} SELECT, INSERT, UPDATE, DELETE ON TABLES FROM {role}")
        schema_editor.execute(f"{default} USAGE, SELECT ON SEQUENCES FROM {role}")  # noqa: S608 - a quoted name
        schema_editor.execute(f"REVOKE SELECT ON ALL TABLES IN SCHEMA {SCHEMA} FROM {role}")  # noqa: S608
        schema_editor.execute(f"REVOKE USAGE ON SCHEMA {SCHEMA} FROM {role}")

    def describe(self) -> str:
        """Return what `migrate --plan` prints."""
        return "Grant the program's role ordinary work on all tables"


class RevokeChange(Operation):
    """Make the table a record for the program's role: it may read and add, never change or remove."""

    reversible = True
    reduces_to_sql = True
    revoked = CHANGES
    granted = "UPDATE, DELETE"
    """What an ordinary table has of them."""
    told = "Make {} a record: no change, no removal by the program"

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Revoke them."""
        quote = schema_editor.connection.ops.quote_name
        schema_editor.execute(f"REVOKE {self.revoked} ON {quote(self.table)} FROM {quote(program_role())}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Grant what an ordinary table has."""
        quote = schema_editor.connection.ops.quote_name
        schema_editor.execute(f"GRANT {self.granted} ON {quote(self.table)} TO {quote(program_role())}")

    def describe(self) -> str:
        """Return what `migrate --plan` prints."""
        return self.told.format(self.table)


class RevokeWriting(RevokeChange):
    """Let the program's role only read the table: triggers that run as the owner write it."""

    revoked = WRITES
    granted = "INSERT, UPDATE, DELETE"
    told = "Let the program only read {}"
