"""All pre-trade controls for one order of an account with 200 positions and 500 open orders, from rows to verdict."""

import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest import mock

import psycopg
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.desk import SYMBOLS, account_row, instrument_rows
from bench.result import Result, percentile
from risk import gate, in_force
from risk.exposure import ProposedOrder, Verdict
from risk.standing import HaltView, LimitInForce, Limits
from tests import databases
from trading import orders, portfolio
from trading.broker.gateway import QuoteReport
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Instrument, Order, OrderIntent, Position
from trading.streams import hearing

ENTRIES = 100
RUNS = 300
QUERIES = 3
GOAL = 2.5
AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)

_FLOOR = """
    SELECT instrument_id, sum(value), sum(coming) FROM (
        SELECT instrument_id, abs(quantity) * average_price AS value, 0 AS coming
        FROM trading_position WHERE account_id = %(account)s AND quantity <> 0
        UNION ALL
        SELECT instrument_id, 0, (quantity - booked_quantity) * coalesce(limit_price, stop_price)
        FROM trading_order WHERE account_id = %(account)s AND NOT (status IN (
            'canceled', 'expired', 'filled', 'rejected', 'replaced', 'withdrawn'))) AS each
    GROUP BY instrument_id
"""
"""What is held and on its way in each symbol: the least that a limit on the whole account must know."""


def run() -> list[Result]:
    """Median time to a verdict beside one aggregated read under the same row lock."""
    databases.restore(os.environ["DATABASE_OWNER_URL"])
    account = account_row("PABENCH0001", AT)
    instrument_rows()
    _furnish(account)
    proposal, prices = _proposal(account), _prices()

    def decide() -> Verdict:
        state = portfolio.lock_to_judge(account)
        seen, sums = portfolio.exposure(
            state, proposal.instrument, prices=prices, live_permission=(), now=datetime.now(UTC), market_now=AT
        )
        return gate.authorise(proposal.proposed(uuid.uuid4()), seen, now=datetime.now(UTC), sums=sums)

    def read() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM trading_accountstate WHERE account_id = %s FOR UPDATE", [account.pk])
            cursor.execute(_FLOOR, {"account": account.pk})
            cursor.fetchall()

    with mock.patch.object(in_force, "read", _roomy), transaction.atomic(), CaptureQueriesContext(connection) as asked:
        verdict = decide()
    if not verdict.approved:
        raise AssertionError(f"the benchmark times an approval, and this is denied: {verdict.sentence}")
    values, floors = [], []
    with mock.patch.object(in_force, "read", _roomy):
        for _ in range(RUNS):
            values.append(_timed(decide))
            floors.append(_timed(read))
    value, floor = percentile(values, 0.5), percentile(floors, 0.5)
    note = f"{len(asked)} queries, p99 {percentile(values, 0.99):.1f} ms"
    met = value <= GOAL * floor and len(asked) <= QUERIES
    return [Result("gate_decision", value, "ms", floor, value / floor, f"<= {GOAL} x", RUNS, met, note)]


_read_in_force = in_force.read


def _roomy(proposed: ProposedOrder, *, now: datetime) -> tuple[Limits, HaltView]:
    """What is in force, but for the number of positions: no policy lets an account hold 200, and a denial writes."""
    binding, halts = _read_in_force(proposed, now=now)
    binding["positions"] = LimitInForce("positions", Decimal(SYMBOLS + 1), 1, "firm")
    return binding, halts


def _timed(work: Callable[[], object]) -> float:
    with transaction.atomic():
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000


def _furnish(account: Account) -> None:
    """A position under a stop and a target in every symbol, and entries besides; nothing here breaks a limit."""
    rows = list(Instrument.objects.order_by("symbol"))
    now = datetime.now(UTC)
    Instrument.objects.update(
        exchange="NASDAQ", average_volume=Decimal(50_000_000), average_volume_date=AT.date() - timedelta(days=3)
    )
    Position.objects.bulk_create(
        Position(account=account, mode="paper", instrument=row, quantity=1, average_price=100, updated_at=now)
        for row in rows
    )
    wanted = [(row, Purpose.STOP, Side.SELL) for row in rows] + [(row, Purpose.TARGET, Side.SELL) for row in rows]
    wanted += [(row, Purpose.ENTRY, Side.BUY) for row in rows[:ENTRIES]]
    intents = [
        OrderIntent(
            id=uuid.uuid4(), account=account, mode="paper", instrument=row, purpose=purpose, side=side, quantity=1,
            type=OrderType.LIMIT, time_in_force=TimeInForce.GTC, order_class=OrderClass.SIMPLE, limit_price=100,
            stop_loss_price=98, approved=True, by="bench", session_date=AT.date() - timedelta(days=1),
            decided_at=AT - timedelta(days=1), created_at=now,
        )
        for row, purpose, side in wanted
    ]  # fmt: skip
    OrderIntent.objects.bulk_create(intents)
    Order.objects.bulk_create(
        Order(
            intent=intent, account=account, mode="paper", instrument=intent.instrument, purpose=intent.purpose,
            side=intent.side, quantity=1, type=OrderType.LIMIT, time_in_force=TimeInForce.GTC, limit_price=100,
            stop_price=98 if intent.purpose == Purpose.STOP else None, client_order_id=str(intent.pk),
            broker_order_id=str(uuid.uuid4()), status=OrderStatus.ACCEPTED, session_date=AT.date(), created_at=now,
            submitted_at=now,
        )
        for intent in intents
    )  # fmt: skip
    hearing.own(account.pk, holder="bench")
    hearing.heard(account.pk, holder="bench")
    # As autovacuum does by and by; the program's role may not.
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("ANALYZE")


def _proposal(account: Account) -> orders.Proposal:
    return orders.Proposal(
        account=account, instrument=Instrument.objects.get(symbol="S150"), purpose=Purpose.ENTRY, side=Side.BUY,
        quantity=Decimal(5), type=OrderType.LIMIT, time_in_force=TimeInForce.GTC, order_class=OrderClass.BRACKET,
        by="bench", limit_price=Decimal("100.01"), take_profit_price=Decimal(104), stop_loss_price=Decimal(98),
        reference_price=Decimal(100),
    )  # fmt: skip


def _prices() -> portfolio.Prices:
    quote = QuoteReport("S150", Decimal("99.99"), Decimal("100.01"), AT)
    marks = {f"S{number:03d}": Decimal(100) for number in range(SYMBOLS)}
    return portfolio.Prices(marks, {"S150": quote}, {"S150": Decimal(100)})
