"""Fifty entries decided at once, worth half as much again as a cap allows: what is accepted stays within it.

Real connections, the real gate and the real row lock; a seed varies symbols, sides, sizes and prices. Four seeds
here, any number by `make race SEEDS=1000`, in parts of a hundred that two processes share.
"""

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction

from risk.exposure import DenialCode
from tests.integration.trading import crowd
from trading import orders
from trading.choices import OrderStatus, Side
from trading.models import Account, Instrument, Order

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = int(os.environ.get("RACE_SEEDS", "4"))
PARTS = max(1, SEEDS // 100)
AT_ONCE = 50
SYMBOL_CAP, GROSS_CAP = Decimal(25_000), Decimal(250_000)
OVER = Decimal("1.5")


@pytest.fixture
def hands() -> Iterator[ThreadPoolExecutor]:
    """Fifty threads with a connection each, kept from seed to seed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield pool
        gate = Barrier(AT_ONCE)

        def leave(_: int) -> None:
            gate.wait(30)
            connection.close()

        list(pool.map(leave, range(AT_ONCE)))


class TestFiftyAtOnce:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_stay_within_the_caps_whatever_the_seed(self, hands: ThreadPoolExecutor, part: int) -> None:
        rows = crowd.market()
        with crowd.roomy():
            for seed in range(1 + part, SEEDS + 1, PARTS):
                race(seed, rows, hands)


def race(seed: int, rows: dict[str, Instrument], hands: ThreadPoolExecutor) -> None:
    """One account of its own: in odd seeds one symbol's cap is fought for, in even ones that of all together."""
    random_ = random.Random(seed)
    account = crowd.furnished(f"PR{seed:08d}")
    cap, names = (SYMBOL_CAP, [random_.choice(crowd.SYMBOLS)]) if seed % 2 else (GROSS_CAP, crowd.SYMBOLS)
    fought_for = DenialCode.POSITION_USD_EXCEEDED if seed % 2 else DenialCode.GROSS_USD_EXCEEDED
    lease = crowd.leased(account)
    proposals = drawn(random_, account, rows, names, worth=cap * OVER)
    together = Barrier(AT_ONCE)

    def decide(proposal: orders.Proposal) -> orders.Decided:
        together.wait(60)
        with transaction.atomic():
            decided = crowd.decide(proposal, lease)
            if decided.going is not None:
                # Answered before the next one looks: an order without an answer would block its symbol.
                Order.objects.filter(pk=decided.going.order.pk).update(status=OrderStatus.ACCEPTED)
        return decided

    decided = list(hands.map(decide, proposals))

    worth: dict[str, Decimal] = defaultdict(Decimal)
    for order in Order.objects.filter(account=account).select_related("instrument"):
        assert order.limit_price is not None
        worth[order.instrument.symbol] += order.quantity * order.limit_price
    least = min(each.quantity for each in proposals if each.side == Side.BUY) * Decimal(101)
    told = {each.intent.denial_code for each in decided if each.going is None}
    assert max(worth.values()) <= SYMBOL_CAP, (seed, dict(worth))
    assert sum(worth.values()) <= GROSS_CAP, (seed, dict(worth))
    assert sum(worth.values()) > cap * Decimal("0.8") - least, (seed, sum(worth.values()), told)
    assert fought_for in told, (seed, told)


def drawn(
    random_: random.Random, account: Account, rows: dict[str, Instrument], names: list[str], *, worth: Decimal
) -> list[orders.Proposal]:
    """Fifty different orders; those that buy are worth `worth` together, and a few would sell short."""
    short = set(random_.sample(range(AT_ONCE), 3))
    # None so large that it is denied by itself: the sum of all is what must be fought for.
    weights = [random_.uniform(0.7, 1.0) for _ in range(AT_ONCE)]
    whole = sum(weight for each, weight in enumerate(weights) if each not in short)
    found, taken = [], set()
    for each, weight in enumerate(weights):
        symbol = names[each % len(names)]
        quantity = max(1, round(float(worth) / 100 * weight / whole))
        while (symbol, quantity) in taken:
            quantity += 1
        taken.add((symbol, quantity))
        side = Side.SELL if each in short else Side.BUY
        limit = Decimal(random_.randint(9990, 10010)) / 100
        found.append(crowd.entry(account, rows[symbol], side=side, quantity=Decimal(quantity), limit=limit))
    random_.shuffle(found)
    return found
