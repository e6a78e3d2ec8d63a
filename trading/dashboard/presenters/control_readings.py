"""What each control read of one intent, what it allowed, and what it said: the verdict retold, control by control.

Told from what was kept with the intent, never read anew. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from risk import policy, pre_trade, wording
from trading.dashboard import words
from trading.dashboard.presenters import uses

Kept = Mapping[str, Any]


def table(inputs: Kept, denials: Sequence[Kept]) -> list[dict[str, Any]]:
    """One line per control, in the order they were asked; what came after a decisive refusal was not asked."""
    said = {int(each["control"]): each for each in denials if each.get("control") is not None}
    decisive = next((c.number for c in pre_trade.CONTROLS if c.decisive and c.number in said), None)
    is_entry = _of(inputs, "proposed", "purpose") == "entry"
    lines, asked = [], True
    for control in pre_trade.CONTROLS:
        judges = is_entry or control.judges_exits
        lines.append(_line(control, inputs, said.get(control.number), asked=asked and judges, judges=judges))
        asked = asked and control.number != decisive
    return lines


def _line(
    control: pre_trade.Control, inputs: Kept, denial: Kept | None, *, asked: bool, judges: bool
) -> dict[str, Any]:
    if denial is not None:
        tone, answer = "bad", "denied"
    elif asked:
        tone, answer = "ok", "passed"
    else:
        tone, answer = "deny", "for entries only" if not judges else "not asked any more"
    read = _READ.get(control.number)
    return {
        "number": control.number,
        "name": control.name,
        "tone": tone,
        "answer": answer,
        "read": (read(inputs) if read and asked else "") or words.NOTHING,
        "allowed": _allowed(control, inputs) if asked else words.NOTHING,
        "sentence": str(denial["sentence"]) if denial else "",
        "code": str(denial["code"]) if denial else "",
        "demand": control.demand,
    }


def _allowed(control: pre_trade.Control, inputs: Kept) -> str:
    kept = inputs.get("limits") or {}
    found = []
    for name in control.limits:
        value = _number(kept.get(name))
        figure = uses.figure(policy.BOUNDS[name].unit, value) if value is not None else "none in force"
        found.append(f"{wording.title(name)} {figure}")
    return ", ".join(found) or words.NOTHING


def _of(kept: Any, *path: str) -> Any:
    for name in path:
        kept = kept.get(name) if isinstance(kept, Mapping) else None
    return kept


def _number(text: Any) -> Decimal | None:
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _usd(inputs: Kept, *path: str) -> str:
    value = _number(_of(inputs, *path))
    return f"{words.money(value)} USD" if value is not None else "not known"


def _price(inputs: Kept, *path: str) -> str:
    value = _number(_of(inputs, *path))
    return words.price(value) if value is not None else "none"


def _count(inputs: Kept, *path: str) -> str:
    value = _number(_of(inputs, *path))
    return words.shares(value) if value is not None else "not known"


def _age(inputs: Kept, at: tuple[str, ...], now: tuple[str, ...]) -> str:
    try:
        begun, ended = datetime.fromisoformat(str(_of(inputs, *at))), datetime.fromisoformat(str(_of(inputs, *now)))
    except ValueError:
        return "of an unknown age"
    return f"{words.age((ended - begun).total_seconds())} old"


def _value(inputs: Kept) -> str:
    quantity, price = _number(_of(inputs, "proposed", "quantity")), _number(_of(inputs, "proposed", "limit_price"))
    return f"{words.money(quantity * price)} USD" if quantity is not None and price is not None else "not priced"


def _session(inputs: Kept) -> str:
    if not _of(inputs, "session", "is_open"):
        return "market closed"
    at = _of(inputs, "account", "market_now")
    return f"decided at {wording.clock(datetime.fromisoformat(str(at)))}" if at else ""


def _halted(inputs: Kept) -> str:
    halts = _of(inputs, "halts") or []
    return ", ".join(f"{each.get('level')} {each.get('scope')}" for each in halts) or "no halt in force"


def _quote(inputs: Kept) -> str:
    if not _of(inputs, "quote"):
        return "no quote"
    age = _age(inputs, ("quote", "at"), ("account", "market_now"))
    return f"{_price(inputs, 'quote', 'bid')} / {_price(inputs, 'quote', 'ask')}, {age}"


def _listed(inputs: Kept) -> str:
    if not _of(inputs, "instrument"):
        return "instrument not known"
    tradable = "tradable" if _of(inputs, "instrument", "tradable") else "not tradable"
    return f"{tradable} on {_of(inputs, 'instrument', 'exchange') or 'no exchange'}"


_READ: dict[int, Callable[[Kept], str]] = {
    1: _halted,
    26: lambda i: f"{_count(i, 'proposed', 'quantity')} at {_price(i, 'proposed', 'limit_price')}",
    2: lambda i: f"{_of(i, 'account', 'pinned_number') or 'not proved'}, {_of(i, 'account', 'pinned_mode') or '–'}",
    3: lambda i: (
        f"{_of(i, 'account', 'account_status') or 'no status'}, figures"
        f" {_age(i, ('account', 'state_known_at'), ('account', 'now'))}"
    ),
    4: lambda i: f"{_usd(i, 'totals', 'symbol')} in the symbol, order {_value(i)}",
    5: _value,
    6: lambda i: f"{_usd(i, 'totals', 'gross')} gross, order {_value(i)}",
    7: lambda i: f"{_count(i, 'totals', 'positions')} symbols held or being entered",
    8: lambda i: str(_of(i, "instrument", "sector") or "unclassified"),
    9: lambda i: f"{_usd(i, 'totals', 'open_risk')} at risk before the order",
    10: lambda i: f"largest {_usd(i, 'totals', 'largest')} of {_usd(i, 'totals', 'gross')}",
    11: lambda i: (
        f"{_count(i, 'account', 'entries_today')} entries today, {_count(i, 'account', 'entries_today_symbol')} of"
        " them in the symbol"
    ),
    12: lambda i: (
        f"{_count(i, 'totals', 'orders_last_minute')} orders in a minute,"
        f" {_count(i, 'account', 'messages_today')} today"
    ),
    13: lambda i: f"{_price(i, 'proposed', 'limit_price')} against {_quote(i)}",
    14: lambda i: f"{_of(i, 'proposed', 'order_type')}, {_of(i, 'proposed', 'time_in_force')}".replace("_", " "),
    15: _quote,
    16: lambda i: f"{_count(i, 'instrument', 'average_volume')} shares on an average day",
    17: _listed,
    18: lambda i: "restricted" if _of(i, "instrument", "restricted") else "not restricted",
    19: _session,
    22: lambda i: f"stop at {_price(i, 'proposed', 'stop_loss_price')}",
    23: lambda i: f"{_usd(i, 'account', 'cash')} cash, {_usd(i, 'totals', 'reserved')} of it reserved",
    24: lambda i: (
        f"{_of(i, 'proposed', 'side')}, {_count(i, 'holding', 'quantity') if _of(i, 'holding') else 'none'} held"
    ),
    25: lambda i: f"equity {_usd(i, 'account', 'equity')}, {_usd(i, 'account', 'last_equity')} at the last close",
}
