"""Running the checklist: every check in order, each timed, none able to end the run; the result is kept."""

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from audit import trail
from trading.broker import factory
from trading.broker.gateway import BrokerError, BrokerGateway
from trading.models import Account, PreflightRun
from trading.preflight import broker, governance, house, stopping
from trading.preflight.items import FAIL, Context, Item, failed

CHECKS: tuple[tuple[str, Callable[[Context], Item]], ...] = (
    ("environment", house.environment),
    ("database and migrations", house.database),
    ("queue", house.queue),
    ("workers alive", house.workers),
    ("broker connectivity", broker.connectivity),
    ("clock against the broker", broker.clock),
    ("calendar against the broker", broker.calendar),
    ("credentials pinned to the account", broker.credentials),
    ("account status and flags", broker.account),
    ("balance and buying power", broker.buying_power),
    ("market data fresh", broker.data),
    ("limits set and within ceilings", house.limits),
    ("emergency stop exercised", stopping.emergency_stop),
    ("reconciliation clean", stopping.books),
    ("open positions protected", stopping.positions_protected),
    ("last session signed for", governance.last_session_signed),
    ("emergency stop exercised lately", governance.stop_exercised_lately),
    ("controls assessed within a year", governance.self_assessed),
    ("twice the highest load carried", governance.stress_carried),
    ("secrets renewed", governance.secrets_young),
    ("backup restored and checked", governance.backup_comes_back),
)
"""The checklist in its order; every one is required, a warning does not fail it."""


def run(account: Account, *, by: str, now: datetime, gateway: BrokerGateway | None = None) -> PreflightRun:
    """Run every check and keep the result. A check that cannot answer has failed.

    Raises:
        factory.NoSuchAccount: no keys are configured for the account.
    """
    began = time.monotonic()
    gateway = gateway or factory.gateway_for(account.number)
    context = Context(account, gateway, now, _market_now(gateway))
    items = [_line(name, check, context) for name, check in CHECKS]
    red = [item["name"] for item in items if item["result"] == FAIL]
    with transaction.atomic():
        made = PreflightRun.objects.create(
            account=account,
            mode=account.mode,
            passed=not red,
            items=items,
            build=settings.BUILD_ID,
            by=by,
            ran_at=now,
            seconds=Decimal(str(round(time.monotonic() - began, 3))),
        )
        trail.record(
            event="preflight.failed" if red else "preflight.passed",
            account=account.number,
            mode=account.mode,
            subject=str(made.pk),
            sentence=_sentence(len(items), red),
            by=by,
            now=now,
            severity="warning" if red else "info",
        )
    return made


def _sentence(checks: int, red: list[str]) -> str:
    return f"preflight: {checks - len(red)} of {checks} pass" + (f"; red: {', '.join(red)}" if red else "")


def _market_now(gateway: BrokerGateway) -> datetime | None:
    try:
        return gateway.clock().at
    except BrokerError:
        return None


def _line(name: str, check: Callable[[Context], Item], context: Context) -> dict[str, Any]:
    began = time.monotonic()
    try:
        item = check(context)
    except BrokerError as failure:
        item = failed(f"the broker did not answer: {failure}", "Check the connection to the broker.")
    except Exception as surprise:
        item = failed(f"the check broke: {type(surprise).__name__}", "Look into the log; report it.")
    return {
        "name": name,
        "result": item.result,
        "detail": item.detail,
        "remedy": item.remedy,
        "seconds": round(time.monotonic() - began, 3),
    }
