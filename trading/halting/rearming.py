"""Putting protective orders back that a cancel-all took along, at once, and measuring how long they lacked."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    return list(rows.select_related("instrument", "intent").order_by("pk"))


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


def moment(
    account: Account, gateway: BrokerGateway, armour: Sequence[Armour], lease: leases.Lease, *, now: datetime
) -> decisions.Moment:
    """Prices and clocks to re-arm by, read before anything is canceled. Raises what the gateway raises for a read."""
    # An entry may be filled while it is canceled: what it bought must be armed too.
    working = Order.objects.working().filter(account=account).values_list("instrument__symbol", flat=True)
    held = Position.objects.filter(account=account).exclude(quantity=0).values_list("instrument__symbol", flat=True)
    symbols = {each.instrument.symbol for each in armour} | set(working) | set(held)
    return decisions.moment(gateway, sorted(symbols), lease, now=now)


def rearm(
    account: Account,
    armour: Sequence[Armour],
    *,
    gateways: Sequence[BrokerGateway],
    moment: decisions.Moment,
    since: float,
) -> list[Line]:
    """Send each stop anew. One line each, with the seconds it lacked.

    As many leave at once as there are gateways. `since` is the monotonic instant just before the cancel-all left: no
    share was bare for longer than is said.
    """
    return _send_all(account, [_again(account, each, moment) for each in armour], gateways, moment, since)


def protect(
    account: Account, *, gateways: Sequence[BrokerGateway], moment: decisions.Moment, since: float
) -> list[Line]:
    """Arm what still lies bare once the stops stand again: what an entry bought while it was canceled, above all."""
    missing = protection.missing(account, books.read(account.pk), moment)
    return _send_all(account, missing, gateways, moment, since)


def _send_all(
    account: Account,
    proposals: Sequence[Proposal],
    gateways: Sequence[BrokerGateway],
    moment: decisions.Moment,
    since: float,
) -> list[Line]:
    lines: list[Line] = []
    for part in batched(proposals, len(gateways)):
        try:
            lines += _send(account, part, gateways, moment, since)
        except leases.Fenced:
            lines += [_naked(account, each, "another worker took over the account.", moment) for each in part]
    return lines


def _send(
    account: Account,
    proposals: Sequence[Proposal],
    gateways: Sequence[BrokerGateway],
    moment: decisions.Moment,
    since: float,
) -> list[Line]:
    """Decide on them together, each judged with those before it in place, and send what was approved at once."""
    decided = decisions.decide_together(proposals, moment)
    going = [each.going for each in decided if each.going is not None]
    sent = orders.send_at_once(going, gateways=gateways, lease=moment.lease, now=moment.now)
    crash_points.reach("rearm.sent")
    lacked = time.monotonic() - since
    pairs = zip(proposals, decided, strict=True)
    return [_line(account, proposal, each, sent, lacked, moment) for proposal, each in pairs]


def _line(
    account: Account,
    proposal: Proposal,
    decided: orders.Decided,
    sent: Mapping[int, Order],
    lacked: float,
    moment: decisions.Moment,
) -> Line:
    if decided.going is None:
        return _naked(account, proposal, decided.intent.denial_sentence, moment)
    order = sent[decided.going.order.pk]
    if order.broker_order_id is None or order.status in TERMINAL:
        return _naked(account, proposal, f"{OrderStatus(order.status).label}: {order.reason}.", moment)
    stop = proposal.stop_price or proposal.stop_loss_price
    detail = f"stop for {proposal.quantity.normalize():f} at {stop:f} again, naked for {lacked:.2f} s"
    return Line(account.number, proposal.instrument.symbol, "re-arm", True, detail)


def _naked(account: Account, proposal: Proposal, why: str, moment: decisions.Moment) -> Line:
    symbol = proposal.instrument.symbol
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
