"""One account as the gate must see it for one symbol, added up by the database in one statement under its row lock.

What `risk.pre_trade.totals.add_up` does row by row is done here where the rows lie; a test holds both to the same sums.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from risk.exposure import Holding, RecentOrder
from risk.pre_trade import totals
from trading import sessions
from trading.choices import TERMINAL, UNRESOLVED

MINUTE = timedelta(minutes=1)

DUPLICATE_WINDOW = timedelta(minutes=10)
"""How far back recent intents are shown to the duplicate check; its own limit is shorter."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the whole account adds up to, and of the one symbol what is held, blocked and lately asked for."""

    totals: totals.Totals
    holding: Holding | None
    recent: tuple[RecentOrder, ...]
    blocked: dict[str, str]
    """Symbol, or "*" for every one, and why nothing may be entered there."""
    entries_today: int
    entries_today_symbol: int
    messages_today: int
    signal_used: bool


def _listed(values: frozenset[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


# Partial indexes serve both halves of `line`, as in `books`: what is open, however long the history.
_READ = f"""
WITH line AS MATERIALIZED (
    SELECT o.instrument_id, o.side, o.purpose, o.status, o.intent_id, o.stop_price,
           o.status IN ({_listed(UNRESOLVED)}) AS unresolved, o.booked_quantity < o.filled_quantity AS lacks_fill,
           coalesce(nullif(o.limit_price, 0), o.stop_price) AS price,
           CASE WHEN o.status IN ({_listed(TERMINAL)}) THEN o.filled_quantity ELSE o.quantity END
               - o.booked_quantity AS remaining
    FROM (
        SELECT * FROM trading_order WHERE account_id = %(account)s AND NOT (status IN ({_listed(TERMINAL)}))
        UNION ALL
        SELECT * FROM trading_order
        WHERE account_id = %(account)s AND booked_quantity < filled_quantity AND status IN ({_listed(TERMINAL)})
    ) AS o
), the AS (
    SELECT id FROM trading_instrument WHERE symbol = %(symbol)s
), entry AS MATERIALIZED (
    SELECT l.instrument_id, price > 0 AS priced, abs(remaining) * price AS value,
           CASE WHEN n.stop_loss_price > 0
                THEN remaining * greatest(CASE l.side WHEN 'buy' THEN price - n.stop_loss_price
                                                      ELSE n.stop_loss_price - price END, 0)
                ELSE abs(remaining) * price END AS risk
    FROM line l JOIN trading_orderintent n ON n.id = l.intent_id
    WHERE l.purpose = 'entry' AND remaining <> 0
), guard AS (
    SELECT instrument_id, side, sum(remaining) AS shares, sum(remaining * stop_price) AS worth
    FROM line
    WHERE purpose = 'stop' AND remaining <> 0 AND stop_price IS NOT NULL AND status IN ({_listed(totals.LIVE_STOP)})
      AND NOT (status = 'held' AND intent_id IN (
          SELECT intent_id FROM line WHERE purpose = 'entry' AND remaining <> 0))
    GROUP BY instrument_id, side
), held AS MATERIALIZED (
    SELECT p.instrument_id, p.quantity, p.average_price, m.price, m.price > 0 AS priced,
           abs(p.quantity) * m.price AS value, g.shares, abs(p.quantity) AS size,
           greatest(CASE WHEN p.quantity > 0 THEN g.shares * m.price - g.worth
                         ELSE g.worth - g.shares * m.price END, 0) AS lost
    FROM trading_position p
    JOIN trading_instrument i ON i.id = p.instrument_id
    LEFT JOIN unnest(%(symbols)s::text[], %(prices)s::numeric[]) AS m(symbol, price) ON m.symbol = i.symbol
    LEFT JOIN guard g ON g.instrument_id = p.instrument_id
        AND g.side = CASE WHEN p.quantity > 0 THEN 'sell' ELSE 'buy' END
    WHERE p.account_id = %(account)s AND p.quantity <> 0
), value AS MATERIALIZED (
    SELECT i.symbol, i.sector, v.value, v.unpriced
    FROM (SELECT instrument_id, coalesce(sum(value) FILTER (WHERE priced), 0) AS value,
                 bool_or(priced IS NOT TRUE) AS unpriced
          FROM (SELECT instrument_id, priced, value FROM entry UNION ALL
                SELECT instrument_id, priced, value FROM held) AS each
          GROUP BY instrument_id) AS v
    JOIN trading_instrument i ON i.id = v.instrument_id
)
SELECT
    (SELECT coalesce(sum(value), 0) FROM value),
    (SELECT coalesce(max(value), 0) FROM value),
    (SELECT array_agg(symbol) FROM value),
    (SELECT value FROM value WHERE symbol = %(symbol)s),
    (SELECT sector FROM value WHERE symbol = %(symbol)s),
    (SELECT json_object_agg(sector, total)::text
     FROM (SELECT sector, sum(value)::text AS total FROM value GROUP BY sector) AS s),
    (SELECT coalesce(sum(value), 0) FROM entry WHERE priced),
    (SELECT array_agg(symbol) FROM value WHERE unpriced),
    (SELECT coalesce(sum(risk), 0) FROM entry WHERE priced)
    + (SELECT coalesce(sum(CASE WHEN coalesce(shares, 0) = 0 THEN value
                                WHEN shares > size THEN lost * size / shares
                                ELSE lost + (size - shares) * price END), 0) FROM held WHERE priced),
    (SELECT array_agg(DISTINCT side || ' ' || purpose) FROM line
     WHERE instrument_id = (SELECT id FROM the) AND remaining <> 0),
    (SELECT json_object_agg(side, shares)::text
     FROM (SELECT side, sum(remaining)::text AS shares FROM line
           WHERE instrument_id = (SELECT id FROM the) AND remaining <> 0
             AND purpose NOT IN ('entry', {_listed(frozenset(totals.PROTECTIVE))})
           GROUP BY side) AS l),
    (SELECT json_build_array(h.quantity::text, h.average_price::text, h.price::text, s.stop::text, s.shares::text)::text
     FROM held h LEFT JOIN LATERAL (
         SELECT max(nullif(stop_price, 0)) AS stop, coalesce(sum(remaining), 0) AS shares FROM line
         WHERE line.instrument_id = h.instrument_id AND purpose = 'stop'
           AND status NOT IN ({_listed(TERMINAL)})) s ON true
     WHERE h.instrument_id = (SELECT id FROM the)),
    (SELECT count(*) FROM trading_orderintent
     WHERE account_id = %(account)s AND approved AND purpose <> 'adjust' AND decided_at > %(minute_ago)s),
    (SELECT json_agg(json_build_array(n.side, n.quantity::text, n.decided_at, n.signal_id))::text
     FROM trading_orderintent n
     WHERE n.account_id = %(account)s AND n.approved AND n.decided_at > %(recent_from)s
          AND n.purpose <> 'adjust'
       AND n.instrument_id = (SELECT id FROM the)
       -- What reduces a holding may be tried again once its order has ended: it sells nothing more.
       AND (n.purpose = 'entry' OR NOT EXISTS (SELECT 1 FROM trading_order o
            WHERE o.intent_id = n.id AND o.parent_id IS NULL
            AND o.status IN ('rejected', 'withdrawn', 'canceled', 'expired')))),
    (SELECT array[count(*) FILTER (WHERE purpose = 'entry'),
                  count(*) FILTER (WHERE purpose = 'entry' AND instrument_id = (SELECT id FROM the)), count(*)]
     FROM trading_orderintent
     WHERE account_id = %(account)s AND session_date = %(day)s AND approved AND purpose <> 'adjust'),
    EXISTS (SELECT 1 FROM line WHERE instrument_id = (SELECT id FROM the) AND unresolved),
    EXISTS (SELECT 1 FROM line WHERE instrument_id = (SELECT id FROM the) AND lacks_fill),
    EXISTS (SELECT 1 FROM trading_hearing
            WHERE account_id = %(account)s AND heard_from IS NOT NULL AND expires_at > now()),
    (SELECT array_agg(symbol || ' ' || kind) FROM trading_reconciliationbreak
     WHERE account_id = %(account)s AND status = 'open' AND symbol IN ('', %(symbol)s)),
    EXISTS (SELECT 1 FROM trading_orderintent WHERE signal_id = %(signal)s AND approved)
"""  # noqa: S608 - what is put in are fixed lists of words


def read(
    account_id: int,
    symbol: str,
    *,
    marks: dict[str, Decimal],
    market_now: datetime,
    signal_id: int | None = None,
) -> Standing:
    """Add the account up. `marks` are USD per share by symbol, `market_now` the venue's clock."""
    arguments: dict[str, Any] = {
        "account": account_id,
        "symbol": symbol,
        "symbols": list(marks),
        "prices": list(marks.values()),
        "recent_from": market_now - DUPLICATE_WINDOW,
        "minute_ago": market_now - MINUTE,
        "day": sessions.date_of(market_now),
        "signal": signal_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, arguments)
        (row,) = cursor.fetchall()
    return _standing(symbol, *row)


def _standing(
    symbol: str,
    gross: Decimal,
    largest: Decimal,
    symbols: list[str] | None,
    value: Decimal | None,
    sector: str | None,
    by_sector: str | None,
    reserved: Decimal,
    unpriced: list[str] | None,
    open_risk: Decimal,
    resting: list[str] | None,
    leaving: str | None,
    held: str | None,
    last_minute: int,
    recent: str | None,
    today: list[int],
    unresolved: bool,
    lacks_fill: bool,
    heard: bool,
    breaks: list[str] | None,
    signal_used: bool,
) -> Standing:
    sums = totals.Totals(
        gross=gross,
        largest=largest,
        by_symbol={} if value is None else {symbol: value},
        by_sector={name: Decimal(total) for name, total in json.loads(by_sector or "{}").items()},
        sector_of={} if sector is None else {symbol: sector},
        symbols=frozenset(symbols or ()),
        reserved=reserved,
        unpriced=tuple(unpriced or ()),
        open_risk=open_risk,
        resting=_resting(symbol, resting or []),
        leaving={(symbol, side): Decimal(shares) for side, shares in json.loads(leaving or "{}").items()},
        last_minute=last_minute,
    )
    return Standing(
        totals=sums,
        holding=_holding(symbol, sector or "", held),
        recent=tuple(
            RecentOrder(symbol, side, Decimal(quantity), datetime.fromisoformat(at), str(signal or ""))
            for side, quantity, at, signal in json.loads(recent or "[]")
        ),
        blocked=_blocked(symbol, breaks or [], unresolved=unresolved, lacks_fill=lacks_fill, heard=heard),
        entries_today=today[0],
        entries_today_symbol=today[1],
        messages_today=today[2],
        signal_used=signal_used,
    )


def _holding(symbol: str, sector: str, held: str | None) -> Holding | None:
    if held is None:
        return None
    quantity, average, price, stop, protected = json.loads(held)
    return Holding(
        symbol=symbol,
        quantity=Decimal(quantity),
        average_price=Decimal(average),
        price=None if price is None else Decimal(price),
        sector=sector,
        stop_price=None if stop is None else Decimal(stop),
        protected_quantity=Decimal(protected),
    )


def _resting(symbol: str, found: list[str]) -> dict[tuple[str, str], str]:
    """What rests on each side: an entry before an exit, and a protective order only where nothing else does."""
    resting: dict[tuple[str, str], str] = {}
    for each in sorted(found, key=lambda text: _rank(text.partition(" ")[2])):
        side, _, purpose = each.partition(" ")
        resting[symbol, side] = purpose
    return resting


def _rank(purpose: str) -> int:
    return 0 if purpose in totals.PROTECTIVE else 2 if purpose == "entry" else 1


def _blocked(symbol: str, breaks: list[str], *, unresolved: bool, lacks_fill: bool, heard: bool) -> dict[str, str]:
    blocked = {}
    if unresolved:
        blocked[symbol] = "an order there has no known outcome"
    if lacks_fill:
        blocked[symbol] = "a fill there is not booked yet"
    if not heard:
        blocked["*"] = "order updates are not heard: a fill would go unnoticed"
    for each in breaks:
        where, _, kind = each.partition(" ")
        blocked[where or "*"] = f"an open reconciliation break ({kind})"
    return blocked
