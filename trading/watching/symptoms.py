"""Signs that the desk does not do what it should, each with what was seen. Nothing is changed here."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Max

from audit.models import Alert, AuditEvent
from audit.severity import Severity
from risk import limits, policy, wording
from risk.at_trade.conduct import ERRORS_WITHIN, REJECTS_WITHIN
from risk.models import Halt
from risk.models.scope import ScopeKind
from risk.standing import LimitInForce, Limits, Unjudgeable
from trading import market_data, sessions
from trading.broker.gateway import ClockReport
from trading.choices import Timeframe
from trading.models import Account, Bar, EnginePass, ProcessHeartbeat

PASSES_WITHIN, PASS_LASTS = timedelta(minutes=10), timedelta(minutes=1)
"""Control 33: a pass begun within the first counts as unfinished once it is older than the second."""

BUILDS_OVERLAP = timedelta(seconds=30)
"""How long processes of two builds may work beside each other while a new one is rolled out. Control 39."""

SKEW_TOLD = timedelta(milliseconds=500)
"""Control 36: clocks further apart are told; the limit `skew_seconds` halts."""

ALIVE = timedelta(seconds=60)

_SHARED = ("@site", "@schedule", "@simulated")
"""Heartbeats that several processes write: their build says nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something amiss, in words; `process` names who or what it is about."""

    process: str
    sentence: str
    halts: bool = True
    """False where people are told and entries go on."""


def all_of(*, now: datetime, clock: ClockReport | None) -> list[Finding]:
    """Every sign there is now. `now` is the wall clock, `clock` the broker's, None where it could not be read.

    A limit that is not in force is a sign too: what cannot be judged does not go on.
    """
    in_force = limits.in_force(now=now)
    judged = [unacknowledged(in_force, now=now), skew_of_database(in_force, now=now), bursts(in_force, now=now)]
    if clock is not None:
        judged.append(stale_data(in_force, clock))
        judged += [silent_stream(in_force, clock, now=now), skew_of_broker(in_force, clock, now=now)]
    found = list(builds(now=now))
    for signs in judged:
        try:
            found.extend(signs)
        except Unjudgeable as unjudgeable:
            found.append(Finding("limits", str(unjudgeable)))
    return found


def stale_data(in_force: Limits, clock: ClockReport) -> Iterator[Finding]:
    """The newest bar of all symbols traded is too old while the market is open; a thin feed may lack a minute or two.

    Raises Unjudgeable, as those below do, where no limit says what is too old.
    """
    limit = in_force["data_silent_seconds"]
    if not _open_for(limit, clock):
        return
    symbols = {symbol for account in Account.objects.filter(active=True) for symbol in market_data.symbols_of(account)}
    bars = Bar.objects.filter(instrument__symbol__in=symbols, timeframe=Timeframe.MINUTE, start_at__lte=clock.at)
    newest = bars.aggregate(at=Max("start_at"))["at"]
    if not symbols or (newest is not None and not _beyond(limit, clock.at - (newest + timedelta(minutes=1)))):
        return
    seen = f"the newest bar is of {newest:%H:%M} UTC" if newest else "there is no bar"
    told = f"market data is stale: {seen}, and the market's clock reads {clock.at:%H:%M:%S}"
    yield Finding("data", _with(told, limit))


def silent_stream(in_force: Limits, clock: ClockReport, *, now: datetime) -> Iterator[Finding]:
    """The stream lives and tells nothing (by the wall clock) while the market is open: bars come every minute."""
    limit = in_force["stream_silent_seconds"]
    if not _open_for(limit, clock):
        return
    rows = ProcessHeartbeat.objects.filter(process="stream", beat_at__gte=now - ALIVE)
    told = rows.aggregate(at=Max("worked_at"), began=Max("started_at"))
    last = max((each for each in told.values() if each is not None), default=None)
    if last is not None and _beyond(limit, now - last):
        told_nothing = f"the stream has told nothing for {int((now - last).total_seconds())} s"
        yield Finding("stream", _with(told_nothing, limit))


def bursts(in_force: Limits, *, now: datetime) -> Iterator[Finding]:
    """Of the whole firm too many rejections, orders without an answer, or passes that do not come to an end.

    What two people looked at when they released the firm counts no more.
    """
    released = _released(now)
    events = AuditEvent.objects.filter(at__lte=now)
    rejected = events.filter(event="order.rejected", at__gt=max(released, now - REJECTS_WITHIN))
    unknown = events.filter(event="order.unknown", at__gt=max(released, now - ERRORS_WITHIN))
    # A pass that fails is left open and taken up again; one that was begun just now may still be at work.
    left = EnginePass.objects.filter(
        outcome=EnginePass.Outcome.RUNNING,
        started_at__gt=max(released, now - PASSES_WITHIN),
        started_at__lte=now - PASS_LASTS,
    )
    for name, rows, process, said, span in (
        ("rejects_burst", rejected, "orders", "the broker rejected {} orders within {}", REJECTS_WITHIN),
        ("errors_burst", unknown, "orders", "{} orders got no answer within {}", ERRORS_WITHIN),
        ("passes_burst", left, "passes", "{} passes were begun and not finished within {}", PASSES_WITHIN),
    ):
        limit = in_force[name]
        if (seen := rows.count()) and seen >= limit.value:
            yield Finding(process, _with(said.format(seen, wording.span(span.total_seconds())), limit))


def skew_of_broker(in_force: Limits, clock: ClockReport, *, now: datetime) -> Iterator[Finding]:
    """Our clock against the broker's; a simulated venue has a time of its own."""
    limit = in_force["skew_seconds"]
    if not settings.VENUE_CONTROL_URL:
        yield from _skew(abs(clock.at - now), "the broker's", limit)


def skew_of_database(in_force: Limits, *, now: datetime) -> Iterator[Finding]:
    """Our clock against the database's, by which leases and sign-offs expire."""
    limit = in_force["skew_seconds"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        ((there,),) = cursor.fetchall()
    yield from _skew(abs(there - now), "the database's", limit)


def _skew(skew: timedelta, whose: str, limit: LimitInForce) -> Iterator[Finding]:
    halts = _beyond(limit, skew)
    if halts or skew > SKEW_TOLD:
        told = _with(f"this machine's clock is {skew.total_seconds():.1f} s off {whose}", limit)
        yield Finding("clock", told, halts=halts)


def builds(*, now: datetime) -> Iterator[Finding]:
    """Processes of different builds at work for longer than a roll-out takes."""
    rows = ProcessHeartbeat.objects.filter(beat_at__gt=now - ALIVE)
    alive = [row for row in rows if not row.instance.endswith(_SHARED)]
    at_work: dict[str, set[str]] = defaultdict(set)
    for row in alive:
        # A process that was replaced says nothing any more soon after its successor began.
        others = [other.started_at for other in alive if other.build != row.build]
        if others and row.beat_at - max([*others, row.started_at]) > BUILDS_OVERLAP:
            at_work[row.build].add(row.process)
    if len(at_work) > 1:
        told = "; ".join(f"{build}: {', '.join(sorted(names))}" for build, names in sorted(at_work.items()))
        yield Finding("build", f"processes of different builds are at work: {told}")


def unacknowledged(in_force: Limits, *, now: datetime) -> Iterator[Finding]:
    """A critical alert that nobody has taken up; those about halts stop nothing twice."""
    limit = in_force["unacknowledged_seconds"]
    longest = timedelta(seconds=int(limit.value))
    waiting = Alert.objects.unacknowledged().filter(severity=Severity.CRITICAL, opened_at__lte=now - longest)
    oldest = waiting.exclude(event__startswith="halt.").order_by("opened_at").first()
    if oldest is not None:
        age = int((now - oldest.opened_at).total_seconds() // 60)
        told = f"nobody has acknowledged a critical alert for {age} minutes: {oldest.sentence}"
        yield Finding("alerts", _with(told, limit))


def _released(now: datetime) -> datetime:
    """When the firm was released last, within the longest time that is looked back."""
    ended = Halt.objects.filter(scope_kind=ScopeKind.FIRM, released_at__gt=now - PASSES_WITHIN)
    return ended.aggregate(last=Max("released_at"))["last"] or now - PASSES_WITHIN


def _open_for(least: LimitInForce, clock: ClockReport) -> bool:
    session = sessions.session_at(clock.at) if clock.is_open else None
    return session is not None and _beyond(least, clock.at - session.open_at)


def _beyond(limit: LimitInForce, passed: timedelta) -> bool:
    return passed.total_seconds() > limit.value


def _with(told: str, limit: LimitInForce) -> str:
    """What was seen, and the limit that makes it a sign."""
    unit = policy.BOUNDS[limit.name].unit
    most = wording.span(limit.value) if unit == policy.SECONDS else wording.count(limit.value)
    return f"{told}; entries stop at {most} (version {limit.version})"
