"""What the doors of an account share: the gateway, both clocks, and what follows a pass or a close.

A duty that cannot be done because the broker is away says so in the log and leaves all as it is; the next one does it.
"""

import logging
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction

from audit import stream, trail
from audit.severity import Severity
from trading import engine, golive, healing, leases, lockstep, market_data, portfolio, preflight, sessions, staging
from trading.broker import factory
from trading.broker.gateway import BrokerError, BrokerGateway
from trading.choices import Timeframe
from trading.models import Account, Bar, DailyReport, EnginePass, PreflightRun, ReconciliationRun
from trading.proposing import guarding
from trading.reconciling import aftermath, closing, reconciliation
from trading.watching import against_paper, heartbeats, monitors

logger = logging.getLogger(__name__)

_told_at = float("-inf")

BEFORE_OPEN = timedelta(minutes=15)
"""How long before an open preflight runs by itself; an older one does not count at a live start (control 47)."""


def make_pass(account: Account, bar_at: datetime, *, now: datetime) -> EnginePass | None:
    """One pass, then tell a lock-step venue; the last pass of a session asks for its close. None where it must wait."""
    try:
        golive.take_back(account, now=now)
        gateway = factory.gateway_for(account.number)
        clocks = engine.Clocks(now, gateway.clock().at)
        made = engine.run_pass(account, gateway=gateway, bar_at=bar_at, holder=heartbeats.instance(), clocks=clocks)
    except (engine.Busy, leases.Fenced):
        return None
    except BrokerError as failure:
        logger.warning("the pass waits for the broker: %s", failure, extra={"account": account.number})
        return None
    _watch(account, now=now, market_now=clocks.market_now)
    _tell_of_the_pass(bar_at, now=now)
    lockstep.finished_minute(account.number, bar_at + engine.MINUTE)
    return made


def watch(account: Account, *, now: datetime) -> None:
    """Look at the account between two passes, on figures of the broker read for it."""
    if not account_is_open(account):
        return
    try:
        gateway = factory.gateway_for(account.number)
        market_now = gateway.clock().at
        portfolio.keep_figures(account, gateway, now=now, market_now=market_now)
    except BrokerError as failure:
        logger.warning("nothing watched: %s", failure, extra={"account": account.number})
        return
    _watch(account, now=now, market_now=market_now)
    _watch(account, now=now, market_now=market_now, look=aftermath.watch)


def _watch(account: Account, *, now: datetime, market_now: datetime, look: Callable[..., object] | None = None) -> None:
    """What fails while watching ends no pass: it is told, and the next look comes within seconds."""
    try:
        (look or monitors.watch)(account, now=now, market_now=market_now)
        staging.follow(account, now=now)
    except Exception:
        logger.exception("the monitors failed", extra={"account": account.number})
        with transaction.atomic():
            trail.record(
                event="monitor.failed",
                account=account.number,
                mode=account.mode,
                sentence=f"the monitors of account {account.number} failed: losses and conduct are not watched",
                by=monitors.BY,
                now=now,
                severity=Severity.SERIOUS,
            )


def session_ended_by(bar_at: datetime) -> date | None:
    """The session whose last bar starts at `bar_at`; None for any other bar."""
    session = sessions.session_at(bar_at)
    return session.date if session is not None and bar_at + engine.MINUTE >= session.close_at else None


def _tell_of_the_pass(bar_at: datetime, *, now: datetime) -> None:
    """Heartbeat and moved marks, at most once a second however fast a simulated day runs."""
    global _told_at
    if time.monotonic() - _told_at < 1:
        return
    _told_at = time.monotonic()
    heartbeats.beat("worker", now=now, worked=True, note=f"pass over {bar_at:%H:%M}")
    stream.say_marks_moved()


def catch_up(account: Account, *, now: datetime) -> None:
    """Judge the newest bar if its pass was missed, and close the last session if it was left open."""
    try:
        gateway = factory.gateway_for(account.number)
        clock = gateway.clock()
        symbols = market_data.symbols_of(account)
        if clock.is_open and symbols:
            market_data.backfill(gateway, symbols, until=clock.at)
        newest = _newest_bar(symbols, clock.at)
    except BrokerError as failure:
        logger.warning("the desk waits for the broker: %s", failure, extra={"account": account.number})
        return
    if newest is not None and _is_fresh(newest, clock.at):
        if EnginePass.objects.filter(account=account, bar_at=newest).exclude(outcome="running").exists():
            # Said again, for the first word may have been lost.
            lockstep.finished_minute(account.number, newest + engine.MINUTE)
        else:
            make_pass(account, newest, now=now)
    if clock.is_open:
        _guard(account, gateway, now=now, market_now=clock.at)
    else:
        close_day(account, sessions.last_closed(clock.at).date, now=now)


def _guard(account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime) -> None:
    """Between two passes nothing held may lie bare."""
    try:
        guarding.look(account, gateway, holder=heartbeats.instance(), now=now, market_now=market_now)
    except leases.Fenced:
        return
    except BrokerError as failure:
        logger.warning("nothing could be armed: %s", failure, extra={"account": account.number})


def heal(account: Account, *, now: datetime) -> None:
    """Catch up with the broker by REST."""
    try:
        gateway = factory.gateway_for(account.number)
        healing.heal(account, gateway, now=now, market_now=gateway.clock().at)
    except BrokerError as failure:
        logger.warning("nothing healed: %s", failure, extra={"account": account.number})


def reconcile_if_due(account: Account, *, now: datetime) -> ReconciliationRun | None:
    """Compare once if it is due; None where it is not, and where `reconcile` has none."""
    golive.take_back(account, now=now)
    return reconcile(account, now=now) if aftermath.comparison_is_due(account, now=now) else None


def reconcile(account: Account, *, now: datetime) -> ReconciliationRun | None:
    """Compare once; None where the books are not open yet or the venue's clock cannot be read."""
    if not account_is_open(account):
        return None
    gateway = factory.gateway_for(account.number)
    try:
        market_now = gateway.clock().at
    except BrokerError as failure:
        logger.warning("nothing compared: %s", failure, extra={"account": account.number})
        return None
    kind = ReconciliationRun.Kind.CONTINUOUS
    run = reconciliation.compare(account, gateway, kind=kind, now=now, market_now=market_now)
    heartbeats.beat("worker", now=now, worked=True, note="reconciliation")
    return run


def close_day(account: Account, session_date: date, *, now: datetime) -> DailyReport | None:
    """Close the session where books were open in it and the venue has closed; then get ready for the next one."""
    session = sessions.session_on(session_date)
    if session is None:
        return None
    if not EnginePass.objects.filter(account=account, session_date=session_date).exists():
        # Nothing was done in it, so there is nothing to close; the venue need not wait for us.
        lockstep.finished_session(account.number, session_date)
        return None
    try:
        gateway = factory.gateway_for(account.number)
        clock = gateway.clock()
        if clock.is_open or clock.at < session.close_at:
            return None
        known = DailyReport.objects.filter(account=account, session_date=session_date).exists()
        report = closing.close_day(account, gateway, session_date=session_date, now=now, market_now=clock.at)
    except (BrokerError, reconciliation.Unreadable) as failure:
        logger.warning("the session is not closed yet: %s", failure, extra={"account": account.number})
        return None
    if not known:
        against_paper.compare(account, session_date, now=now)
        preflight.run(account, by="beat", now=now)
    lockstep.finished_session(account.number, session_date)
    return report


def prove_alive(*, now: datetime) -> None:
    """One piece of scheduled work done: beat sent it, this worker did it."""
    heartbeats.beat("beat", now=now, worked=True, note="scheduled work arrives", who="schedule")
    heartbeats.beat("worker", now=now, worked=True, note="takes work")


def preflight_if_due(account: Account, *, now: datetime) -> PreflightRun | None:
    """Run preflight once within `BEFORE_OPEN` of the next open (venue's clock)."""
    try:
        market_now = factory.gateway_for(account.number).clock().at
    except BrokerError:
        return None
    opens_in = sessions.next_open(market_now) - market_now
    recently = PreflightRun.objects.filter(account=account, ran_at__gt=now - BEFORE_OPEN).exists()
    if opens_in > BEFORE_OPEN or recently:
        return None
    return preflight.run(account, by="beat", now=now)


def account_is_open(account: Account) -> bool:
    """Whether the account's books were opened."""
    return bool(account.state.ledger_cash is not None) if hasattr(account, "state") else False


def _newest_bar(symbols: list[str], until: datetime) -> datetime | None:
    bars = Bar.objects.filter(instrument__symbol__in=symbols, timeframe=Timeframe.MINUTE, start_at__lt=until)
    return bars.order_by("-start_at").values_list("start_at", flat=True).first()


def _is_fresh(bar_at: datetime, market_now: datetime) -> bool:
    return market_now - (bar_at + engine.MINUTE) <= engine.TOO_OLD
