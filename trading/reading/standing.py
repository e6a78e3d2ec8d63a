"""One account as the gate must see it for one symbol, added up by the database in one statement under its row lock.

What `risk.pre_trade.totals.add_up` does row by row is done here where the rows lie; a test holds both to the same sums.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from risk.exposure import Holding, RecentOrder
from risk.pre_trade import totals
from risk.standing import ENTRY
from trading import sessions
from trading.choices import UNRESOLVED

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


class _Here(NamedTuple):
    """What is known of the symbol itself, figures as text; guarded shares and their worth are those of live stops."""

    sector: str
    value: str
    quantity: str
    average_price: str
    price: str | None
    guarded: str | None
    worth: str | None

    def holding(self, symbol: str) -> Holding | None:
        """What is held of it; None where only entries are on their way."""
        quantity, shares = Decimal(self.quantity), Decimal(self.guarded or 0)
        if not quantity:
            return None
        return Holding(
            symbol=symbol,
            quantity=quantity,
            average_price=Decimal(self.average_price),
            price=None if self.price is None else Decimal(self.price),
            sector=self.sector,
            stop_price=Decimal(self.worth or 0) / shares if shares else None,
            protected_quantity=shares,
        )


class _OpenHere(NamedTuple):
    """The running sums of one side of the symbol."""

    side: str
    entries: int
    exits: int
    guards: int
    leaving: str

    @property
    def rests(self) -> str:
        """An entry before an exit, and what guards only where nothing else rests; empty where nothing does."""
        if self.entries:
            return ENTRY
        return totals.EXIT if self.exits else totals.GUARD if self.guards else ""


def _listed(values: frozenset[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


# Open orders come as sums that triggers keep (`trading.models.sums`), so this grows with symbols and not with orders.
# What is known of a symbol is brought together by grouping, not by joining: no guess of the planner can make it slow.
_READ = f"""
WITH the AS MATERIALIZED (
    SELECT id FROM trading_instrument WHERE symbol = %(symbol)s
), together AS (
    SELECT instrument_id, sum(quantity) AS quantity, sum(average_price) AS average_price, max(price) AS price,
           sum(entries) AS entries, sum(unpriced) AS unpriced, sum(value) AS entering, sum(risk) AS risk,
           CASE WHEN sum(quantity) > 0 THEN sum(guarded) FILTER (WHERE side = 'sell')
                ELSE sum(guarded) FILTER (WHERE side = 'buy') END AS guarded,
           CASE WHEN sum(quantity) > 0 THEN sum(worth) FILTER (WHERE side = 'sell')
                ELSE sum(worth) FILTER (WHERE side = 'buy') END AS worth
    FROM (
        SELECT instrument_id, '' AS side, quantity, average_price, NULL::numeric AS price, 0 AS entries, 0 AS unpriced,
               0 AS value, 0 AS risk, 0 AS guarded, 0 AS worth
        FROM trading_position WHERE account_id = %(account)s AND quantity <> 0
        UNION ALL
        SELECT instrument_id, side, 0, 0, NULL, entries, unpriced, value, risk, guarded, worth
        FROM trading_opensum WHERE account_id = %(account)s
        UNION ALL
        SELECT i.id, '', 0, 0, m.price::numeric, 0, 0, 0, 0, 0, 0
        FROM json_each_text(%(marks)s::json) AS m(symbol, price)
        JOIN trading_instrument i ON i.symbol = m.symbol
        WHERE m.price::numeric > 0 AND m.price::numeric < 'Infinity'
    ) AS line
    GROUP BY instrument_id
), marked AS (
    SELECT *, abs(quantity) AS size, coalesce(abs(quantity) * price, 0) AS held,
           greatest(CASE WHEN quantity > 0 THEN guarded * price - worth ELSE worth - guarded * price END, 0) AS lost
    FROM together WHERE quantity <> 0 OR entries > 0
), value AS MATERIALIZED (
    SELECT i.symbol, i.sector, m.quantity, m.average_price, m.price, m.guarded, m.worth, m.entering,
           m.entering + m.held AS value, m.unpriced > 0 OR (m.quantity <> 0 AND m.price IS NULL) AS unpriced,
           m.risk + CASE WHEN m.held = 0 THEN 0
                         WHEN coalesce(m.guarded, 0) = 0 THEN m.held
                         WHEN m.guarded > m.size THEN m.lost * m.size / m.guarded
                         ELSE m.lost + (m.size - m.guarded) * m.price END AS risk
    FROM marked m JOIN trading_instrument i ON i.id = m.instrument_id
), every AS (
    SELECT coalesce(sum(value), 0) AS gross, coalesce(max(value), 0) AS largest, array_agg(symbol) AS symbols,
           array_agg(symbol) FILTER (WHERE unpriced) AS unpriced, coalesce(sum(entering), 0) AS reserved,
           coalesce(sum(risk), 0) AS risk
    FROM value
), lately AS MATERIALIZED (
    SELECT id, instrument_id, purpose, side, quantity, decided_at, signal_id FROM trading_orderintent
    WHERE account_id = %(account)s AND decided_at > %(recent_from)s AND approved AND purpose <> 'adjust'
), today AS (
    SELECT coalesce(sum(entries), 0) AS entries, coalesce(sum(messages), 0) AS messages,
           coalesce(sum(entries) FILTER (WHERE instrument_id = (SELECT id FROM the)), 0) AS entries_here
    FROM trading_daycount WHERE account_id = %(account)s AND session_date = %(day)s
)
SELECT
    every.gross, every.largest, every.symbols, every.unpriced, every.reserved, every.risk,
    (SELECT json_object_agg(sector, total)::text
     FROM (SELECT sector, sum(value)::text AS total FROM value GROUP BY sector) AS s),
    (SELECT json_build_array(sector, value::text, quantity::text, average_price::text, price::text, guarded::text,
                             worth::text)::text
     FROM value WHERE symbol = %(symbol)s),
    (SELECT json_agg(json_build_array(side, entries, exits, guards, leaving::text))::text FROM trading_opensum
     WHERE account_id = %(account)s AND instrument_id = (SELECT id FROM the)),
    (SELECT count(*) FROM lately WHERE decided_at > %(minute_ago)s),
    (SELECT json_agg(json_build_array(n.side, n.quantity::text, n.decided_at, n.signal_id))::text
     FROM lately n WHERE n.instrument_id = (SELECT id FROM the)
       -- What reduces a holding may be tried again once its order has ended: it sells nothing more.
       AND (n.purpose = 'entry' OR NOT EXISTS (SELECT 1 FROM trading_order o
            WHERE o.intent_id = n.id AND o.parent_id IS NULL
            AND o.status IN ('rejected', 'withdrawn', 'canceled', 'expired')))),
    array[today.entries, today.entries_here, today.messages],
    EXISTS (SELECT 1 FROM trading_order WHERE account_id = %(account)s AND instrument_id = (SELECT id FROM the)
            AND status IN ({_listed(UNRESOLVED)})),
    EXISTS (SELECT 1 FROM trading_order WHERE account_id = %(account)s AND instrument_id = (SELECT id FROM the)
            AND booked_quantity < filled_quantity),
    EXISTS (SELECT 1 FROM trading_hearing
            WHERE account_id = %(account)s AND heard_from IS NOT NULL AND expires_at > now()),
    (SELECT array_agg(symbol || ' ' || kind) FROM trading_reconciliationbreak
     WHERE account_id = %(account)s AND status = 'open' AND symbol IN ('', %(symbol)s)),
    EXISTS (SELECT 1 FROM trading_orderintent WHERE signal_id = %(signal)s AND approved)
FROM every, today
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
        # One text: two arrays of hundreds would take longer to write than the statement takes to run.
        "marks": json.dumps({name: str(price) for name, price in marks.items()}),
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
    unpriced: list[str] | None,
    reserved: Decimal,
    open_risk: Decimal,
    by_sector: str | None,
    here: str | None,
    open_here: str | None,
    last_minute: int,
    recent: str | None,
    today: list[int],
    unresolved: bool,
    lacks_fill: bool,
    heard: bool,
    breaks: list[str] | None,
    signal_used: bool,
) -> Standing:
    own = None if here is None else _Here(*json.loads(here))
    sides = [_OpenHere(*row) for row in json.loads(open_here or "[]")]
    sums = totals.Totals(
        gross=gross,
        largest=largest,
        by_symbol={} if own is None else {symbol: Decimal(own.value)},
        by_sector={name: Decimal(total) for name, total in json.loads(by_sector or "{}").items()},
        sector_of={} if own is None else {symbol: own.sector},
        symbols=frozenset(symbols or ()),
        reserved=reserved,
        unpriced=tuple(unpriced or ()),
        open_risk=open_risk,
        resting={(symbol, each.side): each.rests for each in sides if each.rests},
        leaving={(symbol, each.side): Decimal(each.leaving) for each in sides if each.exits},
        last_minute=last_minute,
    )
    return Standing(
        totals=sums,
        holding=None if own is None else own.holding(symbol),
        recent=tuple(
            RecentOrder(symbol, side, Decimal(quantity), datetime.fromisoformat(at), str(signal or ""))
            for side, quantity, at, signal in json.loads(recent or "[]")
        ),
        blocked=_blocked(symbol, breaks or [], unresolved=unresolved, lacks_fill=lacks_fill, heard=heard),
        entries_today=int(today[0]),
        entries_today_symbol=int(today[1]),
        messages_today=int(today[2]),
        signal_used=signal_used,
    )


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
