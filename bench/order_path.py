"""One account's real path from a signal to an order at the venue, as often as wanted."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bench.desk import Desk
from tests.integration.trading import crowd
from trading import leases, orders, portfolio
from trading.broker import factory
from trading.broker.gateway import QuoteReport
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import AccountState, Instrument, Order, OrderIntent, Strategy
from trading.proposing import decisions
from trading.streams import hearing
from trading.targets import Target


@dataclass
class Path:
    """The path of one desk. Each call of `go` takes the next symbol, so that no order is another one's duplicate."""

    desk: Desk
    strategy: Strategy
    instruments: list[Instrument]
    lease: leases.Lease
    prices: portfolio.Prices
    gone: int = field(default=0)

    def go(self) -> Order:
        """From the strategy's answer to the venue's; the order as it stands then."""
        instrument = self.instruments[self.gone % len(self.instruments)]
        bar_at = self.desk.market_now + timedelta(minutes=self.gone)
        quantity = Decimal(1 + self.gone // len(self.instruments))
        self.gone += 1
        target = Target(instrument.symbol, "long", Decimal(1), "bench", Decimal("0.02"), Decimal("0.04"))
        now = datetime.now(UTC)
        signal = orders.record_signal(self.strategy, instrument, target, bar_at=bar_at, now=now)
        moment = decisions.Moment(now, self.desk.market_now, self.prices, self.lease, pass_id="")
        proposal = crowd.entry(
            self.desk.account,
            instrument,
            quantity=quantity,
            limit=Decimal("100.01"),
            strategy=self.strategy,
            signal=signal,
        )
        decided = decisions.decide(proposal, moment)
        if decided.going is None:
            raise AssertionError(f"the benchmark times orders, and this is denied: {decided.intent.denial_sentence}")
        gateway = factory.gateway_for(self.desk.account.number)
        return orders.send(decided.going, gateway=gateway, lease=self.lease, now=self.lease.clock())


@contextmanager
def path(desk: Desk, *, resting: int = 0) -> Iterator[Path]:
    """A desk made ready, with so many entries in its books that rest since yesterday, spread over all symbols."""
    now = datetime.now(UTC)
    # Past the minutes after the open in which nothing is entered.
    desk.market_now = datetime.fromisoformat(desk.venue.ask(do="step", times=6))
    Instrument.objects.update(
        exchange="NASDAQ", average_volume=Decimal(50_000_000),
        average_volume_date=desk.market_now.date() - timedelta(days=3),
    )  # fmt: skip
    strategy = Strategy.objects.create(
        account=desk.account, name="bench", rule="breakout", risk_fraction="0.001", created_at=now
    )
    rows = list(Instrument.objects.order_by("symbol"))
    _rest(desk, rows, resting, now)
    hearing.own(desk.account.pk, holder="bench")
    hearing.heard(desk.account.pk, holder="bench")
    lease = leases.acquire(desk.account.pk, holder="bench", now=now)
    assert lease is not None
    quotes = {row.symbol: QuoteReport(row.symbol, Decimal("99.99"), Decimal("100.01"), desk.market_now) for row in rows}
    marks = {row.symbol: Decimal(100) for row in rows}
    prices = portfolio.Prices(marks, quotes, marks)
    # No policy lets an account send as many orders as a benchmark does.
    with crowd.roomy():
        # The last symbol is left to others: a bare client's orders would cross ours.
        yield Path(desk, strategy, rows[:-1], lease, prices)


def _rest(desk: Desk, rows: list[Instrument], count: int, now: datetime) -> None:
    """Entries of one share far from the market, and no more dollars than the limits leave."""
    before = desk.market_now - timedelta(days=1)
    common = {
        "account": desk.account, "mode": "paper", "purpose": Purpose.ENTRY, "side": Side.BUY, "quantity": Decimal(1),
        "type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC, "order_class": OrderClass.SIMPLE,
        "limit_price": Decimal(5), "session_date": before.date(), "created_at": now,
    }  # fmt: skip
    intents = [
        OrderIntent(instrument=rows[each % len(rows)], stop_loss_price=4, approved=True, by="bench", decided_at=before,
                    **common)
        for each in range(count)
    ]  # fmt: skip
    OrderIntent.objects.bulk_create(intents, batch_size=500)
    Order.objects.bulk_create(
        (
            Order(
                intent=intent, instrument=intent.instrument, client_order_id=str(intent.pk),
                broker_order_id=str(uuid.uuid4()), status=OrderStatus.ACCEPTED, submitted_at=now, **common,
            )
            for intent in intents
        ),
        batch_size=500,
    )  # fmt: skip


def timed(path: Path) -> float:
    """Milliseconds of one order's path."""
    # What other processes keep fresh beside a pass.
    hearing.own(path.desk.account.pk, holder="bench")
    AccountState.objects.filter(account=path.desk.account).update(figures_at=datetime.now(UTC))
    began = time.perf_counter()
    order = path.go()
    took = (time.perf_counter() - began) * 1000
    assert order.status == OrderStatus.ACCEPTED, order.reason
    return took
