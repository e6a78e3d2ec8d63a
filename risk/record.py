"""Which columns of the record the program's database role may still change: the ends of rows that begin open."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from audit import record


class AllowChangeOf(Operation):
    """After RevokeChange: let the program's role change these columns of the table, and nothing else of it."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, columns: list[str]) -> None:
        self.table, self.columns = table, columns

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Grant the columns."""
        schema_editor.execute(self._sql("GRANT", "TO", schema_editor))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Take the columns back."""
        schema_editor.execute(self._sql("REVOKE", "FROM", schema_editor))

    def describe(self) -> str:
        """Return what `migrate --plan` prints."""
        return f"Let the program change only {', '.join(self.columns)} of {self.table}"

    def _sql(self, verb: str, preposition: str, schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.connection.ops.quote_name
        columns = ", ".join(quote(column) for column in self.columns)
        return f"{verb} UPDATE ({columns}) ON {quote(self.table)} {preposition} {quote(record.program_role())}"
