"""Watching an account while it trades: reads what the monitors need, and does what their alarms call for.

What it stops is latched, and two people let it go on. It judges in sessions only: by night nothing could be done.
"""

import logging
from dataclasses import asdict, replace
from datetime import date, datetime

from django.db import transaction

from risk import at_trade, breaches, halts, limits
from risk.at_trade import losses
from risk.at_trade.values import Action, Alarm, Watched
from risk.models import Halt
from trading import sessions
from trading.halting import carrying_on, kill_switch
from trading.models import Account, LossTrack
from trading.reading import books
from trading.watching import blind_spots, monitors_reading

logger = logging.getLogger(__name__)

BY = "monitors"

_LEVELS = {Action.H1: "H1", Action.H2: "H2", Action.H3: "H3", Action.DISABLE: "H1"}

_DONE = {
    Action.WARN: "a warning was told; nothing was stopped",
    Action.H1: "H1 engaged for the account: entries stop until two people release it",
    Action.H2: "H2 engaged for the account: entries stop and working ones are canceled until two people release it",
    Action.H3: "H3 engaged for the account: every position is closed, and nothing is sent until two people release it",
    Action.DISABLE: "H1 engaged for the strategy: it enters nothing until two people re-arm it",
}


def watch(account: Account, *, now: datetime, market_now: datetime) -> list[Alarm]:
    """Judge the account as it stands and act on what alarms; returns what was acted on. Safe to run twice at once.

    `now` is the wall clock, `market_now` the venue's. Outside of sessions nothing is judged.
    Raises RuntimeError inside a transaction where something has to be canceled or closed.
    """
    if sessions.session_at(market_now) is None:
        return []
    held = books.read(account.pk)
    watched = _with_track(account, monitors_reading.read(account, held, now=now, market_now=market_now))
    alarms, blind = at_trade.judge(watched, limits.in_force(account=account.number, now=now))
    for each in blind:
        blind_spots.tell(
            each,
            called="monitor",
            account=watched.account,
            mode=watched.mode,
            session_date=watched.session_date,
            by=BY,
            now=watched.now,
        )
    acted = [alarm for alarm in _to_act_on(account, alarms) if _act(account, watched, alarm)]
    if held.positions or held.working:
        carrying_on.carry_on(account, by=BY, now=now)
    return acted


def _with_track(account: Account, watched: Watched) -> Watched:
    """The watched account with its return index carried on and kept; unchanged where the figures are not known."""
    equity, last, transfers = watched.equity, watched.last_equity, watched.transfers
    if equity is None or last is None or transfers is None or last <= 0:
        return watched
    track = losses.advance(
        watched.track,
        session_date=watched.session_date,
        equity=equity,
        last_equity=last,
        transfers=transfers,
        settled=watched.settled,
    )
    if track != watched.track:
        LossTrack.objects.update_or_create(account=account, defaults=asdict(track))
    return replace(watched, track=track)


def _to_act_on(account: Account, alarms: tuple[Alarm, ...]) -> list[Alarm]:
    """Alarms that were not acted on yet: once in their time, and never while what they call for stands already."""
    began = [alarm.once_since for alarm in alarms if alarm.once_since is not None]
    seen = breaches.seen_since(account.number, {alarm.code.value for alarm in alarms}, min(began)) if began else {}
    standing = _standing() if any(alarm.action != Action.WARN for alarm in alarms) else set()
    return [alarm for alarm in alarms if not _is_done(account, alarm, seen, standing)]


def _is_done(
    account: Account, alarm: Alarm, seen: dict[tuple[str, str, str], date], standing: set[tuple[str, str, str]]
) -> bool:
    last = seen.get((alarm.code.value, alarm.strategy, alarm.symbol))
    if alarm.once_since is not None and last is not None and last >= alarm.once_since:
        return True
    return alarm.action != Action.WARN and (_LEVELS[alarm.action], *_scope(account, alarm)) in standing


def _standing() -> set[tuple[str, str, str]]:
    return set(Halt.objects.open().values_list("level", "scope_kind", "scope_key"))


def _scope(account: Account, alarm: Alarm) -> tuple[str, str]:
    return ("strategy", alarm.strategy) if alarm.action == Action.DISABLE else ("account", account.number)


def _act(account: Account, watched: Watched, alarm: Alarm) -> bool:
    """Keep the breach and engage its halt in one transaction, then stop at the broker; False for a mere repeat."""
    stops = alarm.action != Action.WARN
    with transaction.atomic():
        opened = breaches.open_sighting(_seen(watched, alarm), by=BY, now=watched.now)
        if stops:
            kind, key = _scope(account, alarm)
            level = _LEVELS[alarm.action]
            halts.engage(level=level, scope_kind=kind, scope_key=key, reason=alarm.sentence, by=BY, now=watched.now)
    if alarm.action in (Action.H2, Action.H3):
        kill_switch.pull(account=account, level=_LEVELS[alarm.action], reason=alarm.sentence, by=BY, now=watched.now)
    return stops or opened is not None


def _seen(watched: Watched, alarm: Alarm) -> breaches.Sighting:
    where = {"account": watched.account, "mode": watched.mode, "strategy": alarm.strategy}
    return breaches.sighting(alarm, session_date=watched.session_date, done=_DONE, **where)
