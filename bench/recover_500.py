"""500 orders in flight without an answer, all known again, beside a bare client that lists them."""

import time
from datetime import UTC, datetime, timedelta

from bench.desk import Desk, desk
from bench.result import Result, median
from trading import healing
from trading.broker import factory
from trading.broker.bare import BareBroker
from trading.choices import OrderStatus
from trading.models import Order

ORDERS = 500
RUNS = 3
GOAL = "<= 2 s, and no request more with more orders but for the pages"


def run() -> list[Result]:
    """Seconds of the healing that a start or a take-over of the lease begins with; the first of both warms up."""
    floors, ours, asked = [], [], 0
    with desk() as made:
        for _ in range(RUNS + 1):
            made.refresh()
            made.rest(ORDERS, answered=False)
            floors.append(_bare(made))
            asked = _requests(made)
            ours.append(_heal(made))
            asked = _requests(made) - asked
    value, floor = median(ours[1:]), median(floors[1:])
    note = f"{asked} requests; the floor is the list alone, one page"
    return [Result("recover_500", value, "s", floor, value / floor, GOAL, RUNS, value <= 2 and asked < 20, note)]


def _requests(made: Desk) -> int:
    return made.wire.told.qsize()


def _heal(made: Desk) -> float:
    gateway = factory.gateway_for(made.account.number)
    began = time.monotonic()
    healing.heal(made.account, gateway, now=datetime.now(UTC), market_now=made.market_now)
    took = time.monotonic() - began
    known = Order.objects.filter(status=OrderStatus.ACCEPTED, broker_order_id__isnull=False).count()
    assert known == ORDERS, f"{known} of {ORDERS} are known"
    return took


def _bare(made: Desk) -> float:
    broker = BareBroker(made.keys.base_url, made.keys.key.reveal(), made.keys.secret.reveal())
    broker.account_number()
    after = (made.market_now - timedelta(seconds=121)).isoformat().replace("+00:00", "Z")
    began = time.monotonic()
    listed = broker._list("GET", f"/v2/orders?status=all&limit={ORDERS}&nested=true&after={after}")
    took = time.monotonic() - began
    broker.close()
    assert len(listed) == ORDERS, len(listed)
    return took
