"""A real desk whose broker has planned faults, and what must hold of it once they are over."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from tests.integration.trading.hands import compare, open_cases
from tests.robot import WISHES, Robot, robot, script
from trading import healing
from trading.choices import UNRESOLVED, OrderStatus
from trading.models import AccountState, Order, OrderIntent, Position
from trading.venue.faults import plan
from trading.venue.faults.plan import When

START = 6
"""The desk's minutes before the fault: books open, windows full."""


@contextmanager
def faulty_desk(minutes: int = 40) -> Iterator[Robot]:
    """A desk that has played its first minutes at a flat market of 100 and has done nothing yet."""
    with robot(script(lambda symbol, minute: "100", minutes=minutes)) as desk:
        desk.minutes(START)
        yield desk


def planned(desk: Robot, name: str, *, when: When | None = None, **given: Any) -> None:
    """Plan one fault at the desk's venue; it strikes once unless `when` says otherwise."""
    fault = plan.fault(name, when=when, **given)
    desk.venue.call(lambda: desk.venue.venue.plan.add([fault]))


def hits(desk: Robot, name: str) -> int:
    return desk.venue.call(lambda: desk.venue.venue.plan.hits()[name])


def wish(desk: Robot, direction: str) -> None:
    """Let the rule want AAPL long or flat on the next bar."""
    WISHES.by_minute["AAPL", desk.account.passes.count()] = direction


def converge(desk: Robot, minutes: int = 3) -> None:
    """After the last fault: a few minutes pass, and the desk heals as its schedule would let it."""
    for _ in range(minutes):
        desk.minute()
        healing.heal(desk.account, desk.gateway, now=desk.now, market_now=desk.gateway.clock().at)


def shares(desk: Robot) -> tuple[dict[str, Any], dict[str, Any]]:
    """Shares by symbol in our books and at the broker."""
    ours = dict(Position.objects.exclude(quantity=0).values_list("instrument__symbol", "quantity"))
    return ours, {held.symbol: held.quantity for held in desk.gateway.positions()}


def assert_settled(desk: Robot) -> None:
    """Books equal the broker's; no intent has two orders there; nothing is unknown; no case is open."""
    ours, theirs = shares(desk)
    assert ours == theirs
    assert AccountState.objects.get().ledger_cash == desk.gateway.account().cash
    sent = [each.client_order_id for each in desk.gateway.orders_since(desk.now - timedelta(days=365))]
    assert len(sent) == len(set(sent)) <= OrderIntent.objects.filter(approved=True).count()
    assert not Order.objects.filter(status__in=UNRESOLVED).exists()
    compare(desk)
    assert open_cases() == []


def status(purpose: str = "entry") -> OrderStatus:
    return OrderStatus(Order.objects.get(purpose=purpose).status)
