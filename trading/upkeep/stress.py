"""The stress run: twice the highest load of six months before the gate within a minute, the stop in the midst of it.

Each order is judged in full against the account's own rows under its lock, and rolled back: nothing of it is kept, and
nothing is sent but the drill's one order. Only paper accounts and the simulated venue are put under stress.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from risk import attesting, gate, policy, refusals
from risk.attesting import Kind
from risk.exposure import DenialCode, Verdict
from risk.models import Attestation
from risk.post_trade import upkeep
from trading import drill, market_data, orders, portfolio, sizing
from trading.broker.gateway import BrokerError, BrokerGateway
from trading.choices import Mode, OrderClass, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Instrument
from trading.upkeep import due

MINUTE = 60.0
ONE = Decimal(1)
STOP = Decimal("0.98")


class NotPossible(refusals.Refused):
    """The stress run cannot be made here; nothing was done."""

    event = "stress.refused"


@dataclass(frozen=True, slots=True)
class Load:
    """What a run did: verdicts within a minute, the slowest, and what the stop said in the midst of it."""

    wanted: int
    carried: int
    failed: int
    """Verdicts that a check's own failure gave."""
    seconds: float
    slowest: float
    stop: str
    stop_held: bool

    @property
    def passed(self) -> bool:
        """Whether all of it was judged within a minute, by checks that worked, and the stop held."""
        return self.carried >= self.wanted and not self.failed and self.stop_held


def run(account: Account, gateway: BrokerGateway, *, by: str, now: datetime) -> Attestation:
    """Put the account's gate under twice the highest load, and keep the proof.

    Raises NotPossible for a real live account and where no price is known, BrokerError where the broker is away.
    """
    with refusals.attempt():
        if account.mode == Mode.LIVE and not settings.VENUE_CONTROL_URL:
            raise _refuse(account, f"{account} trades real money; put a paper account under stress.", by, now)
    market_now = gateway.clock().at
    proposal, prices = _proposal(account, gateway, by=by, now=now, market_now=market_now)
    highest = due.peak(now=now)
    # Twice what the gate ever lets out, where less than that was asked of it so far.
    wanted = upkeep.TIMES * max(highest, int(policy.BOUNDS["messages_minute"].ceiling))
    load = _load(account, gateway, proposal, prices, wanted=wanted, now=now, market_now=market_now)
    verb = "carried" if load.passed else "did not carry"
    return attesting.record(
        Kind.STRESS,
        subject=account.number,
        passed=load.passed,
        sentence=(
            f"The desk {verb} {load.carried} of {load.wanted} orders in {load.seconds:.1f} s, the slowest in"
            f" {load.slowest * 1000:.0f} ms, {load.failed} failed; highest of six months {highest} a minute;"
            f" the stop: {load.stop}."
        ),
        by=by,
        now=now,
        evidence={
            "carried": load.carried,
            "wanted": load.wanted,
            "highest": highest,
            "failed": load.failed,
            "seconds": f"{load.seconds:.3f}",
            "slowest_seconds": f"{load.slowest:.4f}",
            "stop": load.stop,
            "build": settings.BUILD_ID,
        },
    )


def _load(
    account: Account,
    gateway: BrokerGateway,
    proposal: orders.Proposal,
    prices: portfolio.Prices,
    *,
    wanted: int,
    now: datetime,
    market_now: datetime,
) -> Load:
    began, carried, failed, slowest, judging = time.monotonic(), 0, 0, 0.0, 0.0
    stop, held = "", False
    while carried < wanted and judging < MINUTE:
        if carried == wanted // 2:
            stop, held = _stop(account, gateway, now)
        asked = time.monotonic()
        verdict = _judge(account, proposal, prices, now=now, market_now=market_now)
        took = time.monotonic() - asked
        carried, judging, slowest = carried + 1, judging + took, max(slowest, took)
        failed += any(denial.code == DenialCode.CHECK_FAILED for denial in verdict.denials)
    return Load(wanted, carried, failed, time.monotonic() - began, slowest, stop or "not reached", held)


def _judge(
    account: Account, proposal: orders.Proposal, prices: portfolio.Prices, *, now: datetime, market_now: datetime
) -> Verdict:
    """One order as every order is judged, and nothing of it kept."""
    with transaction.atomic():
        state = portfolio.lock(account)
        seen, sums = portfolio.exposure(
            state, proposal.instrument, prices=prices, live_permission=(), now=now, market_now=market_now
        )
        verdict = gate.authorise(proposal.proposed(uuid.uuid4()), seen, now=now, sums=sums)
        transaction.set_rollback(True)
    return verdict


def _stop(account: Account, gateway: BrokerGateway, now: datetime) -> tuple[str, bool]:
    try:
        return drill.exercise(account, gateway, now=now), True
    except (drill.Failed, BrokerError) as failure:
        return str(failure).rstrip("."), False


def _proposal(
    account: Account, gateway: BrokerGateway, *, by: str, now: datetime, market_now: datetime
) -> tuple[orders.Proposal, portfolio.Prices]:
    symbols = market_data.symbols_of(account)
    windows = market_data.windows(symbols, length=6, until=market_now)
    with refusals.attempt():
        if not windows:
            raise _refuse(account, "No price is known yet; wait for the first bars.", by, now)
    symbol = min(windows)
    last = windows[symbol].last.close
    quotes = {quote.symbol: quote for quote in gateway.quotes([symbol])}
    marks = {each: window.last.close for each, window in windows.items()}
    before = {each: window.bars[0].close for each, window in windows.items()}
    return orders.Proposal(
        account=account,
        instrument=Instrument.objects.get(symbol=symbol),
        purpose=Purpose.ENTRY,
        side=Side.BUY,
        quantity=ONE,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.BRACKET,
        by=by,
        limit_price=last,
        take_profit_price=sizing.floor_to_tick(last * (2 - STOP)),
        stop_loss_price=sizing.floor_to_tick(last * STOP),
        reference_price=last,
    ), portfolio.Prices(marks, quotes, before)


def _refuse(account: Account, sentence: str, by: str, now: datetime) -> NotPossible:
    return NotPossible(sentence, by=by, now=now, subject=account.number, account=account.number)
