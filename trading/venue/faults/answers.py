"""Bodies that something is wrong with: errors in three dresses, and orders with strange or missing members. Pure."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from trading.venue.faults.plan import Fault

UNKNOWN_STATUS = "brand_new_word"
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
POISON = "\u202egnp.exe\u0000\ud800 \U0001f4a3" + "\u0301" * 10_000
"""NUL, which no PostgreSQL text holds; right-to-left override; an unpaired surrogate; 20 kB of combining accents."""

_NULLED = ("submitted_at", "updated_at", "filled_avg_price", "order_class", "legs", "filled_qty")
_TYPES = {"json": "application/json; charset=utf-8", "html": "text/html"}


def error(status: int, dress: str) -> tuple[bytes, str]:
    """Return an error's body and its content type."""
    if dress == "json":
        body = {"code": status * 100_000 + 10_000, "message": "internal server error occurred"}
        return json.dumps(body).encode(), _TYPES["json"]
    return (HTML, _TYPES["html"]) if dress == "html" else (b"", _TYPES["json"])


def strange_status(order: Mapping[str, Any]) -> dict[str, Any]:
    """Put an order into a status that is on nobody's list."""
    return {**order, "status": UNKNOWN_STATUS}


def nulled(order: Mapping[str, Any]) -> dict[str, Any]:
    """Take away what an order is promised to have."""
    return {name: None if name in _NULLED else value for name, value in order.items()}


def poisoned(order: Mapping[str, Any]) -> dict[str, Any]:
    """Fill an order's free texts with what breaks programs."""
    return {**order, "source": POISON, "subtag": POISON, "status": f"{order['status']}{POISON[:12]}"}


DAMAGES: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "unknown_status": strange_status,
    "null_fields": nulled,
    "poison_text": poisoned,
}
"""What each odd answer does to one order."""


def altered(fault: Fault, body: bytes) -> bytes:
    """Return an answer's body as a fault of the kind `html_body`, `truncated_body` or `unknown_status` leaves it."""
    match fault.name:
        case "html_body":
            return HTML
        case "empty_body":
            return b""
        case "truncated_body":
            return body[: len(body) // 2]
        case "clock_skew":
            return json.dumps(_skewed(json.loads(body), fault.set("seconds"))).encode()
        case name if name in DAMAGES:
            return json.dumps(_damaged(json.loads(body), DAMAGES[name])).encode() if body else body
        case _:
            return body


def _damaged(answer: Any, damage: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(answer, list):
        return [_damaged(each, damage) for each in answer]
    return damage(answer) if isinstance(answer, dict) and "client_order_id" in answer else answer


def _skewed(clock: Mapping[str, Any], ahead: timedelta) -> dict[str, Any]:
    return {**clock, "timestamp": (datetime.fromisoformat(clock["timestamp"]) + ahead).isoformat()}
