"""Intents, orders, fills, lots and positions, in the shapes a session leaves them in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Fill, FillSighting, Instrument, Lot, Order, OrderIntent, Position, Signal, Strategy


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entry someone asked for."""

    account: Account
    strategy: Strategy
    instrument: Instrument
    quantity: int
    limit: str
    at: datetime
    """By the venue's clock."""
    wall: datetime

    @property
    def stop(self) -> Decimal:
        return (Decimal(self.limit) * Decimal("0.995")).quantize(Decimal("0.01"))

    @property
    def target(self) -> Decimal:
        return (Decimal(self.limit) * Decimal("1.0102")).quantize(Decimal("0.01"))


def intent(wanted: Wanted, *, code: str = "", sentence: str = "") -> OrderIntent:
    """The intent with its signal; denied when a code is given."""
    signal = Signal.objects.create(
        strategy=wanted.strategy,
        strategy_version=wanted.strategy.version,
        instrument=wanted.instrument,
        bar_at=wanted.at.replace(second=0) - timedelta(minutes=1),
        session_date=wanted.at.date(),
        direction="long",
        strength=Decimal("0.7"),
        reason=f"{wanted.instrument.symbol} rose above its 20-minute high of {wanted.limit}, ADX 31.2 over 25",
        created_at=wanted.wall,
    )
    denials = [
        {"code": code, "control": 20, "sentence": sentence, "seen": "38 s ago", "limit": "60 s",
         "limit_name": "duplicate_window_seconds", "limit_version": 1}
    ]  # fmt: skip
    return OrderIntent.objects.create(
        account=wanted.account,
        mode=wanted.account.mode,
        strategy=wanted.strategy,
        signal=signal,
        instrument=wanted.instrument,
        purpose=Purpose.ENTRY,
        side=Side.BUY,
        quantity=wanted.quantity,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.BRACKET,
        limit_price=Decimal(wanted.limit),
        take_profit_price=wanted.target,
        stop_loss_price=wanted.stop,
        reference_price=Decimal(wanted.limit) - Decimal("0.02"),
        approved=not code,
        denial_code=code,
        denial_sentence=sentence,
        verdict={"denials": denials if code else []},
        inputs={"equity": "100182.37", "quote": {"bid": wanted.limit, "ask": wanted.limit}, "entries_today": 3},
        limit_versions={"position_fraction@firm": 1, "gross_fraction@firm": 1},
        build="3f2a91c",
        by=wanted.strategy.name,
        pass_id=str(uuid4()),
        session_date=wanted.at.date(),
        decided_at=wanted.at,
        created_at=wanted.wall,
    )


def order(wanted: Wanted, status: OrderStatus, *, filled: int = 0, price: str = "", reason: str = "") -> Order:
    """An approved intent's root order, as far as it got."""
    asked = intent(wanted)
    known = status not in (OrderStatus.UNKNOWN, OrderStatus.WITHDRAWN)
    return Order.objects.create(
        intent=asked,
        account=wanted.account,
        mode=wanted.account.mode,
        instrument=wanted.instrument,
        purpose=Purpose.ENTRY,
        side=Side.BUY,
        quantity=wanted.quantity,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.BRACKET,
        limit_price=Decimal(wanted.limit),
        client_order_id=str(asked.pk),
        broker_order_id=str(uuid4()) if known else None,
        status=status,
        broker_status=status if known else "",
        reason=reason,
        filled_quantity=filled,
        filled_average_price=Decimal(price) if price else None,
        booked_quantity=filled,
        session_date=wanted.at.date(),
        created_at=wanted.wall,
        submitted_at=wanted.wall,
        answered_at=wanted.wall + timedelta(milliseconds=210) if known else None,
        times_asked=0 if known else 2,
    )


def hold(wanted: Wanted, price: str, *, filled: int = 0) -> Position:
    """An entry that was filled (wholly unless said), its fill, its lot, its position and its protective legs."""
    part = filled or wanted.quantity
    status = OrderStatus.FILLED if part == wanted.quantity else OrderStatus.PARTIALLY_FILLED
    root = order(wanted, status, filled=part, price=price)
    done = fill(root, part, price, wanted.at + timedelta(seconds=2), cumulative=part)
    Lot.objects.create(
        account=wanted.account,
        instrument=wanted.instrument,
        opening_fill=done,
        quantity=part,
        remaining=part,
        price=Decimal(price),
        opened_at=done.filled_at,
    )
    _leg(root, Purpose.STOP, OrderType.STOP, wanted)
    _leg(root, Purpose.TARGET, OrderType.LIMIT, wanted)
    return Position.objects.create(
        account=wanted.account,
        mode=wanted.account.mode,
        instrument=wanted.instrument,
        quantity=part,
        average_price=Decimal(price),
        updated_at=done.filled_at,
    )


def fill(root: Order, quantity: int, price: str, at: datetime, *, cumulative: int) -> Fill:
    """One fill, heard by the stream."""
    done = Fill.objects.create(
        order=root,
        account=root.account,
        mode=root.mode,
        instrument=root.instrument,
        side=root.side,
        quantity=quantity,
        price=Decimal(price),
        cumulative_quantity=cumulative,
        filled_at=at,
        session_date=at.date(),
        recorded_at=at,
    )
    FillSighting.objects.create(fill=done, source=FillSighting.Source.STREAM, broker_fill_id=str(uuid4()), heard_at=at)
    return done


def _leg(root: Order, purpose: Purpose, kind: OrderType, wanted: Wanted) -> Order:
    return Order.objects.create(
        intent=root.intent,
        parent=root,
        account=root.account,
        mode=root.mode,
        instrument=root.instrument,
        purpose=purpose,
        side=Side.SELL,
        quantity=root.quantity,
        type=kind,
        time_in_force=TimeInForce.GTC,
        order_class=OrderClass.BRACKET,
        limit_price=wanted.target if kind is OrderType.LIMIT else None,
        stop_price=wanted.stop if kind is OrderType.STOP else None,
        client_order_id=str(uuid4()),
        broker_order_id=str(uuid4()),
        status=OrderStatus.HELD if kind is OrderType.STOP else OrderStatus.ACCEPTED,
        session_date=root.session_date,
        created_at=root.created_at,
        submitted_at=root.submitted_at,
        answered_at=root.answered_at,
    )
