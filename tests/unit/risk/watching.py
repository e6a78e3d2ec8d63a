"""An account that no monitor has anything to say about, to be spoilt by one field at a time."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from risk import at_trade
from risk.at_trade.values import Alarm, Market, Move, Track, Watched
from risk.standing import Limits
from tests.unit.risk.cases import NOW, POLICY, D

WEDNESDAY, MONDAY = date(2026, 3, 4), date(2026, 3, 2)

TRACK = Track(
    session_date=WEDNESDAY, base_equity=D("100000"), transfers=D("0"), closed=D("1"), index=D("1"), week=MONDAY,
    week_index=D("1"), peak_index=D("1"), peak_date=date(2026, 2, 27),
)  # fmt: skip

CALM = Watched(
    account="PA1", mode="paper", now=NOW, session_date=WEDNESDAY, equity=D("100000"), last_equity=D("100000"),
    transfers=D("0"), track=TRACK,
    market=Market(NOW, NOW - timedelta(minutes=30), (Move("AAPL", D("100"), D("100"), NOW),)),
)  # fmt: skip


def alarms(limits: Limits = POLICY, **changes: Any) -> list[Alarm]:
    """Everything that alarms once the calm account is changed so."""
    found, blind = at_trade.judge(replace(CALM, **changes), limits)
    assert blind == ()
    return list(found)


def said(limits: Limits = POLICY, **changes: Any) -> list[tuple[str, str]]:
    """(code, action) of everything that alarms."""
    return [(each.code.value, each.action.value) for each in alarms(limits, **changes)]


def blind(limits: Limits = POLICY, **changes: Any) -> set[int]:
    """Numbers of the monitors that cannot judge once the calm account is changed so."""
    _, found = at_trade.judge(replace(CALM, **changes), limits)
    return {each.number for each in found}


def at(seconds: float) -> datetime:
    """So many seconds ago."""
    return datetime.fromtimestamp(NOW.timestamp() - seconds, NOW.tzinfo)
