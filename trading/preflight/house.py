"""Checks of our own house: environment, database, queue, workers, limits."""

from datetime import timedelta

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from risk import policy
from risk.models import Limit
from trading.models import ProcessHeartbeat
from trading.preflight.items import Context, Item, failed, passed, warned

FRESH = timedelta(seconds=90)
"""A process whose last finished work is older is not taken for alive."""

NEEDED = ("worker", "beat", "stream")


def environment(context: Context) -> Item:
    """Mode, build and debug switch. The variables themselves were checked before the program started."""
    if settings.DEBUG:
        return failed("DEBUG is on", "Start with the production settings.")
    world = "the simulated venue" if settings.VENUE_CONTROL_URL else f"mode {settings.TRADING_MODE}"
    return passed(f"{world}, build {settings.BUILD_ID}")


def database(context: Context) -> Item:
    """Every migration applied, and we are a role that can neither own nor change the record."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return failed(f"{len(waiting)} migrations are not applied", "Run manage.py migrate.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        superuser = bool(cursor.fetchone()[0])
        cursor.execute("SELECT has_table_privilege('trading_fill', 'UPDATE')")
        may_rewrite = bool(cursor.fetchone()[0])
    if superuser or may_rewrite:
        return failed("the program may rewrite its record", "Connect as the program's role: see DATABASE_URL.")
    return passed("all migrations applied; the program may only add to the record")


def queue(context: Context) -> Item:
    """The queue answers."""
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
    except redis.RedisError as failure:
        return failed(f"no answer: {type(failure).__name__}", "Start Redis or Valkey at REDIS_URL.")
    return passed("answers")


def workers(context: Context) -> Item:
    """Worker, beat and stream have each finished work lately, all of one build."""
    recent = ProcessHeartbeat.objects.filter(beat_at__gt=context.now - FRESH)
    rows = list(recent.values_list("process", "worked_at", "build"))
    missing = [name for name in NEEDED if not any(process == name for process, _, _ in rows)]
    if missing:
        return failed(f"no sign of {', '.join(missing)}", "Start the missing processes; see the health page.")
    builds = {build for _, _, build in rows}
    if builds != {settings.BUILD_ID}:
        return failed(f"processes of builds {', '.join(sorted(builds))}", "Restart every process on one build.")
    return passed(f"{len(rows)} processes of build {settings.BUILD_ID}")


def limits(context: Context) -> Item:
    """Each limit of the policy has a version in force for the firm, and none lies beyond its ceiling in code."""
    rows = list(Limit.objects.in_force())
    firm = {row.name for row in rows if row.scope_kind == "firm"}
    needed = {name for name, bound in policy.BOUNDS.items() if not bound.per_symbol_only}
    missing = sorted(needed - firm)
    if missing:
        return failed(f"not set: {', '.join(missing)}", "Install the policy, or set the limits in the admin.")
    beyond = [str(row) for row in rows if not policy.within_ceiling(policy.BOUNDS[row.name], row.value)]
    if beyond:
        return failed(f"beyond the ceiling: {', '.join(beyond)}", "Lower them in the admin.")
    if not any(row.name == "allowed" for row in rows):
        return warned("no symbol is on the allow-list", "Add symbols to the allow-list, or nothing will be entered.")
    return passed(f"{len(rows)} limits in force, all within their ceilings")
