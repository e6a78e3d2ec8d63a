"""A desk in the middle of things, for the tests of stopping it: a protected position, and an entry that still rests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

from tests.integration.trading.hands import Altered
from tests.robot import SYMBOLS, WISHES, Robot, robot
from tests.venue import DAYS, RunningVenue, Script, bar
from trading.broker import factory
from trading.halting import kill_switch
from trading.models import Order


@contextmanager
def busy_desk() -> Iterator[Robot]:
    """AAPL is held under its stop and target; of an entry in MSFT, where little is traded, most still rests."""
    with robot(thin(symbol="MSFT")) as desk:
        WISHES.by_minute["AAPL", 6] = WISHES.by_minute["MSFT", 8] = "long"
        desk.minutes(9)
        assert working() == {
            ("AAPL", "stop"),
            ("AAPL", "target"),
            ("MSFT", "entry"),
            ("MSFT", "stop"),
            ("MSFT", "target"),
        }
        yield desk


def thin(symbol: str) -> Script:
    """A market that stands at 100 USD, where in one symbol only some shares change hands in a minute."""
    day = DAYS[0]
    starts = [day.open + timedelta(minutes=minute) for minute in range(40)]
    volume = {name: 200 if name == symbol else 100_000 for name in SYMBOLS}
    return Script([[[bar(name, start, "100", volume[name]) for name in SYMBOLS] for start in starts]], SYMBOLS)


def pull(desk: Robot, level: str, *, firm: bool = False, **named: Any) -> kill_switch.Receipt:
    terms = {"level": level, "reason": "it trades nonsense", "by": "olga", "now": desk.now, **named}
    return kill_switch.pull(account=None if firm else desk.account, **terms)


def working() -> set[tuple[str, str]]:
    return set(Order.objects.working().values_list("instrument__symbol", "purpose"))


def at_the_venue(desk: Robot) -> set[tuple[str, str]]:
    found = desk.venue.call(lambda: list(desk.venue.venue.exchange._account(desk.account.number).open.values()))
    return {(order.symbol, order.side.value) for order in found}


class Venued(Protocol):
    """Whatever has a venue that moves by hand."""

    @property
    def venue(self) -> RunningVenue: ...


@contextmanager
def market_going_on(desk: Venued) -> Iterator[None]:
    """Play minutes until the block ends, for a closing order fills at the next bar."""
    done = threading.Event()

    def play() -> None:
        while not done.wait(0.1):
            desk.venue.step()

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(10)


@contextmanager
def gateway(desk: Robot, **answers: Any) -> Iterator[None]:
    """Let the program meet another answer of the broker."""
    kept = factory._kept()
    kept[desk.account.number] = Altered(desk.gateway, **answers)
    yield
    kept[desk.account.number] = desk.gateway
