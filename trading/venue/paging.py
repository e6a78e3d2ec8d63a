"""Pages of market data: one limit over all symbols, symbol by symbol, and a token that says where to go on."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from trading.venue import parsing, query, values
from trading.venue.rendering import instant
from trading.venue.rendering_market import NEW_YORK

DEFAULT_LIMIT, LARGEST_LIMIT = 1000, 10_000

type Series = Callable[[str, datetime, datetime], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Page:
    """What one request asks for: instants from `start` to `end` (both included), how many, which way, from where."""

    start: datetime
    end: datetime
    limit: int
    descending: bool
    after: tuple[str, datetime] | None
    """Symbol and instant of the last item of the page before."""

    @classmethod
    def read(cls, params: query.Params, now: datetime, feeds: Sequence[str]) -> Self:
        """Read a page from a query string; the start defaults to New York's midnight, the end to now.

        Raises Refusal for an unknown feed, an unreadable instant or token, or a limit out of range.
        """
        query.choice(params, "feed", "sip", *feeds)
        midnight = now.astimezone(NEW_YORK).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(
            start=query.instant(params, "start") or midnight.astimezone(now.tzinfo),
            end=query.instant(params, "end") or now,
            limit=query.whole(params, "limit", DEFAULT_LIMIT, LARGEST_LIMIT),
            descending=query.choice(params, "sort", "asc", "asc", "desc") == "desc",
            after=_read_token(params.get("page_token")),
        )


def paged(symbols: Sequence[str], page: Page, series: Series) -> tuple[dict[str, list[dict[str, Any]]], str | None]:
    """Collect a page and the token of the next one (None on the last); `symbols` in ascending order."""
    found: dict[str, list[dict[str, Any]]] = {}
    left = page.limit
    last: tuple[str, datetime] | None = None
    for symbol in symbols:
        if page.after is not None and symbol < page.after[0]:
            continue
        items = _remaining(symbol, page, series)
        if len(items) > left:
            if left:
                found[symbol] = items[:left]
                last = (symbol, found[symbol][-1]["t"])
            return found, _token(last)
        if items:
            found[symbol] = items
            left -= len(items)
            last = (symbol, items[-1]["t"])
    return found, None


def _remaining(symbol: str, page: Page, series: Series) -> list[dict[str, Any]]:
    items = series(symbol, page.start, page.end)
    if page.descending:
        items = items[::-1]
    if page.after is None or page.after[0] != symbol:
        return items
    seen = page.after[1]
    return [each for each in items if (each["t"] < seen if page.descending else each["t"] > seen)]


def _token(last: tuple[str, datetime] | None) -> str | None:
    return None if last is None else base64.urlsafe_b64encode(f"{last[0]}|{instant(last[1])}".encode()).decode()


def _read_token(text: str | None) -> tuple[str, datetime] | None:
    if not text:
        return None
    try:
        symbol, _, moment = base64.urlsafe_b64decode(text.encode()).decode().partition("|")
    except (binascii.Error, UnicodeError):
        raise values.Refusal(400, parsing.MALFORMED, "invalid page_token") from None
    return symbol, query.read_instant(moment, "page_token")
