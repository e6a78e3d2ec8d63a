"""Putting protective orders back that a cancel-all took along, at once, and measuring how long they lacked."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import batched

from django.db.models import Q

from audit import crash_points
from risk.receipts import Line
from trading import leases, orders
from trading.broker.gateway import BrokerGateway
from trading.choices import TERMINAL, OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.halting import baring
from trading.models import Account, Instrument, Order, Position
from trading.orders import Proposal
from trading.proposing import decisions, protection
from trading.reading import books

BY = "halt"


@dataclass(frozen=True, slots=True)
class Armour:
    """A stop that protects shares, with the profit side that cancels it, as it stood before the cancel."""

    instrument: Instrument
    quantity: Decimal
    """Shares it still covered."""
    stop_price: Decimal
    target_price: Decimal | None

    @property
    def exposure(self) -> Decimal:
        return self.quantity * self.stop_price


def to_keep(account: Account) -> list[Order]:
    """Working orders that reduce a holding. Legs that wait for an entry protect nothing yet and go with it."""
    # By the intent: what waits for an entry that was replaced at the broker waits for what took its place.
    entries = Order.objects.working().filter(account=account, purpose=Purpose.ENTRY).values("intent")
    waiting = Q(status=OrderStatus.HELD, intent__in=entries)
    rows = Order.objects.working().filter(account=account).exclude(purpose=Purpose.ENTRY).exclude(waiting)
    return list(rows.select_related("instrument").order_by("pk"))


def remember(kept: Iterable[Order]) -> list[Armour]:
    """Each stop among the orders with its profit side, the largest exposure first."""
    groups: dict[int, list[Order]] = defaultdict(list)
    for order in kept:
        groups[order.parent_id or order.pk].append(order)
    found = []
    for group in groups.values():
        stop = next((order for order in group if order.purpose == Purpose.STOP and order.stop_price), None)
        if stop is None or stop.stop_price is None:
            continue
        target = next((order.limit_price for order in group if order is not stop and order.limit_price), None)
        found.append(Armour(stop.instrument, stop.quantity - stop.filled_quantity, stop.stop_price, target))
    return sorted(found, key=lambda armour: armour.exposure, reverse=True)


def symbols(account: Account, working: Iterable[Order]) -> list[str]:
    """Whatever may have to be armed: what is held, and what working orders may buy while they are canceled."""
    held = Position.objects.filter(account=account).exclude(quantity=0).values_list("instrument__symbol", flat=True)
    return sorted({order.instrument.symbol for order in working} | set(held))


@dataclass(frozen=True, slots=True)
class Means:
    """What stops are sent by: the ways to the broker, one at least, when and by what prices, and since when."""

    account: Account
    gateways: Sequence[BrokerGateway]
    moment: decisions.Moment
    since: float
    """The monotonic instant just before the cancel-all left: no share was bare for longer than is said."""


def rearm(armour: Iterable[Armour], means: Means) -> list[Line]:
    """Send each stop anew, as many at once as there are gateways. One line each, with the seconds it lacked."""
    return _send_all([_again(means.account, each, means.moment) for each in armour], means)


def protect(means: Means) -> list[Line]:
    """Arm what still lies bare once the stops stand again: what an entry bought while it was canceled, above all."""
    return _send_all(protection.missing(means.account, books.read(means.account.pk), means.moment), means)


@dataclass(slots=True)
class _Sending:
    """Proposals on their way: what was decided on each, which left together, and when the broker answered."""

    proposals: list[Proposal] = field(default_factory=list)
    decided: list[orders.Decided] = field(default_factory=list)
    flights: list[orders.OnTheWire] = field(default_factory=list)
    answered: dict[int, float] = field(default_factory=dict)
    """Monotonic instant of each order's answer, by row."""

    def hear(self, row: int) -> None:
        self.answered[row] = time.monotonic()


def _send_all(proposals: Sequence[Proposal], means: Means) -> list[Line]:
    """By two crews in turn: while one has its orders on the wire, those of the other are decided on.

    A crew is back before its next orders are decided on, so that none waits between the look at the latch and the wire.
    """
    half = (len(means.gateways) + 1) // 2
    crews = [crew for crew in (means.gateways[:half], means.gateways[half:]) if crew]
    sending, left = _Sending(), list[Proposal]()
    with ThreadPoolExecutor(len(means.gateways)) as hands:
        for turn, part in enumerate(batched(proposals, half)):
            if turn >= len(crews):
                sending.flights[turn - len(crews)].wait()
            try:
                _send(part, crews[turn % len(crews)], means.moment, sending, hands)
            except leases.Fenced:
                left += proposals[turn * half :]
                break
    # A process that ends before this leaves them as sent, and whoever heals asks for each by its id.
    sent = orders.land(sending.flights, now=means.moment.now)
    crash_points.reach("rearm.sent")
    pairs = zip(sending.proposals, sending.decided, strict=True)
    lines = [_line(proposal, each, sent, sending.answered, means) for proposal, each in pairs]
    return lines + [_naked(each, "another worker took over the account.", means.moment) for each in left]


def _send(
    proposals: Sequence[Proposal],
    gateways: Sequence[BrokerGateway],
    moment: decisions.Moment,
    sending: _Sending,
    hands: Executor,
) -> None:
    """Decide on them together, each judged with those before it in place; what was approved leaves at once."""
    decided = decisions.decide_together(proposals, moment)
    going = [each.going for each in decided if each.going is not None]
    flight = orders.leave(going, gateways=gateways, lease=moment.lease, hands=hands, answered=sending.hear)
    sending.flights.append(flight)
    sending.proposals += proposals
    sending.decided += decided


def _line(
    proposal: Proposal,
    decided: orders.Decided,
    sent: Mapping[int, Order],
    answered: Mapping[int, float],
    means: Means,
) -> Line:
    if decided.going is None:
        return _naked(proposal, decided.intent.denial_sentence, means.moment)
    order = sent[decided.going.order.pk]
    if order.broker_order_id is None or order.status in TERMINAL:
        return _naked(proposal, f"{OrderStatus(order.status).label}: {order.reason}.", means.moment)
    stop, lacked = proposal.stop_price or proposal.stop_loss_price, answered[order.pk] - means.since
    detail = f"stop for {proposal.quantity.normalize():f} at {stop:f} again, naked for {lacked:.2f} s"
    return Line(proposal.account.number, proposal.instrument.symbol, "re-arm", True, detail)


def _naked(proposal: Proposal, why: str, moment: decisions.Moment) -> Line:
    account, symbol = proposal.account, proposal.instrument.symbol
    baring.tell(account, symbol, proposal.quantity, why, market_now=moment.market_now, now=moment.now)
    return Line(account.number, symbol, "re-arm", False, f"NAKED: {why}")


def _again(account: Account, armour: Armour, moment: decisions.Moment) -> Proposal:
    simple = armour.target_price is None
    quote = moment.prices.quotes.get(armour.instrument.symbol)
    return Proposal(
        account=account,
        instrument=armour.instrument,
        purpose=Purpose.STOP if simple else Purpose.EXIT,
        side=Side.SELL,
        quantity=armour.quantity,
        type=OrderType.STOP if simple else OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        order_class=OrderClass.SIMPLE if simple else OrderClass.OCO,
        by=BY,
        limit_price=armour.target_price,
        stop_price=armour.stop_price if simple else None,
        take_profit_price=armour.target_price,
        stop_loss_price=None if simple else armour.stop_price,
        reference_price=decisions.mid(quote),
    )
