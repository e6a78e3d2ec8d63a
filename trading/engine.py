"""One pass of the execution loop: from a bar to orders on the wire, readable from top to bottom.

Who calls it, when, and on which clock is the door's affair (`trading.tasks`).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from trading import (
    decisions,
    entries,
    exits,
    healing,
    leases,
    market_data,
    marks,
    orders,
    portfolio,
    protection,
    sessions,
)
from trading.broker.gateway import BrokerGateway
from trading.models import Account, EnginePass, Strategy

MINUTE = timedelta(minutes=1)
SETTINGS_EVERY = 30
"""Minutes between two looks at the account's settings at the broker; the session's first bar is among them."""
DRIFT_BARS = 5
"""Minutes over which control 13 watches a price drift."""
TOO_OLD = timedelta(minutes=2)
"""A bar older than this (venue's clock) is kept for the windows and judged no more: the market has moved on."""


class Busy(Exception):
    """Another worker holds the account's lease: it is making this pass, or the one before."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """`now` is the wall clock, for machine ages; `market_now` the venue's, for quote, session and day ages."""

    now: datetime
    market_now: datetime


def run_pass(account: Account, *, gateway: BrokerGateway, bar_at: datetime, holder: str, clocks: Clocks) -> EnginePass:
    """Judge the bar that starts at `bar_at` once; a repeated call returns the pass that was made.

    Raises:
        Busy: another worker acts for the account.
        leases.Fenced: this worker was too slow, and another one has taken over.
        BrokerError: the broker could not be read; the pass is left open and a later call takes it up again.
    """
    with leases.held(account.pk, holder=holder, now=clocks.now) as lease:
        if lease is None:
            raise Busy(f"Another worker holds the lease of account {account.number}.")
        this = _open_pass(account, bar_at, lease, clocks)
        if this.outcome != EnginePass.Outcome.RUNNING:
            return this
        if clocks.market_now - (bar_at + MINUTE) > TOO_OLD:
            return _close_pass(this, clocks, EnginePass.Outcome.SKIPPED, "the bar was too old to be judged")
        portfolio.open_books(account, gateway, now=clocks.now, market_now=clocks.market_now)
        healing.withdraw_unsent(account, lease=lease, now=clocks.now)
        healing.heal(account, gateway, now=clocks.now, market_now=clocks.market_now)
        portfolio.keep_figures(account, gateway, now=clocks.now)
        if bar_at.minute % SETTINGS_EVERY == 0:
            portfolio.keep_settings(account, gateway)
        moment = _moment(account, gateway, this, lease, clocks)
        _protect(account, gateway, this, moment)
        if _is_due(account, bar_at):
            _trade(account, gateway, this, moment)
        marks.mark(account, moment.prices.marks, at=clocks.market_now, session_date=sessions.date_of(clocks.market_now))
        return _close_pass(this, clocks)


def _protect(account: Account, gateway: BrokerGateway, this: EnginePass, moment: decisions.Moment) -> None:
    """Let go of stale entries and arm what is held naked: on every bar, and before any strategy can fail."""
    leases.check(moment.lease)
    protection.cancel_stale_entries(account, gateway, now=moment.now, market_now=moment.market_now)
    _carry_out(protection.missing(account, moment), gateway, this, moment)


def _trade(account: Account, gateway: BrokerGateway, this: EnginePass, moment: decisions.Moment) -> None:
    """Ask each strategy, then carry out what they want."""
    proposals: list[orders.Proposal] = []
    for strategy in Strategy.objects.filter(account=account, active=True).order_by("pk"):
        proposals += _ask(account, strategy, gateway, this, moment)
    _carry_out(proposals, gateway, this, moment)


def _carry_out(
    proposals: list[orders.Proposal], gateway: BrokerGateway, this: EnginePass, moment: decisions.Moment
) -> None:
    """Decide, record and send, one after the other, so that each is judged with the ones before it in place."""
    for proposal in proposals:
        decided = decisions.decide(proposal, moment)
        this.approved += decided.order is not None
        this.denied += decided.order is None
        if decided.order is not None:
            orders.submit(decided.order.pk, gateway=gateway, lease=moment.lease, now=moment.lease.clock())


def _ask(
    account: Account, strategy: Strategy, gateway: BrokerGateway, this: EnginePass, moment: decisions.Moment
) -> list[orders.Proposal]:
    """What one strategy wants on this bar, as proposals; each answer is kept as a signal first."""
    # Imported here: whoever merely asks for a pass does without indicators. A worker has them from its start.
    from trading.strategies import registry

    rule, parameters = registry.load(tuple(settings.STRATEGY_RULES)).parse(strategy.rule, strategy.parameters)
    length = rule.warm_up(parameters)
    windows = market_data.windows(strategy.symbols, length=length, until=this.bar_at)
    held = entries.held(account, strategy)
    proposals: list[orders.Proposal] = []
    for symbol in strategy.symbols:
        window = windows.get(symbol)
        if window is None or window.last.start_at != this.bar_at:
            continue  # no bar for this symbol in this minute: nothing new to judge
        target = rule.evaluate(window, parameters, held.quantity(symbol))
        if target is None:
            continue
        instrument = held.instrument(symbol)
        signal = orders.record_signal(strategy, instrument, target, bar_at=this.bar_at, now=moment.now)
        this.signals += 1
        make = exits.propose if target.direction == "flat" else entries.propose
        proposal = make(account, strategy, signal, target, gateway=gateway, moment=moment)
        if proposal is not None:
            proposals.append(proposal)
    return proposals


def _moment(
    account: Account, gateway: BrokerGateway, this: EnginePass, lease: leases.Lease, clocks: Clocks
) -> decisions.Moment:
    symbols = market_data.symbols_of(account)
    quotes = {quote.symbol: quote for quote in gateway.quotes(symbols)} if symbols else {}
    lately = market_data.windows(symbols, length=DRIFT_BARS + 1, until=this.bar_at)
    known = {symbol: window.last.close for symbol, window in lately.items()}
    before = {symbol: window.bars[0].close for symbol, window in lately.items()}
    return decisions.Moment(
        now=clocks.now,
        market_now=clocks.market_now,
        prices=portfolio.Prices(marks=known, quotes=quotes, before=before),
        lease=lease,
        pass_id=str(this.pk),
    )


def _open_pass(account: Account, bar_at: datetime, lease: leases.Lease, clocks: Clocks) -> EnginePass:
    this, _ = EnginePass.objects.get_or_create(
        account=account,
        bar_at=bar_at,
        defaults={
            "id": uuid.uuid4(),
            "lease_token": lease.token,
            "started_at": clocks.now,
            "session_date": sessions.date_of(bar_at),
        },
    )
    return this


def _is_due(account: Account, bar_at: datetime) -> bool:
    """Whether the account's trade interval, counted from midnight UTC, falls on the end of this bar."""
    ends_at = bar_at + MINUTE
    return (ends_at.hour * 60 + ends_at.minute) % account.trade_interval_minutes == 0


def _close_pass(
    this: EnginePass, clocks: Clocks, outcome: EnginePass.Outcome = EnginePass.Outcome.DONE, note: str = ""
) -> EnginePass:
    this.outcome, this.note, this.finished_at = outcome, note, clocks.now
    this.save(update_fields=["outcome", "note", "finished_at", "signals", "approved", "denied"])
    return this
