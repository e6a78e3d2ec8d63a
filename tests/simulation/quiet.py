"""What must hold once the faults are over and a little time has passed: the expensive invariants."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from audit import alerts, export, sealing, verifier
from audit.models import AlertedEvent, AuditEvent
from tests.simulation import actions, mail, passes
from tests.simulation.books import OrderRow
from tests.simulation.exposure import ENDED
from tests.simulation.planned import DAMAGING
from tests.simulation.steps import Step
from tests.simulation.violations import Violation
from tests.simulation.watch import Watch
from tests.simulation.world import Desk, World
from trading import healing
from trading.models import AccountState, Fill, ReconciliationBreak
from trading.venue.values import VenueOrder
from trading.venue.words import OrderClass, Side
from trading.venue.words import OrderStatus as Theirs

BEAT = timedelta(seconds=5)
PATIENCE = timedelta(seconds=80)
"""An order that never arrived is proved absent by its fifth look-up, 60 s after the first and with the next beat; what
it held back, as the closing of its shares, is sent then and heard a beat later."""

ALERTS_EVERY = 4
"""In one seed of so many the alerts are drawn, too."""

SEALED_EVERY = 3
"""In one seed of so many the record is verified."""


def settle(world: World, watch: Watch) -> None:
    """Lift every fault and let the schedule go on until nothing is in flight. Raises I14 where it does not end."""
    world.company.lift()
    world.meanwhiles.clear()
    world.statements.strike = None
    for desk in world.desks:
        world.exchange.set_flags(desk.account.number, trading_blocked=False, account_blocked=False)
        world.exchange.configure(desk.account.number, {"suspend_trade": False})
        mail.restart(world, desk)
    _calm_down(world, watch)
    _minute(world, watch)
    _calm_down(world, watch)
    _reconcile(world, watch)


def _calm_down(world: World, watch: Watch) -> None:
    since = world.t
    while open_ := _in_flight(world, watch):
        gone = world.t - since
        if gone > PATIENCE:
            raise Violation("I14", f"not settled {gone.total_seconds():.0f} s after the last fault: {', '.join(open_)}")
        world.advance(BEAT)
        _beat(world, watch)
    world.settled_after = max(world.settled_after, world.t - since)


def _minute(world: World, watch: Watch) -> None:
    """A minute of the market, and the pass over it."""
    actions.carry_out(world, Step("minute"))
    for place, desk in enumerate(world.desks):
        mail.read_mail(world, desk, 1000, "in order")
        actions.carry_out(world, Step("pass", {"account": place}))
    watch.step()


def _beat(world: World, watch: Watch) -> None:
    """What the schedule does every five seconds, every thirty, and when a minute of the market is told."""
    if world.bar_at > world.ingested_until:
        world.work("stream", lambda: passes.ingest(world))
        for desk in world.desks:
            passes.make_pass(world, desk, "A", world.bar_at)
    for place, desk in enumerate(world.desks):
        mail.read_mail(world, desk, 1000, "in order")
        actions.carry_out(world, Step("tick", {"account": place}))
    if world.t.second % 30 < BEAT.total_seconds():
        _reconcile(world, watch)
    watch.step()


def _reconcile(world: World, watch: Watch) -> None:
    for place in range(len(world.desks)):
        actions.carry_out(world, Step("reconcile", {"account": place}))
    watch.step()


def _in_flight(world: World, watch: Watch) -> list[str]:
    """What is still on its way, or lies bare though no case explains it.

    A fill that was told with its order alone, and then declared void, is never told: its case is a person's.
    """
    short = [row for row in watch.rows.orders if row.booked < row.filled]
    missed = set(_fill_cases()) if short else set()
    waiting = [
        f"{row.symbol} {row.purpose} {row.status}"
        for row in watch.rows.orders
        if row.status in ("submitted", "unknown", "pending_cancel")
        or (row.booked < row.filled and (row.account, row.broker_id) not in missed)
    ]
    waiting += [f"{row.symbol} entry larger or dearer than approved" for row in _beyond(watch.rows.orders)]
    return waiting + [f"{symbol} of {number} is bare" for number, symbol in bare(world, watch)]


def _beyond(orders: tuple[OrderRow, ...]) -> Iterator[OrderRow]:
    """Working entries that could fill more than the gate approved, or at a worse price: somebody replaced them."""
    for row in orders:
        if row.follows and row.purpose == "entry" and row.status not in ENDED:
            filled = sum(each.filled for each in orders if (each.signal, each.purpose) == (row.signal, row.purpose))
            dearer = row.limit_price is not None and row.wanted_price is not None and row.limit_price > row.wanted_price
            if dearer or row.quantity - row.filled + filled > row.wanted:
                yield row


def _fill_cases() -> Iterable[tuple[str, str]]:
    cases = ReconciliationBreak.objects.filter(kind="fill", status="open")
    return cases.values_list("account__number", "subject")


def judge(world: World, watch: Watch) -> None:
    """Judge the desk at rest."""
    for desk in world.desks:
        damaged = _damaged(world)
        cases = set(
            ReconciliationBreak.objects.filter(account=desk.account, status="open").values_list("kind", "symbol")
        )
        if cases and not damaged:
            raise Violation("I4", f"nobody but us acted in {desk.account.number}, and cases are open: {sorted(cases)}")
        _fills(world, desk, watch.rows.orders, damaged=damaged)
        _equal(world, desk, watch, cases)
    if world.options.seed % ALERTS_EVERY == 0:
        _alerts(world)
    if world.options.seed % SEALED_EVERY == 0:
        _record(world)


def _record(world: World) -> None:
    """I7: the record is sealed to its end, and who knows nothing but its export finds it whole."""
    sealing.seal(now=world.now)
    report = verifier.verify(export.lines())
    if not report.intact:
        raise Violation("I7", verifier.describe(report))


def _damaged(world: World) -> bool:
    """Whether somebody else acted at the broker, or a drill's order was filled: a case by intent."""
    hits = world.plan.hits()
    return any(hits[name] for name in DAMAGING) or any(
        order.client_order_id.startswith(healing.DRILL) and order.filled_qty
        for desk in world.desks
        for order in world.exchange.orders(desk.account.number, status="all", limit=500)
    )


def _fills(world: World, desk: Desk, orders: tuple[OrderRow, ...], *, damaged: bool) -> None:
    """I2: each of the broker's executions of our orders is booked once, and nothing else is."""
    number = desk.account.number
    ours = {row.broker_id for row in orders if row.account == number}
    theirs = sorted(
        (each.order_id, each.cum_qty, each.qty, each.price)
        for each in world.executions(number)
        if each.order_id in ours
    )
    booked = sorted(
        Fill.objects.filter(account=desk.account).values_list(
            "order__broker_order_id", "cumulative_quantity", "quantity", "price"
        )
    )
    if theirs != booked and not damaged:
        raise Violation("I2", f"broker {_without(theirs, booked)}, ledger {_without(booked, theirs)}")
    if len(set(booked)) != len(booked):
        raise Violation("I2", f"a fill is booked twice: {booked}")


def _without(these: list[Any], those: list[Any]) -> list[Any]:
    return [each for each in these if each not in those]


def _equal(world: World, desk: Desk, watch: Watch, cases: set[tuple[str, str]]) -> None:
    """I4: positions and cash are the broker's, unless a case is open on them."""
    number = desk.account.number
    theirs = {each.symbol: each.qty for each in world.exchange.positions(number)}
    ours = {symbol: shares for (account, symbol), (shares, _) in watch.rows.positions.items() if account == number}
    for symbol in theirs.keys() | ours.keys():
        if ours.get(symbol, Decimal(0)) != theirs.get(symbol, Decimal(0)) and ("position", symbol) not in cases:
            raise Violation("I4", f"{symbol}: {ours.get(symbol)} by our books, {theirs.get(symbol)} at the broker")
    cash, theirs_cash = AccountState.objects.get(account=desk.account).ledger_cash, world.exchange.figures(number).cash
    if cash is not None and abs(cash - theirs_cash) >= Decimal("0.01") and ("cash", "") not in cases:
        raise Violation("I4", f"cash is {cash} by our books, {theirs_cash} at the broker")


def bare(world: World, watch: Watch) -> list[tuple[str, str]]:
    """I10: what we hold without an open order at the broker that protects or closes it; cases are left to people."""
    found = []
    for (number, symbol), (held, _) in watch.rows.positions.items():
        if held <= 0 or _is_case(number, symbol):
            continue
        covered = sum(each.remaining for each in world.exchange.orders(number, limit=500) if _covers(each, symbol))
        if covered < held:
            found.append((number, symbol))
    return found


def _is_case(number: str, symbol: str) -> bool:
    cases = ReconciliationBreak.objects.filter(account__number=number, status="open").exclude(kind="order")
    return cases.filter(symbol=symbol).exists()


def _covers(order: VenueOrder, symbol: str) -> bool:
    """A stop, or a plain order that sells the shares now; the profit side of a pair counts by its stop."""
    if (order.symbol, order.side) != (symbol, Side.SELL) or order.status is Theirs.PENDING_CANCEL:
        return False
    return order.stop_price is not None or order.order_class is OrderClass.SIMPLE


def _alerts(world: World) -> None:
    """I16: every critical event is drawn as an alert by the next reading."""
    alerts.gather(channels=(), now=world.now)
    lost = AuditEvent.objects.filter(severity="critical").exclude(pk__in=AlertedEvent.objects.values("event"))
    if lost.exists():
        raise Violation("I16", f"no alert was drawn of {list(lost.values_list('event', flat=True))}")
