"""Limits drawn as use of them: what stands now, against what is allowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from risk import policy
from risk.models import Limit
from trading.choices import Purpose
from trading.dashboard import words
from trading.dashboard.presenters.holdings import Held
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account, EquityMark, Order, OrderIntent

ZERO = Decimal(0)
NEAR = Decimal("0.8")
"""Use from which a bar turns amber."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the account stands by limit name, in the limit's own unit; a name that is absent is not measured here."""

    measured: dict[str, Decimal]
    drawdown: Decimal | None
    open_risk: Decimal | None


def measure(
    account: Account, held: list[Held], equity: Decimal | None, mark: EquityMark | None, time: DeskTime
) -> Standing:
    """Filled and working together, as the gate counts; two queries."""
    working = _working_entries(account)
    values: dict[str, Decimal] = {each.position.instrument.symbol: abs(each.value) for each in held}
    for symbol, value in working:
        values[symbol] = values.get(symbol, ZERO) + value
    gross, largest = sum(values.values(), ZERO), max(values.values(), default=ZERO)
    entries = OrderIntent.objects.filter(
        account=account, session_date=time.session_date, purpose=Purpose.ENTRY, approved=True
    ).count()
    measured = {
        "gross_usd": gross,
        "position_usd": largest,
        "positions": Decimal(len(values)),
        "entries_day": Decimal(entries),
    }
    if equity:
        measured |= {"gross_fraction": gross / equity, "position_fraction": largest / equity}
    if mark is not None and mark.equity != mark.day_pnl:
        measured["day_loss_fraction"] = max(-mark.day_pnl, ZERO) / (mark.equity - mark.day_pnl)
    risk = sum((each.risk for each in held), ZERO)
    return Standing(measured, mark.drawdown if mark else None, risk / equity if equity else None)


def in_force(account: Account) -> list[Limit]:
    """Every version in force that reaches the account: the firm's, its own, and those of strategies and symbols."""
    found = Limit.objects.in_force().filter(scope_kind__in=("firm", "strategy", "symbol"))
    own = Limit.objects.in_force().filter(scope_kind="account", scope_key=account.number)
    return sorted((found | own), key=lambda limit: (*_place(limit.name), limit.scope_kind, limit.scope_key))


def strictest(limits: Iterable[Limit]) -> dict[str, Limit]:
    """The binding row of the firm and the account by name."""
    binding: dict[str, Limit] = {}
    for limit in limits:
        if limit.scope_kind not in ("firm", "account"):
            continue
        other, bound = binding.get(limit.name), policy.BOUNDS.get(limit.name)
        if other is None or (bound is not None and bound.is_stricter(limit.value, other.value)):
            binding[limit.name] = limit
    return binding


def tiles(standing: Standing, limits: Iterable[Limit]) -> list[dict[str, Any]]:
    """The six figures under the equity curve."""
    binding = strictest(limits)
    return [
        _tile("Day loss", "day_loss_fraction", standing, binding, "halts at"),
        {
            "title": "Drawdown",
            "value": words.percent(standing.drawdown),
            "bar": None,
            "note": "below the peak of equity",
        },
        _tile("Gross exposure", "gross_fraction", standing, binding),
        _tile("Largest position", "position_fraction", standing, binding),
        _tile("Entries today", "entries_day", standing, binding),
        {
            "title": "Open risk",
            "value": words.percent(standing.open_risk),
            "bar": None,
            "note": "lost if stops are hit",
        },
    ]


def use(limit: Limit, value: Decimal | None) -> dict[str, Any] | None:
    """The bar of one limit: width in percent and its tone; None where there is nothing to draw."""
    if value is None or limit.value <= 0:
        return None
    part = value / limit.value
    tone = "over" if part > 1 else "warn" if part >= NEAR else ""
    return {"width": f"{min(part, Decimal(1)) * 100:.0f}%", "tone": tone, "words": f"{words.percent(part, 0)} used"}


def figure(unit: str, value: Decimal | None) -> str:
    """A value in its limit's unit."""
    if value is None:
        return words.NOTHING
    match unit:
        case Limit.Unit.FRACTION:
            return words.percent(value)
        case Limit.Unit.USD:
            return f"{words.money(value, 0)} USD"
        case Limit.Unit.SECONDS:
            return words.span(value)
        case Limit.Unit.FLAG:
            return "yes" if value else "no"
    return words.shares(value)


def _tile(title: str, name: str, standing: Standing, binding: dict[str, Limit], verb: str = "limit") -> dict[str, Any]:
    limit, value = binding.get(name), standing.measured.get(name)
    unit = policy.BOUNDS[name].unit
    return {
        "title": title,
        "value": figure(unit, value),
        "bar": use(limit, value) if limit else None,
        "note": f"{verb} {figure(unit, limit.value)}" if limit else "no limit in force: entries are denied",
    }


def _place(name: str) -> tuple[int, int]:
    names = list(policy.BOUNDS)
    return (policy.BOUNDS[name].control, names.index(name)) if name in policy.BOUNDS else (999, 0)


def _working_entries(account: Account) -> list[tuple[str, Decimal]]:
    rows = (
        Order.objects.working()
        .filter(account=account, purpose=Purpose.ENTRY)
        .values_list("instrument__symbol", "quantity", "booked_quantity", "limit_price", "intent__reference_price")
    )
    return [
        (symbol, (quantity - booked) * (limit or reference or ZERO))
        for symbol, quantity, booked, limit, reference in rows
    ]
