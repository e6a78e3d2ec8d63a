"""ReadOnlyAdmin: how every table of the record stands in the admin, to be searched, filtered and read, not changed."""

import json
from typing import Any

from django.db.models import JSONField, Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """A list and a page per row for people who may view; nobody adds, changes or deletes, superusers included.

    Foreign keys are joined in lists, JSON is laid out on pages. Subclasses name columns, search and filters.
    """

    list_per_page = 50
    list_fullwidth = True
    list_filter_submit = True
    # Counting a record of millions for "of N" costs more than the page.
    show_full_result_count = False
    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        """Every foreign key, so that a list is one query."""
        return [str(field.name) for field in self.opts.concrete_fields if field.is_relation]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Every column, JSON in its laid-out form."""
        return [self._shown(field) for field in self.opts.concrete_fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return self.get_fields(request, obj)

    def _shown(self, field: Any) -> str:
        if not isinstance(field, JSONField):
            return str(field.name)
        name = f"{field.name}_laid_out"
        if not hasattr(self, name):
            setattr(self, name, _laid_out(field))
        return name


def instant(column: str, title: str, ordering: str) -> Any:
    """A list column for a UTC instant, to the second and on one line; sorted by `ordering`, which has an index."""

    def show(row: Model) -> SafeString:
        value = getattr(row, column)
        return format_html('<span class="whitespace-nowrap">{}</span>', f"{value:%Y-%m-%d %H:%M:%S}" if value else "")

    show.short_description = title  # type: ignore[attr-defined]
    show.admin_order_field = ordering  # type: ignore[attr-defined]
    return show


def _laid_out(field: Any) -> Any:
    def show(row: Model) -> SafeString:
        text = json.dumps(getattr(row, field.attname), indent=2, ensure_ascii=False, sort_keys=True)
        return format_html("<pre>{}</pre>", text)

    show.short_description = field.verbose_name  # type: ignore[attr-defined]
    return show
