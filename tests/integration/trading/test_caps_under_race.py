"""Fifty entries decided at once, worth half as much again as a cap allows: what is accepted stays within it.

Real connections, the real gate and the real row lock; a seed varies symbols, sides, sizes and prices. Eight seeds
here, any number by `make race SEEDS=1000`.
"""

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from risk import in_force, limits
from risk.exposure import ProposedOrder
from risk.standing import HaltView, LimitInForce, Limits
from trading import leases, orders, portfolio
from trading.broker.gateway import QuoteReport
from trading.choices import OrderClass, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, AccountState, Instrument, Order
from trading.proposing import decisions
from trading.streams import hearing

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = int(os.environ.get("RACE_SEEDS", "8"))
AT_ONCE = 50
AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
VOLUMES_OF = AT.date() - timedelta(days=3)
EQUITY = Decimal(1_000_000)
SYMBOL_CAP, GROSS_CAP = Decimal(25_000), Decimal(250_000)
OVER = Decimal("1.5")
SYMBOLS = [f"S{number:02d}" for number in range(40)]
COUNTS = ("positions", "entries_day", "entries_symbol_day", "messages_minute", "messages_day", "gap_fraction")


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped policy but for counts, which would stop fifty entries before any sum of dollars does."""
    real = in_force.read

    def read(proposed: ProposedOrder, *, now: datetime) -> tuple[Limits, HaltView]:
        binding, halts = real(proposed, now=now)
        binding |= {name: LimitInForce(name, Decimal(10**6), 1, "firm") for name in COUNTS}
        return binding, halts

    monkeypatch.setattr(in_force, "read", read)


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
    @pytest.mark.usefixtures("roomy")
    def test_stay_within_the_caps_whatever_the_seed(self, hands: ThreadPoolExecutor) -> None:
        now = datetime.now(UTC)
        Instrument.objects.bulk_create(
            Instrument(
                symbol=symbol, tradable=True, leveraged=False, sector=f"sector {number % 10}", checked_at=now,
                exchange="NASDAQ", average_volume=Decimal(50_000_000), average_volume_date=VOLUMES_OF,
            )
            for number, symbol in enumerate(SYMBOLS)
        )  # fmt: skip
        limits.install_policy(by="test", now=now, symbols=SYMBOLS)
        rows = {row.symbol: row for row in Instrument.objects.all()}

        for seed in range(1, SEEDS + 1):
            race(seed, rows, hands)


def race(seed: int, rows: dict[str, Instrument], hands: ThreadPoolExecutor) -> None:
    """One account of its own: in odd seeds one symbol's cap is fought for, in even ones that of all together."""
    random_ = random.Random(seed)
    account = furnished(f"PR{seed:08d}")
    cap, names = (SYMBOL_CAP, [random_.choice(SYMBOLS)]) if seed % 2 else (GROSS_CAP, SYMBOLS)
    lease = leases.acquire(account.pk, holder="race", now=datetime.now(UTC))
    assert lease is not None
    proposals = drawn(random_, account, rows, names, worth=cap * OVER)
    together = Barrier(AT_ONCE)

    def decide(proposal: orders.Proposal) -> orders.Approved:
        prices = portfolio.Prices(
            dict.fromkeys(SYMBOLS, Decimal(100)),
            {name: QuoteReport(name, Decimal("99.99"), Decimal("100.01"), AT) for name in SYMBOLS},
            dict.fromkeys(SYMBOLS, Decimal(100)),
        )
        moment = decisions.Moment(datetime.now(UTC), AT, prices, lease, pass_id="")
        together.wait(60)
        return decisions.decide(proposal, moment)

    decided = list(hands.map(decide, proposals))

    worth: dict[str, Decimal] = defaultdict(Decimal)
    for order in Order.objects.filter(account=account).select_related("instrument"):
        assert order.limit_price is not None
        worth[order.instrument.symbol] += order.quantity * order.limit_price
    least = min(each.quantity for each in proposals if each.side == Side.BUY) * Decimal(101)
    told = {each.intent.denial_code for each in decided if each.order is None}
    assert max(worth.values()) <= SYMBOL_CAP, (seed, dict(worth))
    assert sum(worth.values()) <= GROSS_CAP, (seed, dict(worth))
    assert sum(worth.values()) > cap * Decimal("0.8") - least, (seed, sum(worth.values()), told)
    assert any(each.order is None for each in decided), seed


def drawn(
    random_: random.Random, account: Account, rows: dict[str, Instrument], names: list[str], *, worth: Decimal
) -> list[orders.Proposal]:
    """Fifty different orders; those that buy are worth `worth` together, and a few would sell short."""
    short = set(random_.sample(range(AT_ONCE), 3))
    weights = [random_.uniform(0.5, 1.5) for _ in range(AT_ONCE)]
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
        found.append(proposal(account, rows[symbol], side, Decimal(quantity), limit))
    random_.shuffle(found)
    return found


def proposal(
    account: Account, instrument: Instrument, side: Side, quantity: Decimal, limit: Decimal
) -> orders.Proposal:
    return orders.Proposal(
        account=account, instrument=instrument, purpose=Purpose.ENTRY, side=side, quantity=quantity,
        type=OrderType.LIMIT, time_in_force=TimeInForce.GTC, order_class=OrderClass.BRACKET, by="race",
        limit_price=limit, take_profit_price=Decimal(104), stop_loss_price=Decimal(98), reference_price=Decimal(100),
    )  # fmt: skip


def furnished(number: str) -> Account:
    now = datetime.now(UTC)
    account = Account.objects.create(number=number, name="race", mode="paper", created_at=now)
    figures = dict.fromkeys(("cash", "equity", "last_equity", "buying_power", "ledger_cash", "peak_equity"), EQUITY)
    AccountState.objects.create(
        account=account, figures_at=now, pinned_number=number, status="ACTIVE", shorting_enabled=False,
        ledger_opened_at=AT, heard_at=AT, **figures,
    )  # fmt: skip
    hearing.own(account.pk, holder="race")
    hearing.heard(account.pk, holder="race")
    return account
