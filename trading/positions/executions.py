"""Executions as they are told: which of them are news, and what contradicts the fills before it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from audit import crash_points, trail
from audit.models import AuditEvent
from trading import sessions
from trading.models import Fill, FillSighting, Order
from trading.positions import ledger


@dataclass(frozen=True, slots=True)
class Execution:
    """Shares that changed hands for one order; `cumulative_quantity` is the order's filled quantity after them."""

    quantity: Decimal
    price: Decimal
    cumulative_quantity: Decimal
    at: datetime
    source: FillSighting.Source
    broker_fill_id: str


type Told = tuple[Order, Execution]


def apply_fill(order: Order, execution: Execution, *, now: datetime) -> bool:
    """Book one execution; False where it is booked already. As `apply_fills`."""
    return apply_fills([(order, execution)], now=now) == 1


def apply_fills(told: Sequence[Told], *, now: datetime) -> int:
    """Book executions of one account in the order given; returns how many were not booked already.

    Identity is (order, cumulative quantity): the stream and the activities tell the same fill under different ids.
    Fills, lots, positions, cash ledger and events are one transaction of the caller, who holds the account's row lock:
    a crash keeps all of them or none. The number of statements does not grow with that of the fills.
    """
    sorted_out = _sort_out(told, now=now)
    if sorted_out.fresh:
        Fill.objects.bulk_create(done.fill for done in sorted_out.fresh)
        ledger.book(sorted_out.fresh, now=now)
        crash_points.reach("fill.before_commit")
    _tell_contradictions(sorted_out.quarrels, now=now)
    sightings = [
        FillSighting(fill_id=seen.pk, source=said.source, broker_fill_id=said.broker_fill_id, heard_at=now)
        for seen, said in sorted_out.sightings
        if said.broker_fill_id
    ]
    if sightings:
        FillSighting.objects.bulk_create(sightings, ignore_conflicts=True)
    return len(sorted_out.fresh)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A fill of an order up to a cumulative quantity."""

    quantity: Decimal
    cumulative_quantity: Decimal
    row: Fill | int
    """The fill that is about to have a row, or the row's number."""

    @property
    def pk(self) -> int:
        return self.row if isinstance(self.row, int) else int(self.row.pk)


@dataclass(slots=True)
class _SortedOut:
    """What was told, as news, as sightings of fills, and as what contradicts the fills before it."""

    fresh: list[ledger.Done] = field(default_factory=list)
    sightings: list[tuple[_Seen, Execution]] = field(default_factory=list)
    quarrels: list[Told] = field(default_factory=list)


def _sort_out(told: Sequence[Told], *, now: datetime) -> _SortedOut:
    known: dict[int, dict[Decimal, _Seen]] = defaultdict(dict)
    booked = Fill.objects.filter(order__in={order.pk for order, _ in told})
    for order_id, cumulative, quantity, pk in booked.values_list("order", "cumulative_quantity", "quantity", "pk"):
        known[order_id][cumulative] = _Seen(quantity, cumulative, pk)
    found = _SortedOut()
    for order, said in told:
        fills = known[order.pk]
        seen = fills.get(said.cumulative_quantity)
        if seen is None and _contradicts(order, said, fills.values()):
            found.quarrels.append((order, said))
            continue
        if seen is None:
            fill = _fill(order, said, now=now)
            seen = fills[said.cumulative_quantity] = _Seen(said.quantity, said.cumulative_quantity, fill)
            found.fresh.append(ledger.Done(order, fill))
        found.sightings.append((seen, said))
    return found


def _contradicts(order: Order, said: Execution, fills: Iterable[_Seen]) -> bool:
    """Shares that are booked already under another cumulative quantity, or that the order never had."""
    before = said.cumulative_quantity - said.quantity
    if before < 0 or said.cumulative_quantity > order.quantity or said.price <= 0 or said.quantity <= 0:
        return True
    return any(
        fill.cumulative_quantity > before and fill.cumulative_quantity - fill.quantity < said.cumulative_quantity
        for fill in fills
    )


def _tell_contradictions(quarrels: Sequence[Told], *, now: datetime) -> None:
    if not quarrels:
        return
    told = AuditEvent.objects.filter(
        event="fill.contradicts", order__in={order.client_order_id for order, _ in quarrels}
    ).values_list("order", "data__broker_fill_id")
    known = set(told)
    trail.record_many(
        trail.Entry(
            event="fill.contradicts",
            account=order.account.number,
            mode=order.mode,
            subject=order.instrument.symbol,
            sentence=(
                f"{order.instrument.symbol}: a fill of {said.quantity:f} @ {said.price:f} up to"
                f" {said.cumulative_quantity:f} shares does not fit the fills of its order and is not booked"
            ),
            data={"source": str(said.source), "broker_fill_id": said.broker_fill_id},
            by="broker",
            now=now,
            severity="critical",
            intent=str(order.intent_id),
            order=order.client_order_id,
        )
        for order, said in quarrels
        if (order.client_order_id, said.broker_fill_id) not in known
    )


def _fill(order: Order, said: Execution, *, now: datetime) -> Fill:
    return Fill(
        order=order,
        account_id=order.account_id,
        mode=order.mode,
        instrument_id=order.instrument_id,
        side=order.side,
        quantity=said.quantity,
        price=said.price,
        cumulative_quantity=said.cumulative_quantity,
        filled_at=said.at,
        session_date=sessions.date_of(said.at),
        recorded_at=now,
    )
