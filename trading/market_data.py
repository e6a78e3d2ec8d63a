"""The one writer of instruments and bars, and the windows that rules look at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from trading import sessions
from trading.bars import Bar as BarValue
from trading.bars import BarWindow, InvalidBar
from trading.broker.gateway import BarReport, BrokerGateway, StatusReport
from trading.choices import Timeframe
from trading.models import Account, Bar, Instrument, Strategy

VOLUME_SESSIONS = 20
"""Sessions in an average volume. One that the broker tells nothing of counts as none traded: the average errs low."""

VOLUME_HISTORY = timedelta(days=40)
"""How far back those sessions may lie."""

HISTORY = timedelta(days=7)
"""How far back a first backfill asks: enough minutes for every rule's warm-up across a long weekend."""


def symbols_of(account: Account) -> list[str]:
    """Symbols that any active strategy of the account trades, in order."""
    return sorted({symbol for row in Strategy.objects.filter(account=account, active=True) for symbol in row.symbols})


def ingest(reports: Iterable[BarReport], *, timeframe: Timeframe = Timeframe.MINUTE) -> int:
    """Keep bars not kept yet; a second copy of a bar changes nothing. Returns how many were refused as unsound.

    A bar of a symbol no strategy trades is passed over.
    """
    ids = dict(Instrument.objects.values_list("symbol", "pk"))
    rows, refused = [], 0
    for report in reports:
        if report.symbol not in ids:
            continue
        try:
            value(report)
        except InvalidBar:
            refused += 1
            continue
        rows.append(
            Bar(
                instrument_id=ids[report.symbol],
                timeframe=timeframe,
                start_at=report.start_at,
                open=report.open,
                high=report.high,
                low=report.low,
                close=report.close,
                volume=report.volume,
            )
        )
    Bar.objects.bulk_create(rows, ignore_conflicts=True)
    if timeframe == Timeframe.MINUTE:
        _trade_again(rows)
    return refused


TRADES_AGAIN = frozenset({"T", "3"})
"""Words of a trading status that let a symbol trade again (Nasdaq's tapes, and those of NYSE)."""

PAUSES = frozenset({"H", "P", "Q", "2", "F"})
"""Words that halt or pause it; quoting alone ("Q") is not trading yet."""

_MARKET_WIDE = "MWC"


def keep_status(report: StatusReport) -> bool:
    """Keep that a symbol pauses or trades again; whether it changed anything. Whatever else is told is passed over."""
    rows = Instrument.objects.filter(symbol=report.symbol)
    if report.code in TRADES_AGAIN:
        return bool(rows.exclude(paused_at=None).update(paused_at=None, paused_because=""))
    if report.code not in PAUSES:
        return False
    why = f"{report.reason_code} {report.reason}".strip() or report.message or "halted"
    return bool(rows.update(paused_at=report.at, paused_because=why[:200]))


def is_market_wide(why: str) -> bool:
    """Whether the reason of a pause is that of the whole market: its circuit breaker."""
    return why.startswith(_MARKET_WIDE)


def _trade_again(bars: list[Bar]) -> None:
    """A bar that began after a pause shows that it is over, whatever status was missed."""
    newest: dict[int, datetime] = {}
    for bar in bars:
        newest[bar.instrument_id] = max(newest.get(bar.instrument_id, bar.start_at), bar.start_at)
    for paused in Instrument.objects.filter(pk__in=newest).exclude(paused_at=None):
        if paused.paused_at is not None and newest[paused.pk] > paused.paused_at:
            paused.paused_at, paused.paused_because = None, ""
            paused.save(update_fields=["paused_at", "paused_because"])


def value(report: BarReport) -> BarValue:
    """The bar as the rules see it. Raises `InvalidBar` where it must not be traded on."""
    return BarValue(report.symbol, report.start_at, report.open, report.high, report.low, report.close, report.volume)


# One walk back along the index `bar_once` per symbol, however many bars are kept.
_WINDOWS = """
    SELECT i.symbol, b.start_at, b.open, b.high, b.low, b.close, b.volume
    FROM trading_instrument i
    CROSS JOIN LATERAL (
        SELECT * FROM trading_bar
        WHERE instrument_id = i.id AND timeframe = %s AND start_at <= %s AND start_at >= %s
        ORDER BY start_at DESC LIMIT %s
    ) b
    WHERE i.symbol = ANY(%s) ORDER BY b.start_at
"""


def windows(
    symbols: Sequence[str], *, length: int, until: datetime, timeframe: Timeframe = Timeframe.MINUTE
) -> dict[str, BarWindow]:
    """The last `length` bars of each symbol up to and including the one that starts at `until`; one query for all."""
    bars: dict[str, list[BarValue]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_WINDOWS, [timeframe, until, until - HISTORY, length, list(symbols)])
        for symbol, start_at, *figures in cursor.fetchall():
            bars[symbol].append(BarValue(symbol, start_at.astimezone(UTC), *figures))
    return {symbol: BarWindow(symbol, tuple(found)) for symbol, found in bars.items()}


def backfill(gateway: BrokerGateway, symbols: Sequence[str], *, until: datetime) -> int:
    """Ask the broker for the minutes since the last bar kept, or for the last week's; returns how many it told."""
    newest = (
        Bar.objects.filter(instrument__symbol__in=symbols, timeframe=Timeframe.MINUTE, start_at__lte=until)
        .order_by("-start_at")
        .values_list("start_at", flat=True)
        .first()
    )
    start = max(newest, until - HISTORY) if newest else until - HISTORY
    reports = gateway.bars(symbols, Timeframe.MINUTE, start, until)
    ingest(reports)
    return len(reports)


_AVERAGE = """
    UPDATE trading_instrument SET average_volume = found.total / %s, average_volume_date = found.last
    FROM (
        SELECT i.id, sum(b.volume) AS total, (max(b.start_at) AT TIME ZONE 'America/New_York')::date AS last
        FROM trading_instrument i
        CROSS JOIN LATERAL (
            SELECT start_at, volume FROM trading_bar
            WHERE instrument_id = i.id AND timeframe = %s AND start_at >= %s AND start_at <= %s
            ORDER BY start_at DESC LIMIT %s
        ) b
        WHERE i.symbol = ANY(%s) GROUP BY i.id
    ) AS found
    WHERE trading_instrument.id = found.id
"""


def keep_volumes(gateway: BrokerGateway, symbols: Sequence[str], *, market_now: datetime) -> None:
    """Bring the average volumes up to the last closed session, by the broker's daily bars; asks nothing when they are.

    Raises what the gateway raises. A symbol the broker has no bars of keeps no figure, and control 16 denies it.
    """
    last = sessions.last_closed(market_now).date
    fresh = Instrument.objects.filter(symbol__in=symbols, average_volume_date__gte=last).count()
    if fresh == len(set(symbols)):
        return
    since = market_now - VOLUME_HISTORY
    told = gateway.bars(symbols, Timeframe.DAY, since, market_now)
    # The bar of a session that is still going on will change, and bars are never changed once written.
    ingest((each for each in told if sessions.date_of(each.start_at) <= last), timeframe=Timeframe.DAY)
    with connection.cursor() as cursor:
        cursor.execute(_AVERAGE, [VOLUME_SESSIONS, Timeframe.DAY, since, market_now, VOLUME_SESSIONS, list(symbols)])


def describe(gateway: BrokerGateway, symbols: Iterable[str], *, now: datetime) -> list[str]:
    """Bring the instruments' rows up to what the broker says of them; returns the symbols it does not know."""
    unknown = []
    for symbol in symbols:
        asset = gateway.asset(symbol)
        if asset is None:
            unknown.append(symbol)
            Instrument.objects.filter(symbol=symbol).update(tradable=False, checked_at=now)
            continue
        Instrument.objects.update_or_create(
            symbol=symbol,
            defaults={
                "name": asset.name,
                "exchange": asset.exchange,
                "tradable": asset.tradable and asset.status == "active",
                "leveraged": _leveraged(asset.name),
                "checked_at": now,
            },
        )
    return unknown


_LEVERAGED_WORDS = ("2x", "3x", "ultra", "inverse", "leveraged", "daily bull", "daily bear", "-1x")


def _leveraged(name: str) -> bool:
    """Whether the name says leveraged or inverse: the broker has no flag for it, so its words are read."""
    lowered = name.lower()
    return any(word in lowered for word in _LEVERAGED_WORDS)
