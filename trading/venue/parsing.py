"""From a request's body to the venue's values, refusing what is not even well formed with Alpaca's error bodies.

Only shape is judged here (JSON, words, numbers); whether an order makes sense is the exchange's to say.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn

from trading.venue import values, words

MALFORMED = 40010000
INVALID = 40010001
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?", re.ASCII)
_LARGEST_EXPONENT = 15


def body(raw: bytes) -> Mapping[str, Any]:
    """Read a JSON object with exact numbers.

    Raises Refusal (400) where the body is not a JSON object; NaN and Infinity are not JSON.
    """
    try:
        parsed = json.loads(raw, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise values.Refusal(400, MALFORMED, "request body format is invalid") from None
    if not isinstance(parsed, dict):
        raise values.Refusal(400, MALFORMED, "request body format is invalid")
    # Clients that serialise whole models send explicit nulls; they mean the same as absent members.
    return {name: value for name, value in parsed.items() if value is not None and value != ""}


def order_request(fields: Mapping[str, Any]) -> values.OrderRequest:
    """Read the body of POST /v2/orders.

    Raises Refusal (422) for a missing or unreadable member.
    """
    for required in ("symbol", "side", "type", "time_in_force"):
        if required not in fields:
            raise values.Refusal(422, INVALID, f"{required} is required")
    order_class = _word(fields, "order_class", words.OrderClass) or words.OrderClass.SIMPLE
    return values.OrderRequest(
        symbol=_text(fields, "symbol") or "",
        side=_required_word(fields, "side", words.Side),
        type=_required_word(fields, "type", words.OrderType),
        time_in_force=_required_word(fields, "time_in_force", words.TimeInForce),
        qty=_number(fields, "qty"),
        notional=_number(fields, "notional"),
        limit_price=_number(fields, "limit_price"),
        stop_price=_number(fields, "stop_price"),
        trail_price=_number(fields, "trail_price"),
        trail_percent=_number(fields, "trail_percent"),
        order_class=order_class,
        take_profit=_take_profit(fields, order_class),
        stop_loss=_stop_loss(fields, order_class),
        extended_hours=_flag(fields, "extended_hours"),
        client_order_id=_text(fields, "client_order_id"),
        position_intent=_word(fields, "position_intent", words.PositionIntent),
    )


def order_changes(fields: Mapping[str, Any]) -> values.OrderChanges:
    """Read the body of PATCH /v2/orders/{id}.

    Raises Refusal (422) for an unreadable member.
    """
    return values.OrderChanges(
        qty=_number(fields, "qty"),
        time_in_force=_word(fields, "time_in_force", words.TimeInForce),
        limit_price=_number(fields, "limit_price"),
        stop_price=_number(fields, "stop_price"),
        trail=_number(fields, "trail"),
        client_order_id=_text(fields, "client_order_id"),
    )


def number(value: Any, name: str) -> Decimal:
    """Read a quantity or price given as a JSON number or a string of digits.

    Raises Refusal (422) for anything else, and for numbers no market could mean.
    """
    text = str(value) if isinstance(value, Decimal | str) else ""
    if not _NUMBER.fullmatch(text):
        _invalid(name)
    read = Decimal(text)
    if read and abs(read.adjusted()) > _LARGEST_EXPONENT:
        _invalid(name)
    return read


def _take_profit(fields: Mapping[str, Any], order_class: words.OrderClass) -> values.TakeProfit | None:
    leg = _leg(fields, "take_profit")
    if leg is None:
        return None
    limit_price = _number(leg, "limit_price")
    if limit_price is None:
        raise values.Refusal(422, 42210000, f"{order_class.value} orders require take_profit.limit_price")
    return values.TakeProfit(limit_price)


def _stop_loss(fields: Mapping[str, Any], order_class: words.OrderClass) -> values.StopLoss | None:
    leg = _leg(fields, "stop_loss")
    if leg is None:
        return None
    stop_price = _number(leg, "stop_price")
    if stop_price is None:
        raise values.Refusal(422, 42210000, f"{order_class.value} orders require stop_loss.stop_price")
    return values.StopLoss(stop_price, _number(leg, "limit_price"))


def _leg(fields: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    leg = fields.get(name)
    if leg is None:
        return None
    if not isinstance(leg, Mapping):
        _invalid(name)
    return {key: value for key, value in leg.items() if value is not None and value != ""}


def _number(fields: Mapping[str, Any], name: str) -> Decimal | None:
    return number(fields[name], name) if name in fields else None


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        _invalid(name)
    return value


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name, False)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        _invalid(name)
    return value


def _word[W: StrEnum](fields: Mapping[str, Any], name: str, vocabulary: type[W]) -> W | None:
    return _required_word(fields, name, vocabulary) if name in fields else None


def _required_word[W: StrEnum](fields: Mapping[str, Any], name: str, vocabulary: type[W]) -> W:
    try:
        return vocabulary(fields[name])
    except ValueError:
        _invalid(name)


def _invalid(name: str) -> NoReturn:
    raise values.Refusal(422, INVALID, f"invalid {name}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
