"""What is held, what it is worth, and whether it is protected."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trading.choices import Purpose
from trading.dashboard import words
from trading.dashboard.presenters import marks
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account, Order, Position

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Held:
    """One open position, its mark (None when no price is known) and the working orders around it. USD and shares."""

    position: Position
    mark: Decimal | None
    stops: list[Order]
    targets: list[Order]
    entries: list[Order]

    @property
    def value(self) -> Decimal:
        return self.position.quantity * (self.mark or self.position.average_price)

    @property
    def pnl(self) -> Decimal | None:
        return None if self.mark is None else self.position.quantity * (self.mark - self.position.average_price)

    @property
    def change(self) -> Decimal | None:
        """Fraction since entry, signed as the position earns it."""
        if self.pnl is None or not self.position.average_price:
            return None
        return self.pnl / abs(self.position.quantity * self.position.average_price)

    @property
    def protected(self) -> Decimal:
        """Shares under a live stop."""
        return sum((order.quantity - order.filled_quantity for order in self.stops), ZERO)

    @property
    def risk(self) -> Decimal:
        """USD lost if every stop were hit at its price; all of it where there is none."""
        stop = max((order.stop_price for order in self.stops if order.stop_price), default=None)
        covered = min(self.protected, abs(self.position.quantity))
        price = self.mark or self.position.average_price
        under_stop = covered * max(price - stop, ZERO) if stop is not None else ZERO
        return under_stop + (abs(self.position.quantity) - covered) * price


def read(account: Account) -> list[Held]:
    """Open positions by symbol: three queries however many there are."""
    positions = list(
        Position.objects.filter(account=account)
        .exclude(quantity=0)
        .select_related("instrument")
        .order_by("instrument__symbol")
    )
    ids = [position.instrument_id for position in positions]
    found: dict[tuple[int, str], list[Order]] = defaultdict(list)
    if ids:
        for order in Order.objects.working().filter(account=account, instrument__in=ids).order_by("id"):
            found[order.instrument_id, order.purpose].append(order)
    prices = marks.latest(ids) if ids else {}
    return [_held(position, prices.get(position.instrument_id), found) for position in positions]


def _held(position: Position, mark: Decimal | None, found: dict[tuple[int, str], list[Order]]) -> Held:
    entries = found[position.instrument_id, Purpose.ENTRY]
    # A bracket's legs protect nothing before its entry is wholly filled.
    waiting = {entry.pk for entry in entries}
    stops = [order for order in found[position.instrument_id, Purpose.STOP] if order.parent_id not in waiting]
    targets = [order for order in found[position.instrument_id, Purpose.TARGET] if order.parent_id not in waiting]
    return Held(position, mark, stops, targets, entries)


def table(held: list[Held], time: DeskTime) -> list[dict[str, Any]]:
    """The rows of the positions table; one query for the day's paths."""
    since = time.session.open_at if time.session else time.market
    paths = marks.sparks([each.position.instrument_id for each in held], since) if held else {}
    return [_row(each, paths.get(each.position.instrument_id, "")) for each in held]


def _row(held: Held, path: str) -> dict[str, Any]:
    tone, protection = protection_of(held)
    return {
        "symbol": held.position.instrument.symbol,
        "name": held.position.instrument.name,
        "quantity": words.shares(held.position.quantity),
        "average": words.price(held.position.average_price),
        "mark": words.price(held.mark),
        "value": words.money(held.value),
        "pnl": words.signed(held.pnl),
        "percent": words.signed_percent(held.change),
        "realised": words.signed(held.position.realised_pnl),
        "realised_tone": words.tone(held.position.realised_pnl),
        "tone": words.tone(held.pnl),
        "path": path,
        "protection_tone": tone,
        "protection": protection,
    }


def protection_of(held: Held) -> tuple[str, str]:
    """Whether every share is under a live stop, in a class and in words."""
    quantity = abs(held.position.quantity)
    filling = next((order for order in held.entries if order.filled_quantity), None)
    if held.protected >= quantity:
        return "", _levels(held)
    if filling is not None:
        part = f"{words.shares(filling.filled_quantity)} of {words.shares(filling.quantity)}"
        return "warn", f"part filled {part} · stop arms when the entry is done"
    if held.protected:
        bare = words.shares(quantity - held.protected)
        return "warn", f"{bare} of {words.shares(quantity)} without a stop · {_levels(held)}"
    return "warn", "no stop"


def _levels(held: Held) -> str:
    parts = [f"stop {words.price(order.stop_price)}" for order in held.stops[:1]]
    parts += [f"target {words.price(order.limit_price)}" for order in held.targets[:1]]
    return " · ".join(parts)
