"""What kind of call a request is, and which symbols it is about."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs

_ROUTES = (
    ("POST", r"/v2/orders", "submit"),
    ("GET", r"/v2/orders", "orders"),
    ("DELETE", r"/v2/orders", "cancel_all"),
    ("GET", r"/v2/orders:by_client_order_id", "look_up"),
    ("GET", r"/v2/orders/(?P<order>[^/]+)", "order"),
    ("PATCH", r"/v2/orders/(?P<order>[^/]+)", "replace"),
    ("DELETE", r"/v2/orders/(?P<order>[^/]+)", "cancel"),
    ("GET", r"/v2/positions(?:/(?P<symbol>[^/]+))?", "positions"),
    ("DELETE", r"/v2/positions/(?P<symbol>[^/]+)", "close"),
    ("DELETE", r"/v2/positions", "close_all"),
    ("GET", r"/v2/account", "account"),
    ("GET", r"/v2/account/configurations", "configuration"),
    ("PATCH", r"/v2/account/configurations", "configure"),
    ("GET", r"/v2/account/activities(?:/[^/]+)?", "activities"),
    ("GET", r"/v2/account/portfolio/history", "history"),
    ("GET", r"/v2/clock", "clock"),
    ("GET", r"/v2/calendar", "calendar"),
    ("GET", r"/v2/assets(?:/(?P<symbol>[^/]+))?", "assets"),
    ("GET", r"/v2/stocks(?:/(?P<symbol>[^/]+))?/bars(?:/latest)?", "bars"),
    ("GET", r"/v2/stocks(?:/(?P<symbol>[^/]+))?/quotes(?:/latest)?", "quotes"),
    ("GET", r"/v2/stocks(?:/(?P<symbol>[^/]+))?/trades(?:/latest)?", "trades"),
    ("GET", r"/v2/stocks(?:/(?P<symbol>[^/]+))?/snapshots?", "snapshots"),
)
_TABLE = tuple((method, re.compile(pattern), kind) for method, pattern, kind in _ROUTES)

type SymbolOf = Callable[[str], str | None]
"""From an order's id, or the client's own, to its symbol."""


def kind_of(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """Return the kind of call and what its path names (`order`, `symbol`); None for a path that is not on the wire."""
    for wanted, pattern, kind in _TABLE:
        if method == wanted and (found := pattern.fullmatch(path)):
            return kind, {name: value for name, value in found.groupdict().items() if value is not None}
    return None


def symbols_of(named: dict[str, str], query: str, body: bytes, of_order: SymbolOf) -> frozenset[str]:
    """Return the symbols a call is about; none for one that is about no symbol, or cannot be read."""
    given = parse_qs(query)
    listed = {each for text in given.get("symbols", []) for each in text.split(",")}
    listed |= {named["symbol"]} if "symbol" in named else set()
    for order in (named.get("order"), *given.get("client_order_id", [])):
        listed |= {of_order(order) or ""} if order else set()
    try:
        fields = json.loads(body) if body else None
    except ValueError:
        fields = None
    if isinstance(fields, dict) and isinstance(fields.get("symbol"), str):
        listed.add(fields["symbol"])
    return frozenset(each.upper() for each in listed if each)
