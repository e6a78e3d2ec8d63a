"""What fills do to the books: lots first in, first out, positions, the cash ledger. Few statements for many fills."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import DecimalField, F, Sum

from audit import trail
from trading import lots
from trading.choices import Side
from trading.models import Account, AccountState, Fill, Lot, LotClosing, Order, Position

ZERO = Decimal(0)


@dataclass(slots=True)
class Done:
    """One fill that is booked: its order, its row, and what it closes."""

    order: Order
    fill: Fill
    closed: tuple[lots.Closed, ...] = ()

    @property
    def signed(self) -> Decimal:
        return self.fill.quantity if self.fill.side == Side.BUY else -self.fill.quantity

    @property
    def opened(self) -> Decimal:
        """Signed shares that closed nothing."""
        return self.signed + sum((piece.quantity for piece in self.closed), ZERO)

    @property
    def realised(self) -> Decimal:
        return sum((piece.realised for piece in self.closed), ZERO)


def _count_booked(fresh: Sequence[Done]) -> None:
    for done in fresh:
        done.order.booked_quantity += done.fill.quantity
    rows = {done.order.pk: done.order for done in fresh}
    _update(Order._meta.db_table, "booked_quantity", {pk: order.booked_quantity for pk, order in rows.items()})


@dataclass(frozen=True, slots=True)
class Held:
    """Signed shares of one instrument and signed USD they were opened for; `open_lots` are those at hand."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    open_lots: tuple[lots.Lot, ...] = ()

    @property
    def average_price(self) -> Decimal:
        return self.cost / self.quantity if self.quantity else ZERO


def book(fresh: Sequence[Done], *, now: datetime) -> None:
    """Bring orders, lots, positions, cash and events up to fills that have their rows, all of one account."""
    _count_booked(fresh)
    account_id = fresh[0].order.account_id
    by_instrument: dict[int, list[Done]] = defaultdict(list)
    for done in fresh:
        by_instrument[done.order.instrument_id].append(done)
    held = _held(account_id, by_instrument)
    turning = [pk for pk, fills in by_instrument.items() if _turns(held[pk].quantity, fills)]
    rows = _open_lots(account_id, turning)
    after = {
        pk: _through_lots(held[pk], rows[pk] if pk in turning else None, fills) for pk, fills in by_instrument.items()
    }
    _write_lots(account_id, [row for each in rows.values() for row in each], fresh, after)
    _write_positions(account_id, by_instrument, after, now=now)
    # Signed shares times price: a buy costs cash, a sale brings it.
    spent = sum((done.signed * done.fill.price for done in fresh), ZERO)
    AccountState.objects.filter(account_id=account_id, ledger_cash__isnull=False).update(
        ledger_cash=F("ledger_cash") - spent
    )
    trail.record_many(_entry(done, now=now) for done in fresh)


def _held(account_id: int, instruments: Collection[int]) -> dict[int, Held]:
    """What the open lots of each instrument add up to."""
    found = dict.fromkeys(instruments, Held())
    sums = (
        Lot.objects.filter(account_id=account_id, instrument_id__in=instruments)
        .exclude(remaining=0)
        .values_list("instrument_id")
        .annotate(quantity=Sum("remaining"), cost=Sum(F("remaining") * F("price"), output_field=DecimalField()))
    )
    return found | {pk: Held(quantity, cost) for pk, quantity, cost in sums}


def _turns(held: Decimal, fills: Sequence[Done]) -> bool:
    """Whether a fill goes against what is held then: only so are lots closed, and all others need not be read."""
    return len({quantity > 0 for quantity in (held, *(done.signed for done in fills)) if quantity}) > 1


def _open_lots(account_id: int, instruments: Collection[int]) -> dict[int, list[Lot]]:
    found: dict[int, list[Lot]] = {pk: [] for pk in instruments}
    rows = Lot.objects.select_for_update().filter(account_id=account_id, instrument_id__in=instruments)
    for row in rows.exclude(remaining=0).order_by("opened_at", "pk") if instruments else ():
        found[row.instrument_id].append(row)
    return found


def _through_lots(held: Held, rows: Iterable[Lot] | None, fills: Iterable[Done]) -> Held:
    """One instrument after its fills, first in, first out; each fill is told what it closed.

    Without `rows` the fills only add to what is held.
    """
    open_ = tuple(lots.Lot(str(row.opening_fill_id), row.remaining, row.price, row.opened_at) for row in rows or ())
    for done in fills:
        fill = lots.Fill(str(done.fill.pk), done.signed, done.fill.price, done.fill.filled_at)
        open_, done.closed = lots.apply(open_, fill)
    before = Held() if rows is not None else held
    return Held(before.quantity + lots.quantity(open_), before.cost + lots.cost(open_), open_)


def _write_lots(account_id: int, rows: Sequence[Lot], fresh: Sequence[Done], after: Mapping[int, Held]) -> None:
    left = {lot.fill_id: lot.quantity for held in after.values() for lot in held.open_lots}
    remaining = {row.pk: left.get(str(row.opening_fill_id), ZERO) for row in rows}
    changed = {row.pk: remaining[row.pk] for row in rows if row.remaining != remaining[row.pk]}
    _update(Lot._meta.db_table, "remaining", changed)
    made = Lot.objects.bulk_create(
        Lot(
            account_id=account_id,
            instrument_id=done.fill.instrument_id,
            opening_fill=done.fill,
            quantity=done.opened,
            remaining=left.get(str(done.fill.pk), ZERO),
            price=done.fill.price,
            opened_at=done.fill.filled_at,
        )
        for done in fresh
        if done.opened
    )
    by_fill = {str(row.opening_fill_id): row for row in (*rows, *made)}
    LotClosing.objects.bulk_create(
        LotClosing(
            lot=by_fill[piece.opening_fill_id],
            closing_fill=done.fill,
            quantity=piece.quantity,
            realised_pnl=piece.realised,
            closed_at=piece.closed_at,
            session_date=done.fill.session_date,
        )
        for done in fresh
        for piece in done.closed
    )


def _write_positions(
    account_id: int,
    by_instrument: Mapping[int, Sequence[Done]],
    after: Mapping[int, Held],
    *,
    now: datetime,
) -> None:
    rows = Position.objects.filter(account_id=account_id, instrument_id__in=by_instrument)
    realised = dict(rows.values_list("instrument_id", "realised_pnl"))
    Position.objects.bulk_create(
        [
            Position(
                account_id=account_id,
                mode=fills[0].order.mode,
                instrument_id=pk,
                quantity=after[pk].quantity,
                average_price=after[pk].average_price,
                realised_pnl=realised.get(pk, ZERO) + sum((done.realised for done in fills), ZERO),
                updated_at=now,
            )
            for pk, fills in by_instrument.items()
        ],
        update_conflicts=True,
        unique_fields=["account", "instrument"],
        update_fields=["quantity", "average_price", "realised_pnl", "updated_at"],
    )


def _update(table: str, column: str, values: Mapping[int, Decimal]) -> None:
    """Give a column of many rows their new values in one statement."""
    if not values:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS row SET {column} = new.value"  # noqa: S608 names of our own
            " FROM unnest(%s::bigint[], %s::numeric[]) AS new (id, value) WHERE row.id = new.id",
            [list(values), list(values.values())],
        )


def _entry(done: Done, *, now: datetime) -> trail.Entry:
    order, fill, realised = done.order, done.fill, done.realised
    symbol = order.instrument.symbol
    # A true minus, as on every page.
    earned = f", realised {realised:+,.2f} USD".replace("-", "\u2212") if realised else ""
    return trail.Entry(
        event="fill.booked",
        account=order.account.number,
        mode=order.mode,
        subject=symbol,
        sentence=f"{symbol} {fill.side} {fill.quantity.normalize():f} @ {fill.price.normalize():f}{earned}",
        data={"cumulative_quantity": fill.cumulative_quantity, "purpose": order.purpose},
        by="broker",
        now=now,
        pass_id=order.intent.pass_id,
        intent=str(order.intent_id),
        order=order.client_order_id,
    )


def note_naked(
    account: Account, known: Mapping[int, datetime | None], bare: Collection[int], *, now: datetime
) -> list[int]:
    """Keep since when each holding (by instrument) lies without a stop; returns those that begin to.

    No statement where nothing changed.
    """
    begins = [pk for pk in bare if known.get(pk) is None]
    ends = [pk for pk, since in known.items() if since is not None and pk not in bare]
    if begins:
        Position.objects.filter(account=account, instrument_id__in=begins, naked_since=None).update(naked_since=now)
    if ends:
        Position.objects.filter(account=account, instrument_id__in=ends).update(naked_since=None)
    return begins


def move_cash(account: Account, amount: Decimal) -> None:
    """Add USD to our own cash ledger: a dividend, a fee, a transfer. The caller holds the account's row lock."""
    kept = AccountState.objects.filter(account=account, ledger_cash__isnull=False)
    kept.update(ledger_cash=F("ledger_cash") + amount)
