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
from risk import limits, wording
from risk.at_trade.conduct import ERRORS_WITHIN, REJECTS_WITHIN
from risk.standing import Limits, Unjudgeable
from trading import market_data, sessions
from trading.broker.gateway import ClockReport
from trading.choices import Timeframe
from trading.models import Account, Bar, EnginePass, ProcessHeartbeat

DATA_STALE = timedelta(minutes=3)
"""Age of the newest bar (venue's clock) while the market is open; a thin feed may lack a minute or two."""

STREAM_SILENT = timedelta(minutes=3)
"""How long (wall clock) the stream may tell nothing while the market is open: bars come every minute."""

PASSES_WITHIN, PASS_LASTS = timedelta(minutes=10), timedelta(minutes=1)
"""Control 33: a pass begun within the first counts as unfinished once it is older than the second."""

SKEW = timedelta(seconds=2)
"""Control 36: difference of our clock from the broker's and the database's."""

BUILDS_OVERLAP = timedelta(seconds=30)
"""How long processes of two builds may work beside each other while a new one is rolled out. Control 39."""

ALIVE = timedelta(seconds=60)
UNACKNOWLEDGED = timedelta(minutes=15)
"""Control 40: a critical alert that nobody has taken up by then stops entries."""

_SHARED = ("@site", "@schedule", "@simulated")
"""Heartbeats that several processes write: their build says nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something amiss, in words; `process` names who or what it is about."""

    process: str
    sentence: str


def all_of(*, now: datetime, clock: ClockReport | None) -> list[Finding]:
    """Every sign there is now. `now` is the wall clock, `clock` the broker's, None where it could not be read."""
    found = [*builds(now=now), *unacknowledged(now=now), *skew_of_database(now=now)]
    found += bursts(limits.in_force(now=now), now=now)
    if clock is not None:
        found += [*stale_data(clock), *silent_stream(clock, now=now), *skew_of_broker(clock, now=now)]
    return found


def stale_data(clock: ClockReport) -> Iterator[Finding]:
    """The newest bar of all symbols traded is too old while the market is open."""
    if not _open_for(DATA_STALE, clock):
        return
    symbols = {symbol for account in Account.objects.filter(active=True) for symbol in market_data.symbols_of(account)}
    bars = Bar.objects.filter(instrument__symbol__in=symbols, timeframe=Timeframe.MINUTE, start_at__lte=clock.at)
    newest = bars.aggregate(at=Max("start_at"))["at"]
    if not symbols or (newest is not None and clock.at - (newest + timedelta(minutes=1)) <= DATA_STALE):
        return
    seen = f"the newest bar is of {newest:%H:%M} UTC" if newest else "there is no bar"
    yield Finding("data", f"market data is stale: {seen}, and the market's clock reads {clock.at:%H:%M:%S}")


def silent_stream(clock: ClockReport, *, now: datetime) -> Iterator[Finding]:
    """The stream lives and tells nothing while the market is open."""
    if not _open_for(STREAM_SILENT, clock):
        return
    rows = ProcessHeartbeat.objects.filter(process="stream", beat_at__gte=now - ALIVE)
    told = rows.aggregate(at=Max("worked_at"), began=Max("started_at"))
    last = max((each for each in told.values() if each is not None), default=None)
    if last is not None and now - last > STREAM_SILENT:
        yield Finding("stream", f"the stream has told nothing for {int((now - last).total_seconds())} s")


def bursts(in_force: Limits, *, now: datetime) -> Iterator[Finding]:
    """Of the whole firm too many rejections, orders without an answer, or passes that do not come to an end.

    A limit that is not in force is a sign too: what cannot be judged does not go on.
    """
    events = AuditEvent.objects.filter(at__lte=now)
    rejected = events.filter(event="order.rejected", at__gt=now - REJECTS_WITHIN)
    unknown = events.filter(event="order.unknown", at__gt=now - ERRORS_WITHIN)
    # A pass that fails is left open and taken up again; one that was begun just now may still be at work.
    left = EnginePass.objects.filter(
        outcome=EnginePass.Outcome.RUNNING, started_at__gt=now - PASSES_WITHIN, started_at__lte=now - PASS_LASTS
    )
    for name, rows, process, said, span in (
        ("rejects_burst", rejected, "orders", "the broker rejected {} orders within {}", REJECTS_WITHIN),
        ("errors_burst", unknown, "orders", "{} orders got no answer within {}", ERRORS_WITHIN),
        ("passes_burst", left, "passes", "{} passes were begun and not finished within {}", PASSES_WITHIN),
    ):
        try:
            limit = in_force[name]
        except Unjudgeable as unjudgeable:
            yield Finding("limits", str(unjudgeable))
            continue
        if (seen := rows.count()) and seen >= limit.value:
            told = said.format(seen, wording.span(span.total_seconds()))
            yield Finding(process, f"{told}; entries stop at {wording.count(limit.value)} (version {limit.version})")


def skew_of_broker(clock: ClockReport, *, now: datetime) -> Iterator[Finding]:
    """Our clock against the broker's; a simulated venue has a time of its own."""
    skew = abs(clock.at - now)
    if not settings.VENUE_CONTROL_URL and skew > SKEW:
        yield Finding("clock", f"this machine's clock is {skew.total_seconds():.1f} s off the broker's")


def skew_of_database(*, now: datetime) -> Iterator[Finding]:
    """Our clock against the database's, by which leases and sign-offs expire."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        ((there,),) = cursor.fetchall()
    if abs(there - now) > SKEW:
        yield Finding("clock", f"this machine's clock is {abs(there - now).total_seconds():.1f} s off the database's")


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


def unacknowledged(*, now: datetime) -> Iterator[Finding]:
    """A critical alert that nobody has taken up; those about halts stop nothing twice."""
    waiting = Alert.objects.unacknowledged().filter(severity=Severity.CRITICAL, opened_at__lte=now - UNACKNOWLEDGED)
    oldest = waiting.exclude(event__startswith="halt.").order_by("opened_at").first()
    if oldest is not None:
        age = int((now - oldest.opened_at).total_seconds() // 60)
        yield Finding("alerts", f"nobody has acknowledged a critical alert for {age} minutes: {oldest.sentence}")


def _open_for(least: timedelta, clock: ClockReport) -> bool:
    session = sessions.session_at(clock.at) if clock.is_open else None
    return session is not None and clock.at - session.open_at > least
