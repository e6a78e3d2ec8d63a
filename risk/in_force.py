"""What binds an order now, read in one statement: limits in force, open halts that reach it, the account's stage."""

import logging
from datetime import datetime

from django.db import DatabaseError, connection

from risk import halts, limits, stages
from risk.exposure import ProposedOrder
from risk.standing import HaltView, Limits, StageInForce

logger = logging.getLogger(__name__)

_REACHES = """(scope_kind = 'firm' OR (scope_kind = 'account' AND scope_key = %(account)s)
        OR (scope_kind = 'strategy' AND scope_key = %(strategy)s)
        OR (scope_kind = 'symbol' AND scope_key = %(symbol)s))"""

_READ = f"""
    SELECT name, value, version, scope_kind, scope_key, expires_at, returns_to, NULL::bigint AS halt, '', ''
    FROM risk_limit WHERE active_to IS NULL AND {_REACHES}
    UNION ALL
    SELECT level, NULL, NULL, scope_kind, scope_key, engaged_at, NULL, id, reason, engaged_by
    FROM risk_halt WHERE released_at IS NULL AND {_REACHES}
    UNION ALL
    SELECT * FROM (
        SELECT to_stage, NULL::numeric, number, 'stage', account, NULL::timestamptz, NULL::numeric, NULL::bigint, '', ''
        FROM risk_stagemove WHERE account = %(account)s ORDER BY number DESC LIMIT 1) AS stands
"""  # noqa: S608 - fixed texts


def read(proposed: ProposedOrder, *, now: datetime) -> tuple[Limits, HaltView]:
    """Limits and halts by firm, account, strategy and symbol, the limits no looser than a live account's stage.

    What cannot be read lets nothing pass. A live account that never rose to a stage stands on paper.
    """
    reach = {"account": proposed.account, "strategy": proposed.strategy, "symbol": proposed.symbol}
    try:
        with connection.cursor() as cursor:
            cursor.execute(_READ, reach)
            rows = cursor.fetchall()
    except DatabaseError:
        logger.exception("limits and halts cannot be read; nothing is approved")
        return Limits(), HaltView(readable=False)
    stage = next((StageInForce(row[0], row[2]) for row in rows if row[3] == "stage"), None)
    if stage is None and proposed.mode == "live":
        stage = StageInForce(stages.Stage.PAPER, 0)
    found_limits = limits.strictest_of((row[:7] for row in rows if row[7] is None and row[3] != "stage"), now=now)
    binding = stages.capped(found_limits, stage)
    open_halts = sorted((row for row in rows if row[7] is not None), key=lambda row: (row[5], row[7]))
    found = [(pk, level, kind, key, reason, by) for level, _, _, kind, key, _, _, pk, reason, by in open_halts]
    return binding, halts.view(found, account=proposed.account)
