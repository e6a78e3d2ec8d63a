"""The pure verdict over every control, for an account with 200 positions and 500 open orders that was added up once."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bench.result import Result
from risk import policy, pre_trade
from risk.exposure import Exposure, Holding, InstrumentFacts, ProposedOrder, Quote, SessionWindow, Working
from risk.pre_trade import totals
from risk.pre_trade.case import Case
from risk.standing import HaltView, LimitInForce, Limits

POSITIONS, ORDERS = 200, 500
VERDICTS, RUNS = 500, 60
GOAL = 20_000
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
CLEAR = HaltView(readable=True)


def run() -> list[Result]:
    """Approvals per second on one core, and how long adding the account up takes."""
    exposure, limits = _exposure(), _limits()
    sums = totals.of(exposure)
    cases = [Case(_proposed(1 + index % 40), exposure, sums, limits, CLEAR) for index in range(VERDICTS)]
    denied = pre_trade.judge(cases[-1])
    if denied:
        raise AssertionError(f"the benchmark judges approvals, and this is denied: {denied[0].sentence}")

    def judge() -> None:
        for case in cases:
            # A case of its own each time, for one keeps what several controls need.
            pre_trade.judge(Case(case.proposed, exposure, sums, limits, CLEAR))

    def ask_nothing() -> None:
        for case in cases:
            for control in pre_trade.CONTROLS:
                _nothing(control, case)

    verdicts, floor = VERDICTS / _seconds(judge), VERDICTS / _seconds(ask_nothing)
    added = _seconds(lambda: totals.of(exposure)) * 1000
    note = f"adding up {POSITIONS} positions and {ORDERS} orders: {added:.2f} ms; floor: calls that say nothing"
    goal = f">= {GOAL:,} a second"
    return [
        Result("gate_pure", verdicts, "1/s", floor, floor / verdicts, goal, VERDICTS * RUNS, verdicts >= GOAL, note)
    ]


def _nothing(control: object, case: object) -> None:
    return None


def _seconds(work: Callable[[], object]) -> float:
    """The least of some runs: others on the machine make it slower, nothing makes it faster."""
    found = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def _limits() -> Limits:
    found = {bound.name: LimitInForce(bound.name, bound.default, 1, "firm") for bound in policy.BOUNDS.values()}
    found["positions"] = LimitInForce("positions", Decimal(POSITIONS + 1), 1, "firm")
    found["gross_usd"] = LimitInForce("gross_usd", policy.BOUNDS["gross_usd"].ceiling, 1, "firm")
    return Limits(found)


def _proposed(quantity: int) -> ProposedOrder:
    return ProposedOrder(
        intent_id="6d1c", account="PA1", mode="paper", strategy="trend", symbol="AAPL", side="buy",
        quantity=Decimal(quantity), order_type="limit", time_in_force="gtc", purpose="entry",
        limit_price=Decimal("100.00"), take_profit_price=Decimal("106.00"), stop_loss_price=Decimal("98.00"),
        order_class="bracket", signal_id="s1", reference_price=Decimal("100.00"),
    )  # fmt: skip


def _exposure() -> Exposure:
    money = Decimal(100_000_000)
    empty = Exposure(
        account="PA1", mode="paper", state_known_at=NOW - timedelta(seconds=2), now=NOW, market_now=NOW,
        equity=money, last_equity=money, cash=money, buying_power=money, intraday_adjustments=Decimal(0),
        account_status="ACTIVE", trading_blocked=False, account_blocked=False, trade_suspended=False,
        shorting_enabled=False, pinned_number="PA1", pinned_mode="paper",
        quote=Quote("AAPL", Decimal("99.98"), Decimal("100.02"), NOW - timedelta(seconds=1)),
        mid_before=Decimal("100.00"),
        instrument=InstrumentFacts(
            "AAPL", tradable=True, exchange="NASDAQ", sector="Technology", leveraged=False,
            average_volume=Decimal(50_000_000), average_volume_date=date(2026, 3, 3),
        ),
        session=SessionWindow(True, NOW.date(), NOW - timedelta(minutes=30), NOW + timedelta(hours=6)),
        messages_today=0,
    )  # fmt: skip
    return replace(empty, holdings=tuple(map(_holding, range(POSITIONS))), working=tuple(map(_order, range(ORDERS))))


def _holding(index: int) -> Holding:
    return Holding(f"S{index}", Decimal(40), Decimal(100), Decimal("101.50"), f"sector {index % 20}")


def _order(index: int) -> Working:
    """A stop and a target under each holding, and a hundred entries."""
    symbol = f"S{index % POSITIONS}"
    if index < 2 * POSITIONS:
        purpose = "stop" if index < POSITIONS else "target"
        return Working(
            f"o{index}", symbol, "sell", Decimal(40), Decimal(98), purpose, "accepted", stop_price=Decimal(98)
        )
    return Working(
        f"o{index}", symbol, "buy", Decimal(5), Decimal(100), "entry", "accepted", stop_loss_price=Decimal(98),
        sector=f"sector {index % 20}",
    )  # fmt: skip
