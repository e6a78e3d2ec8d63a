"""Faults planned at a running venue, and what our own gateway makes of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import uuid4

import requests

from tests.contract.venue import clients
from tests.unit.trading.broker import values
from tests.venue import RunningVenue
from trading.broker.alpaca import AlpacaGateway
from trading.broker.gateway import BrokerRejected as BrokerRejected
from trading.broker.gateway import NewOrder
from trading.choices import OrderType, Side, TimeInForce
from trading.venue.faults import plan
from trading.venue.faults.plan import When

NUMBER = "PA0000001"
KEYS = {"APCA-API-KEY-ID": clients.KEY, "APCA-API-SECRET-KEY": clients.SECRET}
ORDER = {"symbol": "AAPL", "qty": "1", "side": "buy", "type": "limit", "time_in_force": "day", "limit_price": "90"}


def planned(venue: RunningVenue, name: str, *, when: When | None = None, **given: Any) -> None:
    """Plan one fault at a venue; it strikes once unless `when` says otherwise."""
    fault = plan.fault(name, when=when, **given)
    venue.call(lambda: venue.venue.plan.add([fault]))


def hits(venue: RunningVenue, name: str) -> int:
    """How often a fault struck."""
    return venue.call(lambda: venue.venue.plan.hits()[name])


def known_orders(venue: RunningVenue) -> list[Any]:
    """Every order the exchange itself has, whatever is shown to clients."""
    return venue.call(lambda: venue.venue.exchange.orders(NUMBER, status="all", limit=500))


def new_order(**changes: Any) -> NewOrder:
    """A buy of one share that rests below the market."""
    given: dict[str, Any] = {
        "client_order_id": str(uuid4()),
        "symbol": "AAPL",
        "side": Side.BUY,
        "quantity": Decimal(1),
        "type": OrderType.LIMIT,
        "time_in_force": TimeInForce.DAY,
        "limit_price": Decimal("90"),
    }
    return NewOrder(**given | changes)


def bought(venue: RunningVenue, gateway: AlpacaGateway, quantity: int = 10) -> None:
    """Hold some AAPL."""
    gateway.submit(new_order(type=OrderType.MARKET, limit_price=None, quantity=Decimal(quantity)))
    venue.step()
    assert gateway.positions()[0].quantity == quantity


@contextmanager
def gateway(venue: RunningVenue) -> Iterator[AlpacaGateway]:
    """Our own gateway, which has seen its account already, so that the next request is the one tested."""
    made = AlpacaGateway(values.keys(NUMBER, venue.url, key=clients.KEY, secret=clients.SECRET))
    made.account()
    yield made
    made.close()


def asked(venue: RunningVenue, method: str, path: str, **given: Any) -> requests.Response:
    """Ask the raw wire, with no retries and a short patience."""
    return requests.request(method, venue.url + path, headers=KEYS, timeout=2, allow_redirects=False, **given)
