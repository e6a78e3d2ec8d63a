"""10,000 fills of 1,000 orders that nobody heard, booked from REST, beside the bare reads and one bare insert of them.

The floor is what no design can do without: each page of activities read once over the same wire, and the rows of the
fills written once, durably. Lots, positions, cash and events come on top.
"""

import os
import time
from datetime import UTC, datetime, timedelta

import psycopg

from bench.desk import Desk, desk
from bench.result import Result
from trading import healing
from trading.broker import factory
from trading.broker.bare import BareBroker
from trading.models import Fill, Order, Position

ORDERS, MINUTES, VOLUME = 1000, 55, 100
FILLS = 10_000
GOAL = ">= 1000 fills/s"


def run() -> list[Result]:
    """Fills a second of one healing, the account's whole catching up; once, for a session is played for it."""
    with desk(volume=VOLUME) as made:
        made.buy(ORDERS)
        made.market_now = datetime.fromisoformat(made.venue.ask(do="step", times=MINUTES))
        read = _bare_reads(made)
        took = _heal(made)
        written = _bare_insert()
    count = Fill.objects.count()
    value, floor = count / took, count / (read + written)
    note = f"{count} fills in {took:.1f} s; bare reads {read:.2f} s, bare insert {written:.2f} s"
    return [Result("heal_10k", value, "fills/s", floor, floor / value, GOAL, 1, value >= 1000, note)]


def _heal(made: Desk) -> float:
    gateway = factory.gateway_for(made.account.number)
    began = time.monotonic()
    healing.heal(made.account, gateway, now=datetime.now(UTC), market_now=made.market_now)
    took = time.monotonic() - began
    held = sum(Position.objects.values_list("quantity", flat=True))
    assert held == sum(each.quantity for each in gateway.positions()), held
    assert Fill.objects.count() >= FILLS, Fill.objects.count()
    assert not Order.objects.working().exists()
    return took


def _bare_reads(made: Desk) -> float:
    """Every page of the activities."""
    broker = BareBroker(made.keys.base_url, made.keys.key.reveal(), made.keys.secret.reveal())
    broker.account_number()
    after = (made.market_now - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    path = f"/v2/account/activities/FILL?direction=asc&page_size=100&after={after}"
    began = time.monotonic()
    page = broker._list("GET", path)
    while len(page) == 100:
        page = broker._list("GET", f"{path}&page_token={page[-1]['id']}")
    took = time.monotonic() - began
    broker.close()
    return took


def _bare_insert() -> float:
    """The rows of the fills into a table like theirs, in one statement and one commit."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_fill")
        connection.execute("CREATE TABLE bench_fill (LIKE trading_fill INCLUDING ALL)")
        connection.commit()
        began = time.monotonic()
        connection.execute("INSERT INTO bench_fill SELECT * FROM trading_fill")
        connection.commit()
        took = time.monotonic() - began
        connection.execute("DROP TABLE bench_fill")
    return took
