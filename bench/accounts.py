"""Passes a second for 1, 10 and 100 accounts by 1 and 2 worker processes, beside as many times what one account makes.

A pass is what a worker of the queue does for one bar: clock, heal, figures, quotes, protection, the strategy's answer,
marks and monitors, over a real wire and database; nothing is wanted. The queue itself is left out. The floor is linear
scaling: each worker makes as many passes as one alone does with one account.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.test import override_settings

from bench.desk import Process, account_row, instrument_rows, keys_of
from bench.result import Result, median
from tests import databases
from tests.robot import hear
from trading import market_data
from trading.broker import factory
from trading.choices import Timeframe
from trading.models import Account, Instrument, Strategy

ACCOUNTS, WORKERS = (1, 10, 100), (1, 2)
SYMBOLS = 5
MINUTES = {1: 12, 10: 5, 100: 2}
GOAL = ">= 0.8 x as many as one account, by each worker"


def run() -> list[Result]:
    """One round is a minute of the market; the first of each setting warms up."""
    found: dict[tuple[int, int], float] = {}
    with _desk() as (venue, accounts, hands):
        for count in ACCOUNTS:
            for workers in WORKERS:
                rounds = [_round(venue, accounts[:count], hands[:workers]) for _ in range(MINUTES[count] + 1)]
                found[count, workers] = median(rounds[1:])
                sys.stderr.write(f"  {count} accounts, {workers} workers: {found[count, workers]:.1f} passes/s\n")
    alone = found[1, 1]
    return [_result(count, workers, value, alone) for (count, workers), value in found.items()]


def _result(count: int, workers: int, value: float, alone: float) -> Result:
    # One account has one lease: a second worker has nothing to do for it.
    floor = alone * min(count, workers)
    name = f"accounts_{count}_by_{workers}"
    return Result(name, value, "passes/s", floor, floor / value, GOAL, MINUTES[count], value >= 0.8 * floor)


def _round(venue: Process, numbers: list[str], hands: list[Process]) -> float:
    """Passes a second over the next minute of the market, its accounts dealt to the workers."""
    ended = datetime.fromisoformat(venue.ask(do="step", times=1))
    bar_at = ended.replace(second=0, microsecond=0) - timedelta(minutes=1)
    gateway = factory.gateway_for(numbers[0])
    market_data.ingest(gateway.bars(_symbols(), Timeframe.MINUTE, bar_at, ended))
    shares = [numbers[place :: len(hands)] for place in range(len(hands))]
    busy = [(hand, share) for hand, share in zip(hands, shares, strict=True) if share]
    for hand, share in busy:
        hand.say(numbers=share, bar_at=bar_at.isoformat())
    return len(numbers) / max(float(hand.told.get(timeout=300)["seconds"]) for hand, _ in busy)


@contextmanager
def _desk() -> Iterator[tuple[Process, list[str], list[Process]]]:
    databases.restore(os.environ["DATABASE_OWNER_URL"])
    with ExitStack() as stack:
        venue = Process("bench.venue_process", str(SYMBOLS), "0", "100000", str(max(ACCOUNTS)))
        stack.callback(venue.close)
        opened = venue.told.get(timeout=60)
        url = f"http://127.0.0.1:{opened['port']}"
        keys = {each["number"]: keys_of(each, url) for each in opened["accounts"]}
        stack.enter_context(override_settings(BROKER_ACCOUNTS=keys, ALLOWED_HOSTS=["*"], VENUE_CONTROL_URL=""))
        factory.forget()
        stack.callback(factory.forget)
        _furnish(list(keys), datetime.fromisoformat(venue.ask(do="step", times=1)))
        # Workers read the database of their own; what is committed here they see.
        hands = [Process("bench.pass_worker") for _ in range(max(WORKERS))]
        for hand in hands:
            stack.callback(hand.close)
            hand.say(accounts=opened["accounts"], url=url)
            hand.told.get(timeout=60)
        yield venue, list(keys), hands
        connection.close()


def _furnish(numbers: list[str], market_now: datetime) -> None:
    """Each account with one active strategy over all symbols."""
    instrument_rows(SYMBOLS)
    for number in numbers:
        account: Account = account_row(number, market_now)
        hear(account)
        Strategy.objects.create(
            account=account, name=f"scripted {number}", rule="scripted", symbols=_symbols(), active=True,
            risk_fraction=Decimal("0.001"), created_at=datetime.now(UTC),
        )  # fmt: skip


def _symbols() -> list[str]:
    return list(Instrument.objects.order_by("symbol").values_list("symbol", flat=True)[:SYMBOLS])
