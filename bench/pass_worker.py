"""A process that makes passes, as a worker of the queue does; told by lines of JSON."""

import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any


def main() -> None:
    """Learn the accounts from the first line; then make a pass of each account of every further line."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.test import override_settings

    from bench.desk import keys_of

    told = json.loads(sys.stdin.readline())
    keys = {each["number"]: keys_of(each, told["url"]) for each in told["accounts"]}
    with override_settings(
        BROKER_ACCOUNTS=keys, ALLOWED_HOSTS=["*"], VENUE_CONTROL_URL="", STRATEGY_RULES=("tests.robot.Scripted",)
    ):
        _say({"ready": True})
        for line in sys.stdin:
            asked = json.loads(line)
            _say({"seconds": _passes(asked["numbers"], datetime.fromisoformat(asked["bar_at"]))})


def _passes(numbers: Sequence[str], bar_at: datetime) -> float:
    from trading import duties
    from trading.models import Account

    began = time.monotonic()
    for account in Account.objects.filter(number__in=numbers).select_related("state").order_by("number"):
        made = duties.make_pass(account, bar_at, now=datetime.now(UTC))
        assert made is not None, f"the pass of {account.number} waits"
        assert made.outcome == "done", made.note
    return time.monotonic() - began


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
