"""Intents and orders in the desk's words: one line of the blotter each."""

from datetime import date
from typing import Any

from django.urls import reverse

from trading.choices import OrderStatus, OrderType
from trading.dashboard import words
from trading.models import Order, OrderIntent
from trading.reading.blotter import Row

TONES: dict[str, str] = {
    OrderStatus.SUBMITTED: "work",
    OrderStatus.ACCEPTED: "work",
    OrderStatus.HELD: "work",
    OrderStatus.UNKNOWN: "unk",
    OrderStatus.PARTIALLY_FILLED: "warn",
    OrderStatus.PENDING_CANCEL: "warn",
    OrderStatus.PENDING_REPLACE: "warn",
    OrderStatus.FILLED: "ok",
    OrderStatus.REJECTED: "bad",
    OrderStatus.CANCELED: "deny",
    OrderStatus.EXPIRED: "deny",
    OrderStatus.REPLACED: "deny",
    OrderStatus.WITHDRAWN: "deny",
}
"""Order status → the class of its mark; the word beside it says the same."""


def line(row: Row, today: date) -> dict[str, Any]:
    """One row of the blotter."""
    intent, order = row.intent, row.order
    tone, state = state_of(row)
    return {
        "id": str(intent.pk),
        "href": reverse("intent", args=[intent.pk]),
        "at": words.moment(intent.decided_at, today),
        "symbol": intent.instrument.symbol,
        "side": intent.side,
        "purpose": intent.get_purpose_display(),
        "quantity": words.shares(intent.quantity),
        "price": asked_price(intent),
        "filled": filled(order),
        "by": intent.strategy.name if intent.strategy else intent.by,
        "tone": tone,
        "state": state,
    }


def state_of(row: Row) -> tuple[str, str]:
    """The class and the words of where an intent stands."""
    order = row.order
    if not row.intent.approved:
        return "deny", f"denied · {row.intent.denial_sentence or row.intent.denial_code}"
    if order is None:
        return "work", "approved"
    return TONES[order.status], _order_state(order)


def _order_state(order: Order) -> str:
    word = order.get_status_display()
    if order.status == OrderStatus.UNKNOWN:
        return f"unknown · asked {words.plural(order.times_asked, 'time')}, symbol blocked"
    if order.status in (OrderStatus.REJECTED, OrderStatus.WITHDRAWN) and order.reason:
        return f"{word} · {order.reason}"
    return word


def asked_price(row: OrderIntent | Order) -> str:
    """The price in the order's own terms: "limit 585.10", "stop 583.27", "market"."""
    kind = OrderType(row.type)
    parts = [kind.label]
    if row.stop_price is not None and kind is not OrderType.LIMIT:
        parts.append(words.price(row.stop_price))
    if row.limit_price is not None:
        parts.append(
            words.price(row.limit_price) if kind is OrderType.LIMIT else f"limit {words.price(row.limit_price)}"
        )
    return " ".join(parts)


def filled(order: Order | None) -> str:
    """Shares done: "8 @ 585.91" when all, "61 of 90" when part, a dash when none."""
    if order is None or not order.filled_quantity:
        return words.NOTHING
    if order.filled_quantity < order.quantity:
        return f"{words.shares(order.filled_quantity)} of {words.shares(order.quantity)}"
    return f"{words.shares(order.filled_quantity)} @ {words.price(order.filled_average_price)}"
