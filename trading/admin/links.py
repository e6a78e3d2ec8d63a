"""Links between rows of the admin, from the admin to the desk, and rows told as small tables."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

NOTHING = "–"
_MOST = 50


def to(row: Model | None, text: object = None) -> str | SafeString:
    """A link to the row's page in the admin."""
    if row is None:
        return NOTHING
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    shown = row if text is None else text
    return format_html('<a class="desk-link" href="{}">{}</a>', reverse(name, args=[row.pk]), shown)


def to_list(model: type[Model], text: str, **query: Any) -> SafeString:
    """A link to a filtered list of the admin."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return format_html('<a class="desk-link" href="{}">{}</a>', reverse(name, query=query), text)


def to_desk(name: str, text: str, *arguments: Any) -> SafeString:
    """A link to a page of the desk."""
    return format_html('<a class="desk-link" href="{}">{}</a>', reverse(name, args=arguments), text)


def listed(rows: QuerySet[Any] | Iterable[Model]) -> str | SafeString:
    """The rows one below the other, each a link; the first fifty."""
    found = list(rows[:_MOST]) if isinstance(rows, QuerySet) else list(rows)
    if not found:
        return NOTHING
    return format_html_join(SafeString("<br>"), "{}", ((to(row),) for row in found))
