"""Databases of one test run: migrated once by the owner, copied for each worker, put back after a committing test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg._preparing import Prepare, PrepareManager
from psycopg.pq.abc import PGresult

_LOCK = 730_113
_KEEP = """
CREATE SCHEMA baseline;
DO $$ DECLARE t record; filled boolean; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t.tablename) INTO filled;
    IF filled THEN EXECUTE format('CREATE TABLE baseline.%I AS TABLE public.%I', t.tablename, t.tablename); END IF;
  END LOOP;
END $$;
"""
_FILL = """
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'baseline' LOOP
    EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM baseline.%I', t.tablename, t.tablename);
  END LOOP;
"""
# A superuser switches triggers and foreign keys off for the transaction and removes only what is there.
_RESTORE_AS_SUPERUSER = f"""
SET LOCAL session_replication_role = replica;
DO $$ DECLARE t record; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' LOOP
    EXECUTE format('DELETE FROM public.%I', t.tablename);
  END LOOP;
{_FILL}
END $$;
"""  # noqa: S608
_RESTORE_AS_OWNER = f"""
SET CONSTRAINTS ALL DEFERRED;
DO $$ DECLARE t record; names text; BEGIN
  SELECT string_agg(format('public.%I', tablename), ', ') INTO names
    FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations';
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE public.%I DISABLE TRIGGER USER', t.tablename);
  END LOOP;
  EXECUTE 'TRUNCATE ' || names;
{_FILL}
  SET CONSTRAINTS ALL IMMEDIATE;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE TRIGGER USER', t.tablename);
  END LOOP;
END $$;
"""  # noqa: S608


def create(server_url: str, name: str, template: str) -> None:
    """Create database `name` as a copy of `template`, which the first worker to come migrates.

    `server_url` is any other database of the server, as the owner.
    """
    with psycopg.connect(server_url, autocommit=True) as connection, _alone(connection):
        if not _exists(connection, template):
            _make_template(connection, template)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _make_template(connection: psycopg.Connection, template: str) -> None:
    part = f"{template}_part"
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(part)))
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(part)))
    owner = connections["owner"]
    final = owner.settings_dict["NAME"]
    owner.close()
    owner.settings_dict["NAME"] = part
    try:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        with owner.cursor() as cursor:
            cursor.execute(_KEEP)
    finally:
        owner.close()
        owner.settings_dict["NAME"] = final
    # Only a whole template gets the name that others look for.
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(part), sql.Identifier(template)))


def restore(owner_url: str) -> None:
    """Put every table back to what migrations left in it, past triggers that protect the record."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET LOCAL lock_timeout = '10s'")
        superuser = connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("on",)
        connection.execute(_RESTORE_AS_SUPERUSER if superuser else _RESTORE_AS_OWNER)


@contextmanager
def plans_kept() -> Iterator[None]:
    """Let psycopg forget no statement it prepared when a transaction is rolled back.

    It does so because a table made in it may come again as another one; here tables are those of the template.
    """
    discards = PrepareManager._should_discard

    def should_discard(manager: PrepareManager, prepared: Prepare, results: Sequence[PGresult]) -> bool:
        if any((result.command_status or b"").startswith(b"ROLLBACK") for result in results):
            return False
        return discards(manager, prepared, results)

    with mock.patch.multiple(PrepareManager, _should_discard=should_discard, prepared_max=1_000):
        yield


def drop(server_url: str, prefix: str) -> None:
    """Drop all databases whose name begins with `prefix`."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        for (name,) in names.fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None
