"""A worker process for tests: each line it reads is a job, and what came of it is printed as a line of JSON."""

import json
import os
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    from trading.orders import submission

    # A machine that stands still for a second is no reason to withdraw what a test waits for.
    submission.HESITATION = timedelta(seconds=30)
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_do(json.loads(line))), flush=True)


def _do(given: dict[str, Any]) -> str:
    from django.test import override_settings

    from config.env.accounts import BrokerAccount
    from config.env.secret import Secret
    from trading.broker import factory

    keys = given["keys"]
    account = BrokerAccount(**{**keys, "key": Secret(keys["key"]), "secret": Secret(keys["secret"])})
    factory.forget()
    with override_settings(
        BROKER_ACCOUNTS={account.number: account},
        VENUE_CONTROL_URL="",
        STRATEGY_RULES=("tests.robot.Scripted",),
    ):
        return JOBS[given["job"]](given)


def _pass(given: dict[str, Any]) -> str:
    from tests.robot import WISHES
    from trading import engine, leases
    from trading.broker import factory
    from trading.models import Account

    WISHES.by_minute.clear()
    for symbol, minute, wish in given["wishes"]:
        WISHES.by_minute[symbol, minute] = wish
    now = datetime.fromisoformat(given["now"])
    gateway = factory.gateway_for(given["number"])
    clocks = engine.Clocks(now, gateway.clock().at)
    try:
        made = engine.run_pass(
            Account.objects.get(number=given["number"]),
            gateway=gateway,
            bar_at=datetime.fromisoformat(given["bar_at"]),
            holder=f"worker {os.getpid()}",
            clocks=clocks,
        )
    except (engine.Busy, leases.Fenced) as waits:
        return type(waits).__name__
    return str(made.outcome)


def _task(given: dict[str, Any]) -> str:
    """One of the Celery tasks, in this process, twice in a row."""
    from trading import tasks

    for _ in range(2):
        getattr(tasks, given["task"])(**given["arguments"])
    return "done"


def _die_on_the_wire(given: dict[str, Any]) -> str:
    """Make the pass and be killed right after the broker has taken the order."""
    from trading.broker.alpaca import AlpacaGateway

    send = AlpacaGateway.submit

    def submit(self: AlpacaGateway, order: Any) -> Any:
        send(self, order)
        os.kill(os.getpid(), 9)
        time.sleep(60)

    AlpacaGateway.submit = submit  # type: ignore[method-assign]
    return _pass(given)


JOBS = {"pass": _pass, "task": _task, "die": _die_on_the_wire}

if __name__ == "__main__":
    main()
