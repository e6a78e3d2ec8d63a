"""Somebody replaces an order of ours at the broker's own page, which the desk has not asked for."""

from decimal import Decimal
from typing import Any

from tests.simulation import market, planned
from tests.simulation.world import World
from trading import healing
from trading.broker.gateway import BrokerError, Replacement
from trading.venue.words import Side

LARGER = Decimal(7)
"""Shares that somebody adds to an order."""


def by_hand(world: World, given: dict[str, Any]) -> None:
    """Move one of our orders away from the market or towards it, or make it larger; the broker may refuse."""
    desk = world.desk(given["account"])
    orders = world.exchange.orders(desk.account.number, limit=500)
    ours = [each for each in orders if not each.client_order_id.startswith(healing.DRILL)]
    if not ours:
        return
    order = ours[given["which"] % len(ours)]
    if given["fault"]:
        world.plan.add([planned.fault({"name": given["fault"]})])
    lower = (order.side is Side.BUY or order.stop_price is not None) == (given["how"] == "away")
    prices = {"limit_price": order.limit_price, "stop_price": order.stop_price}
    changes: dict[str, Any] = {name: _moved(price, lower=lower) for name, price in prices.items() if price is not None}
    if given["how"] == "larger" and order.qty is not None:
        changes = {"quantity": order.qty + LARGER}
    world.note(f"somebody replaces {order.symbol} {order.side} {order.id}: {changes}")
    try:
        # Not by the wire of the desk: nobody of it is asked, and none of it dies.
        desk.gateway.behind.replace(order.id, Replacement(f"by-hand-{order.id}", **changes))
    except BrokerError as failure:
        world.note(f"the broker does not replace it: {failure}")


def _moved(price: Decimal, *, lower: bool) -> Decimal:
    return (price * (Decimal("0.99") if lower else Decimal("1.01"))).quantize(market.CENT)
