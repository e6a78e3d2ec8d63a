"""One account as the gate must see it for one symbol, added up by the database in one statement under its row lock.

What `risk.pre_trade.totals.add_up` does row by row is done here where the rows lie; a test holds both to the same sums.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from risk.exposure import Holding, RecentOrder
from risk.pre_trade import totals
from risk.standing import ENTRY
from trading import sessions
from trading.choices import UNRESOLVED, OrderStatus
from trading.models import Instrument

MINUTE = timedelta(minutes=1)

DUPLICATE_WINDOW = timedelta(minutes=10)
"""How far back recent intents are shown to the duplicate check; its own limit is shorter."""

SOLD_NOTHING_MORE = frozenset({OrderStatus.REJECTED, OrderStatus.WITHDRAWN, OrderStatus.CANCELED, OrderStatus.EXPIRED})
"""What reduces a holding may be tried again once its order has ended so: it sells nothing more."""


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
# Short names and one line: the driver reads statements of more than 4,096 characters anew every time.
_READ = " ".join(
    f"""
WITH the AS MATERIALIZED (SELECT id, sector FROM trading_instrument WHERE symbol = %(symbol)s),
known AS (
    SELECT x, coalesce(max(q), 0) AS q, max(average) AS average, coalesce(sum(entries), 0) AS entries,
        coalesce(sum(unpriced), 0) AS unpriced, coalesce(sum(entering), 0) AS entering, coalesce(sum(risk), 0) AS risk,
        CASE WHEN max(q) > 0 THEN max(sold) ELSE max(bought) END AS guarded,
        CASE WHEN max(q) > 0 THEN max(sold_worth) ELSE max(bought_worth) END AS worth
    FROM (
        SELECT instrument_id AS x, NULL::numeric AS q, NULL::numeric AS average, entries, unpriced,
            nullif(value, 0) AS entering, nullif(risk, 0) AS risk,
            CASE side WHEN 'sell' THEN guarded END AS sold, CASE side WHEN 'sell' THEN worth END AS sold_worth,
            CASE side WHEN 'buy' THEN guarded END AS bought, CASE side WHEN 'buy' THEN worth END AS bought_worth
        FROM trading_opensum WHERE account_id = %(account)s AND (entries > 0 OR guards > 0)
        UNION ALL
        SELECT instrument_id, quantity, average_price, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM trading_position WHERE account_id = %(account)s AND quantity <> 0
    ) AS line GROUP BY x
), named AS (
    SELECT known.*, symbol, sector, abs(q) AS size, (marks ->> symbol)::numeric AS mark
    FROM known JOIN trading_instrument i ON i.id = x, (SELECT %(marks)s::jsonb AS marks OFFSET 0) AS m
    WHERE q <> 0 OR entries > 0 OFFSET 0
), marked AS (
    SELECT *, CASE WHEN mark > 0 AND mark < 'Infinity' THEN mark END AS price FROM named OFFSET 0
), risked AS (
    SELECT *, coalesce(size * price, 0) AS held,
        greatest(CASE WHEN q > 0 THEN guarded * price - worth ELSE worth - guarded * price END, 0) AS lost
    FROM marked OFFSET 0
), value AS MATERIALIZED (
    SELECT symbol, sector, q, average, price, guarded, worth, entering, entering + held AS value,
        unpriced > 0 OR (q <> 0 AND price IS NULL) AS unpriced,
        risk + CASE WHEN held = 0 THEN 0 WHEN coalesce(guarded, 0) = 0 THEN held
            WHEN guarded > size THEN lost * size / guarded ELSE lost + (size - guarded) * price END AS risk
    FROM risked
), lately AS (
    SELECT id, instrument_id, purpose, side, quantity, decided_at, signal_id FROM trading_orderintent
    WHERE account_id = %(account)s AND decided_at > %(recent_from)s AND approved AND purpose <> 'adjust'
)
SELECT e.*,
    (SELECT json_build_array(sector, value::text, q::text, average::text, price::text, guarded::text, worth::text)::text
        FROM value WHERE symbol = %(symbol)s),
    (SELECT json_agg(json_build_array(side, entries, exits, guards, leaving::text))::text
        FROM trading_opensum WHERE account_id = %(account)s AND instrument_id = the.id),
    (SELECT count(*) FROM lately WHERE decided_at > %(minute_ago)s),
    (SELECT json_agg(json_build_array(side, quantity::text, decided_at, signal_id))::text
        FROM lately n WHERE instrument_id = the.id AND (purpose = 'entry' OR NOT EXISTS (
            SELECT FROM trading_order WHERE intent_id = n.id AND parent_id IS NULL
            AND status IN ({_listed(SOLD_NOTHING_MORE)})))),
    (SELECT ARRAY[coalesce(sum(entries), 0), coalesce(sum(entries) FILTER (WHERE instrument_id = the.id), 0),
            coalesce(sum(messages), 0)]
        FROM trading_daycount WHERE account_id = %(account)s AND session_date = %(day)s),
    EXISTS (SELECT FROM trading_order
        WHERE account_id = %(account)s AND instrument_id = the.id AND status IN ({_listed(UNRESOLVED)})),
    the.id IN (SELECT instrument_id FROM trading_order
        WHERE account_id = %(account)s AND booked_quantity < filled_quantity OFFSET 0),
    EXISTS (SELECT FROM trading_hearing
        WHERE account_id = %(account)s AND heard_from IS NOT NULL AND expires_at > now()),
    (SELECT array_agg(symbol || ' ' || kind) FROM trading_reconciliationbreak
        WHERE account_id = %(account)s AND status = 'open' AND symbol IN ('', %(symbol)s)),
    EXISTS (SELECT FROM trading_orderintent WHERE signal_id = %(signal)s AND approved)
FROM the, LATERAL (
    SELECT coalesce(sum(value), 0), coalesce(max(value), 0), count(*),
        array_agg(symbol) FILTER (WHERE unpriced), coalesce(sum(entering), 0), coalesce(sum(risk), 0),
        the.sector, sum(value) FILTER (WHERE sector = the.sector)
    FROM value
) AS e
""".split()  # noqa: S608 - what is put in are fixed lists of words
)


assert len(_READ) < 4096, len(_READ)  # noqa: S101 - see above


def written(marks: Mapping[str, Decimal]) -> str:
    """Marks as one text: two arrays of hundreds would take longer to write than the statement takes to run."""
    return json.dumps({name: str(price) for name, price in marks.items()})


def read(
    account_id: int,
    symbol: str,
    *,
    marks: str,
    market_now: datetime,
    signal_id: int | None = None,
) -> Standing:
    """Add the account up. `marks` are USD per share by symbol, as `written`; `market_now` is the venue's clock."""
    arguments: dict[str, Any] = {
        "account": account_id,
        "symbol": symbol,
        "marks": marks,
        "recent_from": market_now - DUPLICATE_WINDOW,
        "minute_ago": market_now - MINUTE,
        "day": sessions.date_of(market_now),
        "signal": signal_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, arguments)
        rows = cursor.fetchall()
    if not rows:
        raise Instrument.DoesNotExist(f"There is no instrument {symbol}.")
    return _standing(symbol, *rows[0])


def _standing(
    symbol: str,
    gross: Decimal,
    largest: Decimal,
    positions: int,
    unpriced: list[str] | None,
    reserved: Decimal,
    open_risk: Decimal,
    sector: str,
    in_sector: Decimal | None,
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
        positions=positions,
        by_symbol={} if own is None else {symbol: Decimal(own.value)},
        by_sector={} if in_sector is None else {sector: in_sector},
        sector_of={} if own is None else {symbol: own.sector},
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
