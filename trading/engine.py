"""One pass of the execution loop: from a bar to orders on the wire, readable from top to bottom.

Who calls it, when, and on which clock is the door's affair (`trading.tasks`).
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction

from audit import crash_points
from trading import healing, leases, market_data, marks, orders, portfolio, sessions
from trading.bars import BarWindow
from trading.broker.gateway import BrokerGateway
from trading.models import Account, EnginePass, Instrument, Strategy
from trading.proposing import decisions, entries, exits, guarding
from trading.reading import books

if TYPE_CHECKING:
    from trading.strategies.base import Rule
    from trading.strategies.parameters import Parameters

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


@dataclass(frozen=True, slots=True)
class _Asked:
    """One active strategy with its rule, its parsed parameters and how many bars it looks at."""

    strategy: Strategy
    rule: "Rule"
    parameters: "Parameters"
    length: int


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a pass judges: the strategies, their symbols in order, and the bars up to the pass's own."""

    strategies: tuple[_Asked, ...]
    symbols: list[str]
    windows: dict[str, BarWindow]


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
        crash_points.reach("pass.opened")
        if clocks.market_now - (bar_at + MINUTE) > TOO_OLD:
            return _close_pass(this, clocks, EnginePass.Outcome.SKIPPED, "the bar was too old to be judged")
        state = portfolio.open_books(account, gateway, now=clocks.now, market_now=clocks.market_now)
        held = healing.heal(account, gateway, now=clocks.now, market_now=clocks.market_now, state=state).held
        portfolio.keep_figures(account, gateway, now=clocks.now, market_now=clocks.market_now)
        crash_points.reach("pass.figures_kept")
        if bar_at.minute % SETTINGS_EVERY == 0:
            portfolio.keep_settings(account, gateway)
            market_data.keep_volumes(gateway, market_data.symbols_of(account), market_now=clocks.market_now)
        due = _is_due(account, bar_at)
        desk = _desk(account, bar_at, due=due)
        moment = _moment(gateway, desk, this, lease, clocks)
        # On every bar, and before any strategy can fail.
        guarded = guarding.protect(account, gateway, held, moment)
        _count(this, guarded.decided)
        if due:
            _trade(account, gateway, desk, guarded.held, this, moment)
        marks.mark(account, moment.prices.marks, at=clocks.market_now, session_date=sessions.date_of(clocks.market_now))
        crash_points.reach("pass.before_close")
        return _close_pass(this, clocks)


def _trade(
    account: Account,
    gateway: BrokerGateway,
    desk: _Desk,
    held: books.Books,
    this: EnginePass,
    moment: decisions.Moment,
) -> None:
    """Ask each strategy, then carry out what they want."""
    proposals: list[orders.Proposal] = []
    for asked in desk.strategies:
        proposals += _ask(account, asked, gateway, desk, held, this, moment)
    _count(this, guarding.carry_out(proposals, gateway, moment))


def _count(this: EnginePass, decided: Iterable[orders.Decided]) -> None:
    for each in decided:
        this.approved += each.going is not None
        this.denied += each.going is None


def _ask(
    account: Account,
    asked: _Asked,
    gateway: BrokerGateway,
    desk: _Desk,
    held: books.Books,
    this: EnginePass,
    moment: decisions.Moment,
) -> list[orders.Proposal]:
    """What one strategy wants on this bar, as proposals; each answer is kept as a signal first."""
    proposals: list[orders.Proposal] = []
    for symbol in asked.strategy.symbols:
        window = desk.windows.get(symbol)
        if window is None or window.last.start_at != this.bar_at:
            continue  # no bar for this symbol in this minute: nothing new to judge
        seen = window.tail(asked.length)
        target = asked.rule.evaluate(seen, asked.parameters, entries.shares(held, symbol))
        if target is None:
            continue
        instrument = Instrument.objects.get(symbol=symbol)
        signal = orders.record_signal(asked.strategy, instrument, target, bar_at=this.bar_at, now=moment.now)
        crash_points.reach("signal.recorded")
        this.signals += 1
        if target.direction == "flat":
            proposal = exits.propose(account, asked.strategy, signal, target, gateway=gateway, moment=moment)
        else:
            proposal = entries.propose(account, asked.strategy, signal, target, moment)
        if proposal is not None:
            proposals.append(proposal)
    return proposals


def _desk(account: Account, bar_at: datetime, *, due: bool) -> _Desk:
    """The account's active strategies, and the bars of each symbol; two statements.

    Where strategies are asked (`due`), as many bars as the one that looks back furthest needs, else the latest few.
    """
    # Imported here: whoever merely asks for a pass does without indicators. A worker has them from its start.
    from trading.strategies import registry

    known = registry.load(tuple(settings.STRATEGY_RULES))
    asked = []
    for strategy in Strategy.objects.filter(account=account, active=True).order_by("pk"):
        rule, parameters = known.parse(strategy.rule, strategy.parameters)
        asked.append(_Asked(strategy, rule, parameters, rule.warm_up(parameters)))
    symbols = sorted({symbol for each in asked for symbol in each.strategy.symbols})
    length = max((each.length for each in asked if due), default=0)
    windows = market_data.windows(symbols, length=max(length, DRIFT_BARS + 1), until=bar_at) if symbols else {}
    return _Desk(tuple(asked), symbols, windows)


def _moment(
    gateway: BrokerGateway, desk: _Desk, this: EnginePass, lease: leases.Lease, clocks: Clocks
) -> decisions.Moment:
    quotes = {quote.symbol: quote for quote in gateway.quotes(desk.symbols)} if desk.symbols else {}
    known = {symbol: window.last.close for symbol, window in desk.windows.items()}
    before = {symbol: window.bars[-DRIFT_BARS - 1 :][0].close for symbol, window in desk.windows.items()}
    return decisions.Moment(
        now=clocks.now,
        market_now=clocks.market_now,
        prices=portfolio.Prices(marks=known, quotes=quotes, before=before),
        lease=lease,
        pass_id=str(this.pk),
    )


def _open_pass(account: Account, bar_at: datetime, lease: leases.Lease, clocks: Clocks) -> EnginePass:
    this = EnginePass(
        id=uuid.uuid4(),
        account=account,
        bar_at=bar_at,
        lease_token=lease.token,
        started_at=clocks.now,
        session_date=sessions.date_of(bar_at),
    )
    try:
        with transaction.atomic():
            this.save(force_insert=True)
    except IntegrityError:
        return EnginePass.objects.get(account=account, bar_at=bar_at)
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
