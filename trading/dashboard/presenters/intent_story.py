"""One intent from signal to fills: what was wanted, how it was judged, what the broker did, and the record of it."""

from datetime import date
from typing import Any

from audit.models import AuditEvent
from risk import wording
from trading.dashboard import words
from trading.dashboard.presenters import control_readings, intents, record, recorded
from trading.models import Fill, Order, OrderIntent
from trading.reading.blotter import Row

_MOST_EVENTS = 200


def tell(intent: OrderIntent, wall_day: date) -> dict[str, Any]:
    """Everything known of the intent; four queries besides the intent's own."""
    day = intent.session_date
    orders = list(Order.objects.filter(intent=intent).order_by("id"))
    fills = list(Fill.objects.filter(order__in=orders).order_by("filled_at", "id"))
    events = AuditEvent.objects.filter(intent=str(intent.pk)).order_by("id")[:_MOST_EVENTS]
    root = next((order for order in orders if order.parent_id is None), None)
    tone, state = intents.state_of(Row(intent, root))
    return {
        "intent": {
            "id": str(intent.pk),
            "what": f"{intent.side} {words.shares(intent.quantity)} {intent.instrument.symbol}",
            "price": intents.asked_price(intent),
            "symbol": intent.instrument.symbol,
            "name": intent.instrument.name,
            "approved": intent.approved,
            "tone": tone,
            "state": state,
            "sentence": intent.denial_sentence,
            "code": intent.denial_code,
        },
        "wanted": _wanted(intent),
        "signal": _signal(intent),
        "denials": [_denial(each) for each in intent.verdict.get("denials", [])],
        "controls": control_readings.table(intent.inputs, intent.verdict.get("denials", [])) if intent.inputs else [],
        "inputs": _flat(intent.inputs),
        "limits": [{"name": name, "version": version} for name, version in sorted(intent.limit_versions.items())],
        "orders": [_order(order, wall_day, day) for order in orders],
        "fills": [_fill(fill, day, {order.pk: order for order in orders}) for fill in fills],
        "feed": [record.line(event, wall_day) for event in events],
        "attempts": _attempts(intent),
    }


def _denial(kept: dict[str, Any]) -> dict[str, Any]:
    """One refusal of the verdict, its figures in the limit's own unit."""
    name = str(kept.get("limit_name") or "")
    return {
        **kept,
        "seen": recorded.value(name, str(kept.get("seen") or "")),
        "limit": recorded.value(name, str(kept.get("limit") or "")),
        "title": wording.title(name) if name else "",
    }


def _wanted(intent: OrderIntent) -> list[dict[str, str]]:
    facts = [
        (
            "Decided",
            f"{words.moment(intent.decided_at, intent.session_date)}, session of {intent.session_date.isoformat()}",
        ),
        ("By", str(intent.strategy) if intent.strategy else intent.by),
        ("Purpose", intent.get_purpose_display()),
        (
            "Order",
            f"{intents.asked_price(intent)}, {intent.get_time_in_force_display()}, {intent.get_order_class_display()}",
        ),
        ("Decided on a mid of", words.price(intent.reference_price)),
        ("Stop loss", words.price(intent.stop_loss_price)),
        ("Take profit", words.price(intent.take_profit_price)),
        ("Build", intent.build or words.NOTHING),
        ("Pass", intent.pass_id or words.NOTHING),
    ]
    return [{"name": name, "value": value} for name, value in facts]


def _signal(intent: OrderIntent) -> dict[str, str] | None:
    signal = intent.signal
    if signal is None:
        return None
    return {
        "direction": signal.direction,
        "strength": f"{signal.strength.normalize():f}",
        "reason": signal.reason,
        "bar": words.moment(signal.bar_at, intent.session_date),
        "version": str(signal.strategy_version),
    }


def _order(order: Order, today: date, session: date) -> dict[str, Any]:
    return {
        "purpose": order.get_purpose_display(),
        "side": order.side,
        "quantity": words.shares(order.quantity),
        "price": intents.asked_price(order),
        "filled": intents.filled(order),
        "tone": intents.TONES[order.status],
        "status": order.get_status_display(),
        "broker_status": order.broker_status,
        "reason": order.reason,
        "broker_order_id": order.broker_order_id or "not known",
        "client_order_id": order.client_order_id,
        "submitted": words.moment(order.submitted_at, today),
        "answered": words.moment(order.answered_at, today),
        "finished": words.moment(order.finished_at, session),
    }


def _fill(fill: Fill, day: date, orders: dict[int, Order]) -> dict[str, str]:
    order = orders[fill.order_id]
    return {
        "at": words.moment(fill.filled_at, day),
        "side": fill.side,
        "quantity": words.shares(fill.quantity),
        "price": words.price(fill.price),
        "value": words.money(fill.quantity * fill.price),
        "cumulative": f"{words.shares(fill.cumulative_quantity)} of {words.shares(order.quantity)}",
        "purpose": order.get_purpose_display(),
    }


def _attempts(intent: OrderIntent) -> list[dict[str, str]]:
    later = list(intent.later_attempts.all())
    found = [("earlier attempt", intent.earlier_attempt_id)] if intent.earlier_attempt_id else []
    found += [("later attempt", each.pk) for each in later]
    return [{"title": title, "id": str(pk)} for title, pk in found]


def _flat(inputs: Any, path: str = "") -> list[dict[str, str]]:
    """What the gate read as name and value, nested names joined by a dot."""
    if isinstance(inputs, dict):
        return [line for key, value in inputs.items() for line in _flat(value, f"{path}.{key}" if path else str(key))]
    if isinstance(inputs, list) and any(isinstance(each, (dict, list)) for each in inputs):
        return [line for index, value in enumerate(inputs, 1) for line in _flat(value, f"{path} {index}")]
    if isinstance(inputs, list):
        inputs = ", ".join(map(str, inputs))
    return [{"name": path.replace("_", " "), "value": words.NOTHING if inputs in (None, "") else str(inputs)}]
