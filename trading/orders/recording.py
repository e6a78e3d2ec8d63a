"""Writing down what is wanted, before anything is sent: the signal, and the intent with its verdict and its order."""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from audit import crash_points, trail
from risk.exposure import ProposedOrder, Verdict
from trading import sessions
from trading.broker.gateway import NewOrder
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Instrument, Order, OrderIntent, Signal, Strategy
from trading.targets import Target


@dataclass(frozen=True, slots=True)
class Proposal:
    """An order someone wants, in its rows. Shares and USD; `by` is the strategy's or the person's name."""

    account: Account
    instrument: Instrument
    purpose: Purpose
    side: Side
    quantity: Decimal
    type: OrderType
    time_in_force: TimeInForce
    order_class: OrderClass
    by: str
    strategy: Strategy | None = None
    signal: Signal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    take_profit_price: Decimal | None = None
    stop_loss_price: Decimal | None = None
    reference_price: Decimal | None = None

    def proposed(self, intent_id: uuid.UUID) -> ProposedOrder:
        """The same order in risk's own words."""
        return ProposedOrder(
            intent_id=str(intent_id),
            account=self.account.number,
            mode=self.account.mode,
            strategy=self.strategy.name if self.strategy else "",
            symbol=self.instrument.symbol,
            side=self.side.value,
            quantity=self.quantity,
            order_type=self.type.value,
            time_in_force=self.time_in_force.value,
            purpose=self.purpose.value,
            limit_price=self.limit_price,
            stop_price=self.stop_price,
            take_profit_price=self.take_profit_price,
            stop_loss_price=self.stop_loss_price,
            order_class=self.order_class.value,
            signal_id=str(self.signal.pk) if self.signal else "",
            reference_price=self.reference_price,
        )

    def wire(self, intent_id: uuid.UUID) -> NewOrder:
        """What of it leaves for the broker; the intent's id makes a second one a refusal there."""
        return NewOrder(
            client_order_id=str(intent_id),
            symbol=self.instrument.symbol,
            side=self.side,
            quantity=self.quantity,
            type=self.type,
            time_in_force=self.time_in_force,
            limit_price=self.limit_price,
            stop_price=self.stop_price,
            order_class=self.order_class,
            take_profit_price=self.take_profit_price,
            stop_loss_price=self.stop_loss_price,
        )


@dataclass(frozen=True, slots=True)
class Going:
    """An order that is saved as sent, and what of it leaves. Only who wrote its row holds it: nobody else sends it."""

    order: Order
    wire: NewOrder
    looked_at: datetime
    """When the halt latch was looked at, held open until the order was saved; the lease's clock."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a proposal: the intent always, its order on its way only where the verdict approved."""

    intent: OrderIntent
    going: Going | None


_SIGNAL = [column.attname for column in Signal._meta.concrete_fields if not column.primary_key]
_KEEP_SIGNAL = f"""
    INSERT INTO trading_signal ({", ".join(_SIGNAL)}) VALUES ({", ".join(["%s"] * len(_SIGNAL))})
    ON CONFLICT (strategy_id, instrument_id, bar_at) DO NOTHING RETURNING id
"""  # noqa: S608 - our own columns


def record_signal(
    strategy: Strategy, instrument: Instrument, target: Target, *, bar_at: datetime, now: datetime
) -> Signal:
    """The strategy's answer for one bar; asking again returns the row that is there. One statement for a new one."""
    signal = Signal(
        strategy=strategy,
        instrument=instrument,
        bar_at=bar_at,
        strategy_version=strategy.version,
        session_date=sessions.date_of(bar_at),
        direction=target.direction,
        strength=target.strength,
        reason=_short(target.reason),
        created_at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_SIGNAL, [getattr(signal, name) for name in _SIGNAL])
        kept = cursor.fetchone()
    if kept is None:
        return Signal.objects.get(strategy=strategy, instrument=instrument, bar_at=bar_at)
    signal.pk = kept[0]
    signal._state.adding = False
    return signal


def record_decision(
    proposal: Proposal,
    verdict: Verdict,
    *,
    intent_id: uuid.UUID,
    session_date: date,
    pass_id: str,
    build: str,
    market_now: datetime,
    looked_at: datetime,
    now: datetime,
    tell: Callable[[list[trail.Entry]], object] = trail.record_many,
) -> Decided:
    """Write the intent and, where approved, its order, saved as sent from `looked_at` on.

    The caller holds the account's row lock and the halt latch in one transaction; once that commits it sends. Who
    decides on several may `tell` of them together, before it commits.
    """
    wire = proposal.wire(intent_id)
    intent = OrderIntent.objects.create(
        id=intent_id,
        account=proposal.account,
        mode=proposal.account.mode,
        strategy=proposal.strategy,
        signal=proposal.signal,
        instrument=proposal.instrument,
        purpose=proposal.purpose,
        side=proposal.side,
        quantity=proposal.quantity,
        type=proposal.type,
        time_in_force=proposal.time_in_force,
        order_class=proposal.order_class,
        limit_price=proposal.limit_price,
        stop_price=proposal.stop_price,
        take_profit_price=proposal.take_profit_price,
        stop_loss_price=proposal.stop_loss_price,
        reference_price=proposal.reference_price,
        approved=verdict.approved,
        denial_code=verdict.code,
        denial_sentence=verdict.sentence,
        verdict={"denials": [asdict(denial) for denial in verdict.denials]},
        inputs=verdict.inputs,
        limit_versions=verdict.limit_versions,
        build=build,
        by=proposal.by,
        pass_id=pass_id,
        session_date=session_date,
        decided_at=market_now,
        created_at=now,
    )
    judged = _entry(intent, proposal, verdict, now=now)
    if not verdict.approved:
        tell([judged])
        return Decided(intent, None)
    order = _open_order(intent, submitted_at=looked_at, now=now)
    crash_points.reach("order.marked")
    sentence = f"{wire.symbol} {wire.side} {wire.quantity.normalize():f} sent"
    sent = replace(judged, event="order.submitted", sentence=sentence, order=order.client_order_id, data={})
    tell([judged, sent])
    return Decided(intent, Going(order, wire, looked_at))


def _entry(intent: OrderIntent, proposal: Proposal, verdict: Verdict, *, now: datetime) -> trail.Entry:
    word, tail = ("intent.approved", "") if verdict.approved else ("intent.denied", f": {verdict.sentence}")
    return trail.Entry(
        event=word,
        account=proposal.account.number,
        mode=proposal.account.mode,
        subject=proposal.instrument.symbol,
        sentence=f"{_words(proposal)}{tail}",
        data={"code": verdict.code, "limit_versions": verdict.limit_versions},
        by=proposal.by,
        now=now,
        pass_id=intent.pass_id,
        intent=str(intent.pk),
    )


def _open_order(intent: OrderIntent, *, submitted_at: datetime, now: datetime) -> Order:
    return Order.objects.create(
        intent=intent,
        account=intent.account,
        mode=intent.mode,
        instrument=intent.instrument,
        purpose=intent.purpose,
        side=intent.side,
        quantity=intent.quantity,
        type=intent.type,
        time_in_force=intent.time_in_force,
        order_class=intent.order_class,
        limit_price=intent.limit_price,
        stop_price=intent.stop_price,
        client_order_id=str(intent.pk),
        session_date=intent.session_date,
        status=OrderStatus.SUBMITTED,
        submitted_at=submitted_at,
        created_at=now,
    )


def _short(reason: str) -> str:
    """A reason as long as its column; what is cut says so."""
    return reason if len(reason) <= 300 else f"{reason[:299].rstrip()}…"


def _words(proposal: Proposal) -> str:
    price = f" at {proposal.limit_price:f}" if proposal.limit_price is not None else ""
    return f"{proposal.instrument.symbol} {proposal.side.value} {proposal.quantity.normalize():f}{price}"
