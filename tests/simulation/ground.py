"""The database of one rig: what every seed begins with, kept once, and the way back to it."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import psycopg
from django.db import connection

from risk import limits
from tests.simulation import lean, market
from tests.simulation.options import NUMBERS, SYMBOLS
from trading import sessions
from trading.models import Account, AccountState, Bar, Instrument, Strategy

SECTORS = ("hardware", "software", "search", "services")
VACUUM_EVERY = 20

_KEEP = """
DROP SCHEMA IF EXISTS simulation CASCADE;
CREATE SCHEMA simulation;
DO $$ DECLARE t record; filled boolean; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t.tablename) INTO filled;
    IF filled THEN EXECUTE format('CREATE TABLE simulation.%I AS TABLE public.%I', t.tablename, t.tablename); END IF;
  END LOOP;
END $$;
"""
# Tables that a seed cannot reach are left alone: content types, permissions, the daily bars of the past.
_BACK = """
SET LOCAL session_replication_role = replica;
DO $$ DECLARE t record; filled boolean; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
           AND (tablename LIKE 'trading%%' OR tablename LIKE 'risk%%' OR tablename LIKE 'audit%%') LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%%I)', t.tablename) INTO filled;
    IF filled THEN
      EXECUTE format('DELETE FROM public.%%I', t.tablename);
      IF to_regclass('simulation.' || quote_ident(t.tablename)) IS NOT NULL THEN
        EXECUTE format('INSERT INTO public.%%I OVERRIDING SYSTEM VALUE SELECT * FROM simulation.%%I',
                       t.tablename, t.tablename);
      END IF;
    END IF;
  END LOOP;
END $$;
""".replace("%%", "%")


class Ground:
    """Puts the database back by the owner's hand: the program's role may not remove the record."""

    def __init__(self) -> None:
        self._owner = psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)
        self._used = 0

    def prepare(self) -> None:
        """Lay down what every seed begins with, and keep it."""
        lean.tune_connection()
        now = market.BEFORE
        for place, symbol in enumerate(SYMBOLS):
            Instrument.objects.create(
                symbol=symbol,
                name=f"{symbol} Inc.",
                exchange="NASDAQ",
                sector=SECTORS[place],
                tradable=True,
                leveraged=False,
                checked_at=now,
                average_volume=50_000_000,
                average_volume_date=sessions.last_closed(now).date,
            )
        pks = dict(Instrument.objects.values_list("symbol", "pk"))
        days = market.past_days(SYMBOLS)
        Bar.objects.bulk_create(
            Bar(
                instrument_id=pks[day.symbol], timeframe="1Day", start_at=day.start, open=day.open, high=day.high,
                low=day.low, close=day.close, volume=day.volume,
            )
            for day in days
        )  # fmt: skip
        limits.install_policy(by="simulation", now=now, symbols=SYMBOLS)
        for number in NUMBERS:
            account = Account.objects.create(number=number, name=number, mode="paper", created_at=now)
            AccountState.objects.create(account=account)
            Strategy.objects.create(
                account=account,
                name=f"wishing {number}",
                rule="wishing",
                symbols=list(SYMBOLS),
                risk_fraction=Decimal("0.001"),
                active=True,
                created_at=now,
            )
        self._owner.execute(_KEEP)

    def restore(self) -> None:
        """Take away what a seed has written."""
        with self._owner.transaction():
            self._owner.execute(_BACK)
        self._used += 1
        if self._used % VACUUM_EVERY == 0:
            self._owner.execute("VACUUM")

    def release_halts(self) -> None:
        """Two people let trading go on: how they agree is tried elsewhere, here it is simply done."""
        with self._owner.transaction():
            self._owner.execute("SET LOCAL session_replication_role = replica")
            self._owner.execute(
                "UPDATE risk_halt SET released_at = engaged_at, released_by = 'two people',"
                " release_id = gen_random_uuid() WHERE released_at IS NULL"
            )

    def close(self) -> None:
        """Leave no connection behind that is tuned for a rig."""
        self._owner.close()
        connection.close()


@contextmanager
def in_the_tests_database() -> Iterator[Ground]:
    """A rig's ground where the tests' database is, for tests that play seeds; nothing is logged meanwhile."""
    logging.disable(logging.CRITICAL)
    made = Ground()
    made.prepare()
    yield made
    made.close()
    logging.disable(logging.NOTSET)
