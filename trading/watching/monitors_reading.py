"""What the monitors watch of one account, read in a constant number of statements. Writes nothing."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, Q

from risk.at_trade import conduct
from risk.at_trade.values import Bare, Executed, Market, Move, Slip, Track, Waiting, Watched
from risk.models import Halt
from trading import market_data, sessions, transfers
from trading.choices import OrderClass, OrderStatus, Purpose, Timeframe
from trading.models import Account, AccountState, LossTrack
from trading.proposing import protection
from trading.reading import books

FIGURES_AGE = timedelta(minutes=2)
"""Figures of the broker older than this (wall clock) are not judged: the monitors that need them say so."""

LATEST = 200
"""Orders looked at, newest first: repetition, bursts and slippage are of the latest ones."""

_EVER = datetime.min.replace(tzinfo=sessions.NEW_YORK)

# Served by `order_blotter`; what an order's fills realised is summed for those that were filled alone.
_READ = """
    SELECT coalesce(json_agg(json_build_array(
        s.name, i.symbol, o.purpose, o.side, o.status, o.parent_id IS NULL, o.order_class, o.filled_quantity,
        o.filled_average_price, n.reference_price, o.session_date, o.submitted_at, o.finished_at, coalesce(r.pnl, 0.0)
    ) ORDER BY coalesce(o.finished_at, o.created_at) DESC, o.id DESC), '[]')::text
    FROM (SELECT * FROM trading_order WHERE account_id = %s ORDER BY created_at DESC LIMIT %s) o
    JOIN trading_orderintent n ON n.id = o.intent_id
    JOIN trading_instrument i ON i.id = o.instrument_id
    LEFT JOIN trading_strategy s ON s.id = n.strategy_id
    LEFT JOIN LATERAL (
        SELECT sum(c.realised_pnl) AS pnl FROM trading_fill f JOIN trading_lotclosing c ON c.closing_fill_id = f.id
        WHERE f.order_id = o.id AND o.filled_quantity > 0
    ) r ON true
"""


@dataclass(frozen=True, slots=True)
class _Line:
    strategy: str | None
    symbol: str
    purpose: str
    side: str
    status: str
    is_root: bool
    order_class: str
    filled: Decimal
    price: Decimal | None
    reference: Decimal | None
    session_date: str
    submitted_at: datetime | None
    finished_at: datetime | None
    realised: Decimal

    @property
    def at(self) -> datetime:
        """When it ended, or else was sent."""
        return self.finished_at or self.submitted_at or _EVER


@dataclass(frozen=True, slots=True)
class _Released:
    """When people last let entries go on (wall clock): what was before is settled and not counted again."""

    account: datetime
    strategies: dict[str, datetime]


def read(account: Account, held: books.Books, *, now: datetime, market_now: datetime) -> Watched:
    """The account as it stands; nine statements, and one more where a holding is bare. `now` is the wall clock."""
    state = AccountState.objects.get(account=account)
    known = state.figures_at is not None and now - state.figures_at <= FIGURES_AGE
    lines, released = _lines(account), _released(account)
    settled, track = [line for line in lines if line.at > released.account], _track(account)
    return Watched(
        account=account.number,
        mode=account.mode,
        now=now,
        session_date=sessions.date_of(market_now),
        equity=state.equity if known else None,
        last_equity=state.last_equity if known else None,
        transfers=state.intraday_adjustments if known else None,
        track=track,
        settled=_settled(account, track, market_now),
        executed=tuple(_executed(lines, released)),
        rejects=_count(settled, {OrderStatus.REJECTED}, now - conduct.REJECTS_WITHIN),
        errors=_count(settled, {OrderStatus.UNKNOWN, OrderStatus.WITHDRAWN}, now - conduct.ERRORS_WITHIN),
        slips=tuple(_slips(settled)),
        unresolved=tuple(
            Waiting(line.symbol, line.submitted_at)
            for line in lines
            if line.status in (OrderStatus.SUBMITTED, OrderStatus.UNKNOWN) and line.submitted_at
        ),
        bare=_bare(held, now),
        values=_values(held, market_now),
        market=_market(account, market_now),
    )


def _lines(account: Account) -> list[_Line]:
    with connection.cursor() as cursor:
        cursor.execute(_READ, [account.pk, LATEST])
        ((text,),) = cursor.fetchall()
    return [_line(row) for row in json.loads(text, parse_float=Decimal)]


def _line(row: list[Any]) -> _Line:
    *plain, submitted, finished, realised = row
    values = (*plain, _instant(submitted), _instant(finished), realised)
    return _Line(*values)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _released(account: Account) -> _Released:
    reach = Q(scope_kind="firm") | Q(scope_kind="account", scope_key=account.number) | Q(scope_kind="strategy")
    ended = Halt.objects.filter(reach, released_at__isnull=False).values_list("scope_kind", "scope_key")
    last = {(kind, key): at for kind, key, at in ended.annotate(last=Max("released_at"))}
    whole = max((at for (kind, _), at in last.items() if kind != "strategy"), default=_EVER)
    return _Released(whole, {key: at for (kind, key), at in last.items() if kind == "strategy"})


def _track(account: Account) -> Track | None:
    row = LossTrack.objects.filter(account=account).first()
    if row is None:
        return None
    return Track(
        row.session_date,
        row.base_equity,
        row.transfers,
        row.closed,
        row.index,
        row.week,
        row.week_index,
        row.peak_index,
        row.peak_date,
    )


def _settled(account: Account, track: Track | None, market_now: datetime) -> Decimal | None:
    """What came between two closes, by the broker's activities or its figure of that session, whichever knows more."""
    if track is None:
        return None
    return transfers.larger(track.transfers, transfers.settled(account, track.session_date, market_now=market_now))


def _executed(lines: Iterable[_Line], released: _Released) -> Iterator[Executed]:
    for line in lines:
        if line.strategy and line.filled and line.at > released.strategies.get(line.strategy, _EVER):
            yield Executed(line.strategy, line.symbol, line.purpose, line.realised)


def _count(lines: Iterable[_Line], statuses: set[OrderStatus], since: datetime) -> int:
    """Orders that were sent, or tried to be, and ended so since then."""
    return sum(1 for line in lines if line.status in statuses and line.submitted_at and line.at > since)


def _slips(lines: Iterable[_Line]) -> Iterator[Slip]:
    """Orders decided on a quote and filled; an OCO's prices were set long before its fill."""
    decided = (Purpose.ENTRY, Purpose.EXIT, Purpose.FLATTEN)
    for line in lines:
        wanted = line.is_root and line.filled and line.purpose in decided and line.order_class != OrderClass.OCO
        if wanted and line.price and line.reference:
            day = date.fromisoformat(line.session_date)
            yield Slip(line.symbol, line.side, line.reference, line.price, day)


def _bare(held: books.Books, now: datetime) -> tuple[Bare, ...]:
    bare = protection.naked(held)
    if not bare:
        return ()
    return tuple(
        Bare(line.symbol, bare[line.instrument_id], line.naked_since or now)
        for line in held.positions
        if line.instrument_id in bare
    )


_MOVES = """
    SELECT i.symbol, b.close, n.close, n.start_at, i.paused_at IS NOT NULL, i.paused_because
    FROM trading_instrument i
    LEFT JOIN LATERAL (
        SELECT close FROM trading_bar WHERE instrument_id = i.id AND start_at < %(open)s
        ORDER BY start_at DESC LIMIT 1) b ON true
    LEFT JOIN LATERAL (
        SELECT close, start_at FROM trading_bar
        WHERE instrument_id = i.id AND timeframe = %(minute)s AND start_at >= %(open)s AND start_at <= %(now)s
        ORDER BY start_at DESC LIMIT 1) n ON true
    WHERE i.symbol = ANY(%(symbols)s) ORDER BY i.symbol
"""


def _market(account: Account, market_now: datetime) -> Market | None:
    """How the account's symbols moved since the last close, and whether all trading is halted; two statements."""
    session, symbols = sessions.session_at(market_now), market_data.symbols_of(account)
    if session is None or not symbols:
        return None
    with connection.cursor() as cursor:
        terms: dict[str, Any] = {
            "open": session.open_at,
            "now": market_now,
            "symbols": symbols,
            "minute": Timeframe.MINUTE,
        }
        cursor.execute(_MOVES, terms)
        rows = cursor.fetchall()
    halted = next((why for *_, paused, why in rows if paused and market_data.is_market_wide(why)), "")
    moves = tuple(Move(symbol, before, last, at) for symbol, before, last, at, _, _ in rows)
    return Market(market_now, session.open_at, moves, halted)


def _values(held: books.Books, market_now: datetime) -> tuple[tuple[str, Decimal | None], ...]:
    if not held.positions:
        return ()
    last = market_data.windows([line.symbol for line in held.positions], length=1, until=market_now)
    return tuple(
        (line.symbol, abs(line.quantity) * last[line.symbol].last.close if line.symbol in last else None)
        for line in held.positions
    )
