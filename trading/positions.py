"""The one writer of fills, lots and positions: what an execution does to the books. Called by `trading.orders`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F

from audit import crash_points, trail
from audit.models import AuditEvent
from trading import lots, sessions
from trading.choices import Side
from trading.models import Account, AccountState, Fill, FillSighting, Lot, LotClosing, Order, Position


@dataclass(frozen=True, slots=True)
class Execution:
    """Shares that changed hands for one order; `cumulative_quantity` is the order's filled quantity after them."""

    quantity: Decimal
    price: Decimal
    cumulative_quantity: Decimal
    at: datetime
    source: FillSighting.Source
    broker_fill_id: str


def apply_fill(order: Order, execution: Execution, *, now: datetime) -> bool:
    """Book one execution; False where it is booked already. The caller holds the account's row lock.

    Identity is (order, cumulative quantity): the stream and the activities tell the same fill under different ids.
    Fill, lots, position, cash ledger and event are one transaction, so a crash keeps all of it or none.
    """
    fill = Fill.objects.filter(order=order, cumulative_quantity=execution.cumulative_quantity).first()
    fresh = fill is None
    if fill is None:
        if _contradicts(order, execution):
            _tell_contradiction(order, execution, now=now)
            return False
        fill = _write_fill(order, execution, now=now)
        order.booked_quantity += execution.quantity
        order.save(update_fields=["booked_quantity"])
        _book(order, fill, now=now)
        crash_points.reach("fill.before_commit")
    if execution.broker_fill_id:
        FillSighting.objects.bulk_create(
            [FillSighting(fill=fill, source=execution.source, broker_fill_id=execution.broker_fill_id, heard_at=now)],
            ignore_conflicts=True,
        )
    return fresh


def _contradicts(order: Order, execution: Execution) -> bool:
    """Shares that are booked already under another cumulative quantity, or that the order never had."""
    before = execution.cumulative_quantity - execution.quantity
    if before < 0 or execution.cumulative_quantity > order.quantity or execution.price <= 0 or execution.quantity <= 0:
        return True
    booked = Fill.objects.filter(order=order, cumulative_quantity__gt=before)
    return booked.filter(cumulative_quantity__lt=execution.cumulative_quantity + F("quantity")).exists()


def _tell_contradiction(order: Order, execution: Execution, *, now: datetime) -> None:
    told = AuditEvent.objects.filter(order=order.client_order_id, event="fill.contradicts")
    if told.filter(data__broker_fill_id=execution.broker_fill_id).exists():
        return
    symbol = order.instrument.symbol
    trail.record(
        event="fill.contradicts",
        account=order.account.number,
        mode=order.mode,
        subject=symbol,
        sentence=(
            f"{symbol}: a fill of {execution.quantity:f} @ {execution.price:f} up to {execution.cumulative_quantity:f}"
            f" shares does not fit the fills of its order and is not booked"
        ),
        data={"source": str(execution.source), "broker_fill_id": execution.broker_fill_id},
        by="broker",
        now=now,
        severity="critical",
        intent=str(order.intent_id),
        order=order.client_order_id,
    )


def _write_fill(order: Order, execution: Execution, *, now: datetime) -> Fill:
    return Fill.objects.create(
        order=order,
        account_id=order.account_id,
        mode=order.mode,
        instrument_id=order.instrument_id,
        side=order.side,
        quantity=execution.quantity,
        price=execution.price,
        cumulative_quantity=execution.cumulative_quantity,
        filled_at=execution.at,
        session_date=sessions.date_of(execution.at),
        recorded_at=now,
    )


def _book(order: Order, fill: Fill, *, now: datetime) -> None:
    rows = list(
        Lot.objects.select_for_update()
        .filter(account_id=order.account_id, instrument_id=order.instrument_id)
        .exclude(remaining=0)
        .order_by("opened_at", "pk")
    )
    signed = fill.quantity if fill.side == Side.BUY else -fill.quantity
    before = tuple(lots.Lot(str(row.opening_fill_id), row.remaining, row.price, row.opened_at) for row in rows)
    after, closed = lots.apply(before, lots.Fill(str(fill.pk), signed, fill.price, fill.filled_at))
    _write_lots(fill, rows, after, closed)
    realised = sum((piece.realised for piece in closed), Decimal(0))
    _write_position(order, after, realised, now=now)
    # Signed shares times price: a buy costs cash, a sale brings it.
    AccountState.objects.filter(account_id=order.account_id, ledger_cash__isnull=False).update(
        ledger_cash=F("ledger_cash") - signed * fill.price
    )
    _tell(order, fill, realised, now=now)


def _write_lots(fill: Fill, rows: list[Lot], after: tuple[lots.Lot, ...], closed: tuple[lots.Closed, ...]) -> None:
    left = {lot.fill_id: lot for lot in after}
    by_fill = {str(row.opening_fill_id): row for row in rows}
    for row in rows:
        remaining = left[str(row.opening_fill_id)].quantity if str(row.opening_fill_id) in left else Decimal(0)
        if remaining != row.remaining:
            row.remaining = remaining
            row.save(update_fields=["remaining"])
    LotClosing.objects.bulk_create(
        LotClosing(
            lot=by_fill[piece.opening_fill_id],
            closing_fill=fill,
            quantity=piece.quantity,
            realised_pnl=piece.realised,
            closed_at=piece.closed_at,
            session_date=fill.session_date,
        )
        for piece in closed
    )
    opened = left.get(str(fill.pk))
    if opened is not None:
        Lot.objects.create(
            account_id=fill.account_id,
            instrument_id=fill.instrument_id,
            opening_fill=fill,
            quantity=opened.quantity,
            remaining=opened.quantity,
            price=opened.price,
            opened_at=opened.opened_at,
        )


def _write_position(order: Order, after: tuple[lots.Lot, ...], realised: Decimal, *, now: datetime) -> None:
    position, _ = Position.objects.get_or_create(
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        defaults={"mode": order.mode, "updated_at": now},
    )
    position.quantity = lots.quantity(after)
    position.average_price = lots.average_price(after) or Decimal(0)
    position.realised_pnl += realised
    position.updated_at = now
    position.save(update_fields=["quantity", "average_price", "realised_pnl", "updated_at"])


def _tell(order: Order, fill: Fill, realised: Decimal, *, now: datetime) -> None:
    symbol = order.instrument.symbol
    # A true minus, as on every page.
    earned = f", realised {realised:+,.2f} USD".replace("-", "\u2212") if realised else ""
    trail.record(
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
