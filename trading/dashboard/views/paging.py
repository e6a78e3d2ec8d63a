"""Pages of a long list, and links that keep the rest of the query."""

from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest


def number(request: HttpRequest) -> int:
    """The page asked for; what cannot be read as one is the first."""
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def without(request: HttpRequest, *names: str) -> str:
    """The query of this page less the names, ready to have another appended; empty or ending in `&`."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return f"{query.urlencode()}&" if query else ""


def shown(request: HttpRequest, page: Page[Any]) -> dict[str, Any]:
    """What the pager under a list shows."""
    query = without(request, "page")
    return {
        "number": page.number,
        "of": page.paginator.num_pages,
        "total": page.paginator.count,
        "first": page.start_index(),
        "last": page.end_index(),
        "earlier": f"?{query}page={page.next_page_number()}" if page.has_next() else "",
        "later": f"?{query}page={page.previous_page_number()}" if page.has_previous() else "",
    }
