"""Saving what the broker's word may change of an order: one UPDATE whatever the number of rows."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection

from trading.models import Order

_TYPES = {
    "status": "text",
    "broker_status": "text",
    "broker_order_id": "text",
    "quantity": "numeric",
    "filled_quantity": "numeric",
    "filled_average_price": "numeric",
    "limit_price": "numeric",
    "stop_price": "numeric",
    "answered_at": "timestamptz",
    "finished_at": "timestamptz",
}
COLUMNS = tuple(_TYPES)
"""What a report may change of an order's row."""


def save(changed: Sequence[Order]) -> None:
    """Write these columns of all rows; the table's triggers look at each."""
    if not changed:
        return
    columns = ", ".join(f"{name} = new.{name}" for name in _TYPES)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _TYPES.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Order._meta.db_table} AS o SET {columns}"  # noqa: S608 names of our own columns
            f" FROM unnest(%s::bigint[], {arrays}) AS new (id, {', '.join(_TYPES)}) WHERE o.id = new.id",
            [
                [order.pk for order in changed],
                *([_value(order, name) for order in changed] for name in _TYPES),
            ],
        )


def _value(order: Order, name: str) -> object:
    """A column's new value; a row made a moment ago holds its defaults as whole numbers, and arrays are of one type."""
    value = getattr(order, name)
    return Decimal(value) if isinstance(value, int) else value
