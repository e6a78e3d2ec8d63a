"""The triggers that keep running sums equal to the orders and intents they stand for, in the same transaction.

One run per statement, however many rows it changed: it takes what the touched intents' orders added up to before from
the sums, and adds what they add up to now. An order's part may depend on another of its intent, so intents are counted
whole; whoever changes an order that has legs holds the account's row lock.
"""

from django.db import migrations

from audit.record import RevokeWriting

_TERMINAL = "'canceled', 'expired', 'filled', 'rejected', 'replaced', 'withdrawn'"
_LIVE_STOP = "'accepted', 'held', 'partially_filled', 'pending_replace'"
_COLUMNS = (
    "o.intent_id, o.account_id, o.instrument_id, o.side, o.purpose, o.status, o.quantity, o.filled_quantity,"
    " o.booked_quantity, o.limit_price, o.stop_price"
)
_SUMS = ("entries", "unpriced", "value", "risk", "exits", "leaving", "guards", "guarded", "worth")


def _added_up(rows: str) -> str:
    """Sums by account, instrument and side of `rows`: a sign and an order's columns. As `risk.pre_trade.totals`."""
    return f"""
    SELECT account_id, instrument_id, side,
        coalesce(sum(sign) FILTER (WHERE enters), 0) AS entries,
        coalesce(sum(sign) FILTER (WHERE enters AND NOT priced), 0) AS unpriced,
        coalesce(sum(sign * remaining * price) FILTER (WHERE enters AND priced), 0) AS value,
        coalesce(sum(sign * remaining * away) FILTER (WHERE enters AND priced), 0) AS risk,
        coalesce(sum(sign) FILTER (WHERE NOT enters AND NOT guards), 0) AS exits,
        coalesce(sum(sign * remaining) FILTER (WHERE NOT enters AND NOT guards), 0) AS leaving,
        coalesce(sum(sign) FILTER (WHERE guards), 0) AS guards,
        coalesce(sum(sign * remaining) FILTER (WHERE guarding), 0) AS guarded,
        coalesce(sum(sign * remaining * stop_price) FILTER (WHERE guarding), 0) AS worth
    FROM (
        SELECT o.sign, o.account_id, o.instrument_id, o.side, o.remaining, o.price, o.stop_price,
            o.purpose = 'entry' AS enters, o.purpose IN ('stop', 'target') AS guards,
            coalesce(o.price > 0, false) AS priced,
            -- Without a stop of its own all that an entry costs is at risk.
            CASE WHEN n.stop_loss_price > 0 AND o.side = 'buy' THEN greatest(o.price - n.stop_loss_price, 0)
                 WHEN n.stop_loss_price > 0 THEN greatest(n.stop_loss_price - o.price, 0)
                 ELSE o.price END AS away,
            -- A bracket's own stop, held until its entry is done, guards none of what that entry has filled so far.
            o.purpose = 'stop' AND o.stop_price IS NOT NULL AND o.status IN ({_LIVE_STOP})
                AND NOT (o.status = 'held' AND o.filling) AS guarding
        FROM (
            SELECT *, coalesce(nullif(limit_price, 0), stop_price) AS price,
                bool_or(purpose = 'entry') OVER (PARTITION BY sign, intent_id) AS filling
            FROM (
                SELECT *, CASE WHEN status IN ({_TERMINAL}) THEN greatest(filled_quantity - booked_quantity, 0)
                    ELSE quantity - booked_quantity END AS remaining
                FROM ({rows}) AS row
            ) AS line WHERE remaining <> 0
        ) AS o
        JOIN trading_orderintent n ON n.id = o.intent_id
    ) AS part
    GROUP BY account_id, instrument_id, side"""  # noqa: S608 - fixed texts


# What is open or lacks a fill, found by two partial indexes.
_OPEN = f"""
    SELECT 1 AS sign, {_COLUMNS} FROM trading_order o WHERE NOT (o.status IN ({_TERMINAL}))
    UNION ALL
    SELECT 1, {_COLUMNS} FROM trading_order o
    WHERE o.booked_quantity < o.filled_quantity AND o.status IN ({_TERMINAL})"""  # noqa: S608
_ANEW = f"CREATE VIEW trading_opensum_anew AS {_added_up(_OPEN)}"


def _follow(before: str) -> str:
    """Move the sums by what the orders of the `touched` intents add up to now less what they did; `before` adds rows."""
    added = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in _SUMS)
    names = ", ".join(_SUMS)
    rows = f"""
        SELECT 1 AS sign, {_COLUMNS} FROM trading_order o WHERE o.intent_id = ANY (touched)
        UNION ALL
        SELECT -1, {_COLUMNS} FROM trading_order o
        WHERE o.intent_id = ANY (touched) AND NOT EXISTS (SELECT FROM new_rows n WHERE n.id = o.id)
        {before}"""  # noqa: S608
    return f"""
    INSERT INTO trading_opensum AS kept (account_id, instrument_id, side, {names})
    SELECT account_id, instrument_id, side, {names} FROM ({_added_up(rows)}) AS moved
    WHERE ({names}) <> ({", ".join("0" for _ in _SUMS)})
    ORDER BY account_id, instrument_id, side
    ON CONFLICT (account_id, instrument_id, side) DO UPDATE SET {added};"""  # noqa: S608


_FIGURES = ("quantity", "filled_quantity", "booked_quantity", "limit_price", "stop_price", "purpose")
_NEW, _OLD = (", ".join(f"{row}.{name}" for name in _FIGURES) for row in "no")

_FUNCTIONS = f"""
CREATE FUNCTION trading_opensum_of_new() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE touched uuid[];
BEGIN
    SELECT array_agg(DISTINCT intent_id) INTO touched FROM new_rows;
    {_follow("")}
    RETURN NULL;
END $$;

CREATE FUNCTION trading_opensum_of_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE touched uuid[];
BEGIN
    -- Most changes move no sum: an order that is sent and taken counts as it did when it was approved.
    SELECT array_agg(DISTINCT n.intent_id) INTO touched FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE ({_NEW}) IS DISTINCT FROM ({_OLD})
       OR (n.status IN ({_TERMINAL})) <> (o.status IN ({_TERMINAL}))
       OR (n.purpose = 'stop' AND n.status <> o.status);
    IF touched IS NULL THEN RETURN NULL; END IF;
    {_follow(f"UNION ALL SELECT -1, {_COLUMNS} FROM old_rows o WHERE o.intent_id = ANY (touched)")}
    RETURN NULL;
END $$;

CREATE FUNCTION trading_opensum_add_up(account bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    DELETE FROM trading_opensum WHERE account_id = account;
    INSERT INTO trading_opensum (account_id, instrument_id, side, {", ".join(_SUMS)})
    SELECT account_id, instrument_id, side, {", ".join(_SUMS)} FROM trading_opensum_anew WHERE account_id = account;
$$;

CREATE FUNCTION trading_daycount_of_new() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO trading_daycount AS kept (account_id, session_date, instrument_id, entries, messages)
    VALUES (NEW.account_id, NEW.session_date, NEW.instrument_id, (NEW.purpose = 'entry')::int, 1)
    ON CONFLICT (account_id, session_date, instrument_id)
    DO UPDATE SET entries = kept.entries + excluded.entries, messages = kept.messages + 1;
    RETURN NULL;
END $$;
"""  # noqa: S608

_TRIGGERS = """
CREATE TRIGGER opensum_of_new AFTER INSERT ON trading_order
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION trading_opensum_of_new();
CREATE TRIGGER opensum_of_changed AFTER UPDATE ON trading_order
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION trading_opensum_of_changed();
CREATE TRIGGER daycount_of_new AFTER INSERT ON trading_orderintent FOR EACH ROW
    WHEN (NEW.approved AND NEW.purpose <> 'adjust') EXECUTE FUNCTION trading_daycount_of_new();
-- Rows that are written at every order: room beside them, and no index entry of their own.
ALTER TABLE trading_opensum SET (fillfactor = 50);
ALTER TABLE trading_daycount SET (fillfactor = 50);
"""

_FILL = f"""
INSERT INTO trading_opensum (account_id, instrument_id, side, {", ".join(_SUMS)})
    SELECT account_id, instrument_id, side, {", ".join(_SUMS)} FROM trading_opensum_anew;
INSERT INTO trading_daycount (account_id, session_date, instrument_id, entries, messages)
    SELECT account_id, session_date, instrument_id, count(*) FILTER (WHERE purpose = 'entry'), count(*)
    FROM trading_orderintent WHERE approved AND purpose <> 'adjust' GROUP BY account_id, session_date, instrument_id;
"""  # noqa: S608

_UNDO = """
DROP TRIGGER opensum_of_new ON trading_order;
DROP TRIGGER opensum_of_changed ON trading_order;
DROP TRIGGER daycount_of_new ON trading_orderintent;
DROP FUNCTION trading_opensum_of_new, trading_opensum_of_changed, trading_opensum_add_up, trading_daycount_of_new;
DROP VIEW trading_opensum_anew;
"""


class Migration(migrations.Migration):
    dependencies = (("trading", "0003_sums"),)

    operations = (
        migrations.RunSQL(_ANEW + ";" + _FUNCTIONS + _TRIGGERS + _FILL, _UNDO),
        RevokeWriting("trading_opensum"),
        RevokeWriting("trading_daycount"),
    )
