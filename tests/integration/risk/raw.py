"""SQL as somebody writes it who has the program's own database role and no respect."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction


def run(sql: str, parameters: Sequence[Any] = ()) -> None:
    """Do it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def refused(sql: str, parameters: Sequence[Any] = (), match: str | None = None) -> None:
    """Assert that the database says no."""
    with pytest.raises(DatabaseError, match=match):
        run(sql, parameters)
