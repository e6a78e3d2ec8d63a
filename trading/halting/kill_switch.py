"""Stopping with one hand: latch first, then cancel, then read back what the broker confirms.

A line of the receipt says what the broker showed at the end, never what was asked for. Fills that come in meanwhile are
booked on the way.
"""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from audit import crash_points
from risk import halts, receipts, refusals
from risk.models import Halt
from risk.receipts import Line
from trading.broker import credentials, factory
from trading.choices import Purpose
from trading.halting import stopping
from trading.halting.reach import Reach
from trading.halting.sweeping import Target
from trading.models import Account, Order


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a halt did. `complete` only when the broker confirmed every line."""

    halt: Halt
    lines: tuple[Line, ...]
    entries_final_after: float = 0.0
    """Seconds from the pull until the broker had shown every entry as final; 0 where there was none to cancel."""

    @property
    def complete(self) -> bool:
        return all(line.confirmed for line in self.lines)


def preview(account: Account | None, *, reach: Reach | None = None) -> dict[str, Any]:
    """What a halt would meet now: working entries to cancel, protective orders that stay, positions that are left.

    Whoever looks may pull next, so the way to the broker is made ready meanwhile.
    """
    factory.get_ready()
    wanted = reach or Reach(account)
    working, held = Order.objects.working().filter(wanted.within()), wanted.held()
    return {
        "orders": working.filter(purpose=Purpose.ENTRY).count(),
        "protective": working.filter(purpose__in=(Purpose.STOP, Purpose.TARGET)).count(),
        "positions": [{"symbol": row.instrument.symbol, "quantity": row.quantity} for row in held],
    }


def pull(
    *,
    account: Account | None = None,
    reach: Reach | None = None,
    level: str,
    reason: str,
    by: str,
    now: datetime,
    suspend: bool = False,
) -> Receipt:
    """Halt one account, all of them, or what `reach` says. The latch is committed before anything else is tried.

    H1 lets nothing new in; H2 also cancels entries; H3 also closes every position and cancels what protected it, and
    with `suspend` locks the account at the broker once all is closed.
    Raises `halts.HaltRefused` without a reason or for an unknown level or scope; a broker that is away is a line, not
    an error. Raises RuntimeError inside a transaction: a latch that could still be rolled back stops nobody.
    """
    began = time.monotonic()
    with transaction.atomic(durable=True):
        pass  # nothing outside us can undo what is committed from here on
    wanted = reach or Reach(account)
    halt = _latch(wanted, level=level, reason=reason, by=by, now=now)
    crash_points.reach("halt.latched")
    targets, lines = _targets(wanted, reason=reason, by=by, now=now) if level != Halt.Level.H1 else ([], [])
    done, heard_at = _stop(targets, level=level, suspend=suspend)
    took = heard_at - began if heard_at else 0.0
    crash_points.reach("halt.confirmed")
    receipts.keep(halt, lines + done, by=by, now=now, seconds=took)
    return Receipt(halt, tuple(lines + done), took)


def carry_on(halt: Halt, reach: Reach, *, by: str, now: datetime) -> Receipt:
    """Stop at the broker once more what `reach` has of a halt that stands; its lines join the halt's receipt.

    What others have at the broker is left to people. Raises RuntimeError inside a transaction.
    """
    with transaction.atomic(durable=True):
        pass  # cancels are on the record before they are sent
    targets, lines = _targets(reach, reason=halt.reason, by=by, now=now)
    done, _ = _stop(targets, level=halt.level, suspend=False)
    receipts.keep(halt, lines + done, by=by, now=now)
    return Receipt(halt, tuple(lines + done))


def _stop(targets: list[Target], *, level: str, suspend: bool) -> tuple[list[Line], float]:
    """What became of each order and position, and when (monotonic) the last entry was final; 0 where there was none."""
    lines: list[Line] = []
    with ExitStack() as stack:
        for target in targets:
            stack.enter_context(target.gateway.urgently())
        # Every account's cancels are on the wire before the first one is waited for.
        begun = [stopping.begin(target, level=level) for target in targets]
        for each in begun:
            done = stopping.finish(each)
            if suspend and level == Halt.Level.H3 and each.target.whole:
                complete = all(line.confirmed for line in done)
                done.append(stopping.suspend(each.target.account, each.target.gateway, complete=complete))
            lines += done
    return lines, max((each.asked.heard_at for each in begun), default=0.0)


def _latch(reach: Reach, *, level: str, reason: str, by: str, now: datetime) -> Halt:
    with refusals.attempt():
        try:
            kind, key = reach.scope()
        except ValueError as problem:
            raise halts.HaltRefused(str(problem), by=by, now=now, subject="halt") from problem
    return halts.engage(level=level, scope_kind=kind, scope_key=key, reason=reason, by=by, now=now)


def _targets(reach: Reach, *, reason: str, by: str, now: datetime) -> tuple[list[Target], list[Line]]:
    """The accounts that can be reached, and a line for each that cannot."""
    targets, lines = [], []
    for account in reach.accounts():
        try:
            gateway = factory.gateway_for(account.number)
        except (factory.NoSuchAccount, credentials.DoNotBelongTogether) as missing:
            lines.append(Line(account.number, account.number, "cancel", False, str(missing)))
            continue
        targets.append(
            Target(account, gateway, reason, by, now, reach.strategy, reach.symbol, everything=reach.everything)
        )
    return targets, lines
