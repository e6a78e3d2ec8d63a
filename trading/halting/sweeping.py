"""Canceling entries under a halt: the way is chosen by what rests, and each order is read back until it is final."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db import transaction

from audit import trail
from risk.receipts import Line
from trading import orders
from trading.broker.gateway import BrokerError, BrokerGateway, CancelOutcome
from trading.choices import OrderStatus, Purpose
from trading.halting import flattening, hands
from trading.halting.reach import Reach
from trading.models import Account, Instrument, Order, ReconciliationBreak

PATIENCE = 5.0
"""Seconds to read back until everything is terminal; what is still open then is said to be open."""

ASK_AGAIN = 1.0
"""Seconds between two requests to cancel the same order."""

READS = 10
"""Requests of the budget that are left for reading back."""


class Way(StrEnum):
    """How entries are canceled."""

    CANCEL_ALL = "the broker's one cancel-all"
    ONE_BY_ONE = "one request for each"
    REARM = "cancel-all, and every stop sent anew"


def way(*, entries: int, keeps: bool, alone: bool, budget: int | None) -> Way:
    """Choose. `keeps`: protective orders rest; `alone`: nothing else rests that must stay; `budget`: requests left."""
    if not alone:
        return Way.ONE_BY_ONE
    if not keeps:
        return Way.CANCEL_ALL
    return Way.ONE_BY_ONE if budget is None or entries + READS <= budget else Way.REARM


@dataclass(frozen=True, slots=True)
class Target:
    """What of one account is to be stopped, why and by whom. Empty `strategy` and `symbol` mean all of it."""

    account: Account
    gateway: BrokerGateway
    reason: str
    by: str
    now: datetime
    strategy: str = ""
    symbol: str = ""
    everything: bool = False
    """Not our own orders alone, but whatever the account has at the broker."""

    @property
    def reach(self) -> Reach:
        """The same without the way to it."""
        return Reach(self.account, self.strategy, self.symbol, everything=self.everything)

    @property
    def whole(self) -> bool:
        return not (self.strategy or self.symbol)


@dataclass(slots=True)
class Asked:
    """A sweep under way: its orders, when each was asked about last, and what stood in the way."""

    target: Target
    rows: list[Order]
    obstacles: dict[int, str] = field(default_factory=dict)
    asked_at: dict[int, float] = field(default_factory=dict)
    heard_at: float = 0.0
    """Monotonic instant of the broker's last answer, which showed everything as final unless something is open."""

    def hear(self) -> None:
        self.heard_at = time.monotonic()

    def ask(self, open_: Sequence[Order]) -> None:
        """Ask about every order whose turn has come: an order on its way gets its id, one being replaced its rest."""
        now = time.monotonic()
        due = [order for order in open_ if self._is_due(order, now)]
        if not due:
            return
        target = self.target
        self.asked_at |= {order.pk: now for order in due if order.broker_order_id}
        self.obstacles |= orders.request_cancels(
            due,
            send=by_hands(target),
            by=target.by,
            reason=f"halt: {target.reason}",
            now=target.now,
        )

    def note(self, outcomes: Sequence[CancelOutcome], failure: str) -> None:
        """Take over what the broker said of each at a cancel-all."""
        now, said = time.monotonic(), {each.broker_order_id: each.reason for each in outcomes}
        for order in self.rows:
            if order.broker_order_id:
                self.asked_at[order.pk] = now
                self.obstacles[order.pk] = failure or said.get(order.broker_order_id, "")

    def _is_due(self, order: Order, now: float) -> bool:
        if order.broker_order_id is None:
            self.obstacles[order.pk] = orders.NO_ID
            return False
        if order.status == OrderStatus.PENDING_CANCEL and order.pk in self.asked_at:
            self.obstacles[order.pk] = "the broker has taken the request and not yet carried it out"
            return False
        return now - self.asked_at.get(order.pk, float("-inf")) >= ASK_AGAIN


def confirm(asked: Asked, urgent: orders.Urgent | None = None) -> list[Line]:
    """Read back until everything is final; one line for each order, as the broker showed it last."""
    target = asked.target
    open_ = orders.until_final(
        target.account,
        asked.rows,
        gateway=target.gateway,
        now=target.now,
        patience=PATIENCE,
        ask=asked.ask,
        heard=asked.hear,
        urgent=urgent,
    )
    # What took an order's place at the broker has its own line where it is still open.
    left = {order.pk: order for order in open_}
    rows = {order.pk: order for order in asked.rows} | left
    return [flattening.canceled_line(order, pk not in left, asked.obstacles.get(pk, "")) for pk, order in rows.items()]


def entries(target: Target) -> list[Order]:
    """Our working entries within reach, the largest exposure first."""
    return working(target, (Purpose.ENTRY,))


def working(target: Target, purposes: Sequence[Purpose]) -> list[Order]:
    """Our working orders of some purposes within reach, the largest exposure first."""
    found = Order.objects.working().filter(target.reach.within(), purpose__in=purposes)
    # Of hundreds of intents only this is wanted; instruments are few and shared.
    intents = ("intent__decided_at", "intent__pass_id", "intent__reference_price")
    rows = list(found.select_related("intent").only(*_ORDER, *intents))
    instruments = {each.pk: each for each in Instrument.objects.filter(pk__in=found.values("instrument"))}
    for row in rows:
        row.account = target.account
        row.instrument = instruments.get(row.instrument_id) or row.instrument
    return sorted(rows, key=_exposure, reverse=True)


_ORDER = tuple(field.attname for field in Order._meta.concrete_fields)


def _exposure(order: Order) -> Decimal:
    price = order.limit_price or order.stop_price or order.intent.reference_price or Decimal(0)
    return (order.quantity - order.filled_quantity) * price


def is_alone(target: Target) -> bool:
    """Whether a cancel-all takes nothing along that this halt must leave: it reaches all, and no stranger is known."""
    if not target.whole:
        return False
    kind = ReconciliationBreak.Kind.ORDER
    cases = ReconciliationBreak.objects.filter(account=target.account, kind=kind, status="open")
    return target.everything or not cases.exists()


def cancel_all(target: Target) -> tuple[tuple[CancelOutcome, ...], str]:
    """The broker's one request, sent before anything is read or written here; its lines, or what stood in the way."""
    try:
        return target.gateway.cancel_all(), ""
    except BrokerError as failure:
        return (), str(failure)


def record(target: Target, outcomes: Sequence[CancelOutcome], failure: str) -> None:
    """Put a cancel-all on the record."""
    words = failure or f"{len(outcomes)} orders asked to cancel"
    with transaction.atomic():
        trail.record(
            event="order.cancel_all_requested",
            account=target.account.number,
            mode=target.account.mode,
            sentence=f"all orders at the broker: {words}; halt: {target.reason}",
            by=target.by,
            now=target.now,
            severity="warning" if failure else "info",
        )


def by_hands(target: Target) -> orders.Send:
    """Ask for several orders at once, each hand over a connection of its own; the first ones first."""

    def send(rows: Sequence[Order]) -> Mapping[int, str]:
        if len(rows) <= hands.FEW:
            return orders.one_by_one(target.gateway)(rows)
        with hands.opened(target.account.number, len(rows)) as free, ThreadPoolExecutor(len(free)) as pool:

            def ask(order: Order) -> tuple[int, str]:
                hand = free.pop()
                try:
                    return order.pk, orders.cancel(hand, order.broker_order_id or "")
                finally:
                    free.append(hand)

            return dict(pool.map(ask, rows))

    return send
