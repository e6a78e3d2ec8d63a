"""Three brokers behind one port: the adapter on a running venue, the engine in this process, and Alpaca's paper."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import uuid4

from tests import venue
from tests.unit.trading.broker import values
from trading.broker.alpaca import AlpacaGateway
from trading.broker.credentials import UNPINNED
from trading.broker.gateway import BrokerGateway, NewOrder
from trading.broker.in_process import InProcessGateway
from trading.choices import OrderType, Side, TimeInForce
from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange
from trading.venue.walk import Close, Done, Minute, Open, Walk

NUMBER = "PA0000001"
PAPER = "https://paper-api.alpaca.markets"


class Rig(Protocol):
    """A broker with one account. `moves` tells whether the test can make the market go on."""

    gateway: BrokerGateway
    moves: bool

    def step(self) -> None:
        """Play the next minute of the market, opening the session where it is not."""


@dataclass
class VenueRig:
    """The adapter over a real socket."""

    gateway: BrokerGateway
    running: venue.RunningVenue
    moves: bool = True

    def step(self) -> None:
        self.running.step()


@dataclass
class EngineRig:
    """The same matching engine without a socket."""

    gateway: BrokerGateway
    exchange: Exchange
    clock: VirtualClock
    walk: Walk
    moves: bool = True

    def step(self) -> None:
        while True:
            upcoming = self.walk.upcoming()
            self.walk.advance()
            match upcoming:
                case Open(day):
                    self.clock.jump(day.open)
                    self.exchange.open_session()
                case Minute(at, bars):
                    self.clock.jump(at)
                    self.exchange.take_bar(bars)
                    return
                case Close(day):
                    self.clock.jump(day.close)
                    self.exchange.close_session()
                case Done():
                    return


@dataclass
class PaperRig:
    """Alpaca itself: nothing here moves its market, and what is asked of it takes its time."""

    gateway: BrokerGateway
    moves: bool = False

    def step(self) -> None:
        raise AssertionError("the market at Alpaca is not ours to move")


@contextmanager
def on_the_venue(replay: venue.Script) -> Iterator[Rig]:
    with venue.running_venue(replay, [venue.account(number=NUMBER)]) as running:
        given = values.keys(NUMBER, running.url, key="PKTEST", secret="secret")
        gateway = AlpacaGateway(given)
        yield VenueRig(gateway, running)
        gateway.close()


@contextmanager
def in_process(replay: venue.Script) -> Iterator[Rig]:
    clock = VirtualClock(replay.sessions[0].open - timedelta(minutes=30))
    exchange = Exchange(replay.assets, replay.calendar, clock)
    exchange.load_history(*replay.history())
    exchange.open_account(NUMBER)
    yield EngineRig(InProcessGateway(exchange, NUMBER, clock.now), exchange, clock, Walk(replay))


@contextmanager
def on_paper(replay: venue.Script) -> Iterator[Rig]:
    given = values.Keys(
        UNPINNED,
        "paper",
        values.Secret(os.environ["ALPACA_API_KEY"]),
        values.Secret(os.environ["ALPACA_SECRET_KEY"]),
        PAPER,
        "https://data.alpaca.markets",
        "wss://paper-api.alpaca.markets/stream",
        "wss://stream.data.alpaca.markets",
    )
    gateway = AlpacaGateway(given)
    yield PaperRig(gateway)
    gateway.close()


def order(**changes: Any) -> NewOrder:
    """A buy of one share far below the market: it rests, and nobody is ever filled by it."""
    given: dict[str, Any] = {
        "client_order_id": str(uuid4()),
        "symbol": "AAPL",
        "side": Side.BUY,
        "quantity": Decimal(1),
        "type": OrderType.LIMIT,
        "time_in_force": TimeInForce.DAY,
        "limit_price": Decimal("1.50"),
    }
    return NewOrder(**given | changes)


def market_order(quantity: str, side: Side = Side.BUY) -> NewOrder:
    return order(type=OrderType.MARKET, limit_price=None, quantity=Decimal(quantity), side=side)


def eventually[T](read: Callable[[], T], holds: Callable[[T], bool]) -> T:
    """Read until it holds; a broker may take its time between an answer and its effect."""
    deadline = time.monotonic() + 10
    while not holds(seen := read()):
        assert time.monotonic() < deadline, f"still {seen!r} after 10 s"
        time.sleep(0.2)
    return seen
