"""Stopping one account as a level demands: entries first, then what H3 closes, then the account itself when asked."""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from audit import crash_points
from risk.models import Halt
from risk.receipts import Line
from trading import healing, leases, orders, sessions, strangers
from trading.broker.gateway import BrokerError, BrokerGateway, CancelOutcome
from trading.choices import Purpose
from trading.halting import flattening, readying, rearming, sweeping
from trading.halting.readying import Readying
from trading.halting.sweeping import Target, Way
from trading.models import Account, Order, Position
from trading.proposing import protection
from trading.reading import books

logger = logging.getLogger(__name__)

LEASE_PATIENCE = 2.0
"""Seconds to wait for leave to re-arm; without it nothing is canceled that would have to be re-armed."""


@dataclass(slots=True)
class Begun:
    """An account whose cancels are on the wire, or wait to be finished in one go (`Way.REARM`)."""

    target: Target
    level: str
    way: Way
    asked: sweeping.Asked
    kept: list[Order] = field(default_factory=list)
    foreign: dict[str, str] = field(default_factory=dict)
    outcomes: tuple[CancelOutcome, ...] = ()
    failure: str = ""
    """What the broker said to a cancel-all, line by line, or what stood in the way of it."""
    lines: list[Line] = field(default_factory=list)


def begin(target: Target, *, level: str) -> Begun:
    """Choose the way and ask for the cancels of entries; nothing is waited for. H1 cancels nothing."""
    if level == Halt.Level.H1:
        return Begun(target, level, Way.ONE_BY_ONE, sweeping.Asked(target, []))
    kept = rearming.to_keep(target.account)
    found = strangers.find(target.account, target.gateway, symbol=target.symbol) if target.everything else None
    keeps = bool(kept or (found and found.protecting))
    way = _way(target, keeps=keeps)
    begun = Begun(target, level, way, sweeping.Asked(target, []), kept)
    if way == Way.CANCEL_ALL or (way == Way.REARM and level == Halt.Level.H3):
        begun.way = Way.CANCEL_ALL
        _cancel_all(begun)
    elif way == Way.ONE_BY_ONE:
        begun.asked.rows = sweeping.entries(target)
        begun.asked.ask(begun.asked.rows)
        crash_points.reach("halt.cancels_sent")
        if found is not None:
            going = found.others if level == Halt.Level.H2 else found.others + found.protecting
            begun.foreign = strangers.cancel(target.gateway, going)
    if found is not None and found.failure:
        begun.lines.append(Line(target.account.number, "orders of others", "cancel", False, found.failure))
    return begun


def _way(target: Target, *, keeps: bool) -> Way:
    alone = sweeping.is_alone(target)
    if not keeps or not alone:
        return sweeping.way(entries=0, keeps=keeps, alone=alone, budget=None)
    count = Order.objects.working().filter(target.reach.within(), purpose=Purpose.ENTRY, parent=None).count()
    return sweeping.way(entries=count, keeps=keeps, alone=alone, budget=target.gateway.cancels_left())


def _cancel_all(begun: Begun, meanwhile: Callable[[], None] = lambda: None) -> None:
    """The wire first, and our rows while it answers; what it says is put on the record once they were read back."""
    with ThreadPoolExecutor(1) as wire:
        answer = wire.submit(sweeping.cancel_all, begun.target)
        # The latch stands: whatever may still be on its way to the broker is a row already.
        begun.asked.rows = sweeping.working(begun.target, tuple(Purpose))
        meanwhile()
        begun.outcomes, begun.failure = answer.result()
    crash_points.reach("halt.cancel_all_sent")
    begun.asked.note(begun.outcomes, begun.failure)


def _confirm(begun: Begun, urgent: orders.Urgent | None = None) -> list[Line]:
    """Read back; then tell of the cancel-all, and of orders that went with it and are in none of our books."""
    target = begun.target
    lines = sweeping.confirm(begun.asked, urgent)
    if begun.outcomes or begun.failure:
        sweeping.record(target, begun.outcomes, begun.failure)
        said = {each.broker_order_id: each.reason for each in begun.outcomes}
        begun.foreign |= {each: said[each] for each in strangers.unknown(target.account, said)}
    return lines + strangers.confirm(target.account, target.gateway, begun.foreign, patience=sweeping.PATIENCE)


def finish(begun: Begun) -> list[Line]:
    """Read back what was asked for, book what was filled meanwhile, and close positions at H3; every line of it."""
    target = begun.target
    if begun.level == Halt.Level.H1:
        return []
    if begun.way == Way.REARM:
        return begun.lines + _cancel_all_and_rearm(begun)
    lines = begun.lines + _confirm(begun)
    _book_fills(target)
    return lines + (_close(target) if begun.level == Halt.Level.H3 else _kept(target))


def _cancel_all_and_rearm(begun: Begun) -> list[Line]:
    """More entries than requests: everything goes at once, and every stop is sent anew as soon as it is gone.

    Before the cancel-all stands only what re-arming cannot do without: the stops as they were, the calendar (a
    process's first look into it takes long), and leave to act for the account. Where that is not to be had, no stop is
    touched. Prices, the clock and the ways to send are made ready while the cancel-all is on the wire: a stop goes back
    without a price, the read-back says when it ended, and one way there is.
    """
    target = begun.target
    armour = rearming.remember(begun.kept)
    sessions.session_at(target.now)
    lease = leases.wait_for(target.account.pk, holder=f"halt:{uuid.uuid4()}", now=target.now, patience=LEASE_PATIENCE)
    if lease is None:
        return _without_rearming(begun)
    try:
        with ExitStack() as stack:
            return _sweep_and_rearm(begun, armour, lease, stack)
    finally:
        leases.release(lease, now=lease.clock())


def _sweep_and_rearm(
    begun: Begun, armour: Sequence[rearming.Armour], lease: leases.Lease, stack: ExitStack
) -> list[Line]:
    target, found, made, again = begun.target, list[Readying](), list[rearming.Means](), list[Line]()
    since = time.monotonic()

    def get_ready() -> None:
        symbols = rearming.symbols(target.account, begun.asked.rows)
        wanted = readying.begun(target.account, target.gateway, symbols, lease, wanted=len(armour), now=target.now)
        found.append(stack.enter_context(wanted))

    _cancel_all(begun, meanwhile=get_ready)
    kept = {order.pk for order in begun.kept}
    stops = [order for order in begun.asked.rows if order.pk in kept]

    def rearm() -> None:
        crash_points.reach("rearm.canceled")
        _book_what_was_filled(target, stops)
        moment = found[0].moment(stops, lease, now=target.now)
        made.append(rearming.Means(target.account, found[0].gateways(), moment, since))
        again.extend(rearming.rearm(armour, made[0]))

    # Shares lie bare: their stops are sent anew before the books hear what became of hundreds of entries.
    urgent = orders.Urgent(stops, rearm)
    lines = _confirm(begun, urgent)
    if not urgent.called:
        rearm()
    _book_what_was_filled(target, begun.asked.rows)
    return lines + again + rearming.protect(made[0])


def _without_rearming(begun: Begun) -> list[Line]:
    """Nobody may arm now, so no stop is touched: entries go one by one, as far and as fast as the budget reaches."""
    begun.asked.rows = sweeping.entries(begun.target)
    lines = sweeping.confirm(begun.asked)
    _book_fills(begun.target)
    return lines + _kept(begun.target)


def _kept(target: Target) -> list[Line]:
    """One line for each position that is left: what protects it, looked at where it rests."""
    held = list(target.reach.held())
    if not held:
        return []
    try:
        resting = {part.broker_order_id for part in healing.flatten(target.gateway.open_orders())}
    except BrokerError as failure:
        why = f"what protects it could not be seen at the broker: {failure}"
        return [Line(target.account.number, row.instrument.symbol, "keep", False, why) for row in held]
    bare = protection.naked(books.read(target.account.pk))
    stops = Order.objects.working().filter(account=target.account, purpose=Purpose.STOP)
    live = {order.instrument_id for order in stops if order.broker_order_id in resting}
    return [_protected(target, row, bare.get(row.instrument_id), row.instrument_id in live) for row in held]


def _protected(target: Target, row: Position, bare: Decimal | None, live: bool) -> Line:
    what = f"{row.quantity.normalize():f} held"
    if bare:
        what += f", {bare.normalize():f} of them without a live stop: the next pass arms them"
    else:
        what += " under a live stop" if live else " and no stop open at the broker"
    return Line(target.account.number, row.instrument.symbol, "keep", bool(bare) or live, what)


def _close(target: Target) -> list[Line]:
    lines = flattening.flatten(target.account, target.gateway, target.reach.held(), by=target.by, now=target.now)
    # What is left of orders that reduce: their position is gone, or could not be closed and keeps them.
    held = {row.instrument_id for row in target.reach.held()}
    rest = sweeping.Asked(target, [o for o in sweeping.working(target, tuple(Purpose)) if o.instrument_id not in held])
    lines += sweeping.confirm(rest)
    _book_fills(target)
    if target.everything:
        lines += flattening.close_strangers(target.account, target.gateway, symbol=target.symbol)
    return lines


def suspend(account: Account, gateway: BrokerGateway, *, complete: bool) -> Line:
    """Lock the account at the broker once all is closed; never before, for the lock would stop the closing too."""
    subject = f"account {account.number}"
    if not complete:
        return Line(account.number, subject, "suspend", False, "not locked: something is still open, and must close")
    try:
        gateway.suspend(suspended=True)
    except BrokerError as failure:
        return Line(account.number, subject, "suspend", False, str(failure))
    return Line(account.number, subject, "suspend", True, "locked at the broker; a person unlocks it there")


def _book_fills(target: Target) -> None:
    """What was filled while we canceled belongs to the positions that are closed or left."""
    try:
        healing.heal(target.account, target.gateway, now=target.now, market_now=_market_now(target))
    except BrokerError as failure:
        logger.warning(
            "fills of the last moments are not booked yet: %s", failure, extra={"account": target.account.number}
        )


def _book_what_was_filled(target: Target, rows: Iterable[Order]) -> None:
    if any(order.booked_quantity != order.filled_quantity for order in rows):
        _book_fills(target)


def _market_now(target: Target) -> datetime:
    return target.gateway.clock().at
