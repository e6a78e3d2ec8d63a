"""The record of trading in the admin: figures without idle zeros, instants in exchange time."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateTimeField, DecimalField, Model
from django.http import HttpRequest

from audit.readonly import ReadOnlyAdmin

EXCHANGE = ZoneInfo("America/New_York")
NOTHING = "–"


def figure(value: Decimal | None) -> str:
    """A figure with thousands and a true minus, two decimals at least where it has any."""
    if value is None:
        return NOTHING
    whole = value == value.to_integral_value()
    text = f"{abs(value):,.0f}" if whole else f"{abs(value.normalize()):,f}"
    if not whole and len(text.partition(".")[2]) < 2:
        text += "0"
    return f"\u2212{text}" if value < 0 else text


def instant(at: datetime | None) -> str:
    """Date and time at the exchange, for instance "2012-05-09 10:41:07 ET"."""
    return NOTHING if at is None else f"{at.astimezone(EXCHANGE):%Y-%m-%d %H:%M:%S} ET"


class FiguresAdmin(ReadOnlyAdmin):
    """Every decimal and instant of lists and pages goes through `figure` and `instant`."""

    def get_list_display(self, request: HttpRequest) -> Any:
        return [self._written(name) for name in super().get_list_display(request)]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [self._written(name) for name in super().get_fields(request, obj)]

    def _written(self, name: Any) -> Any:
        field = next((each for each in self.opts.concrete_fields if each.name == name), None)
        if isinstance(field, DecimalField):
            return _column(field, figure)
        if isinstance(field, DateTimeField):
            return _column(field, instant)
        return name


def _column(field: Any, write: Callable[[Any], str]) -> Callable[[Model], str]:
    def show(row: Model) -> str:
        return write(getattr(row, field.attname))

    show.short_description = str(field.verbose_name)  # type: ignore[attr-defined]
    show.admin_order_field = field.name  # type: ignore[attr-defined]
    show.__name__ = field.name
    return show
