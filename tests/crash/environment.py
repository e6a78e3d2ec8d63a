"""The variables of the rig's processes: its own services and venue, made-up keys, nothing of the person's own."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from config import embedded
from config.env.variables import TABLE
from tests.venue import TOKEN

SITE = "http://localhost:8000"
"""Where the keys of the tests confirm; the site itself listens on a port of its own."""

NUMBER, KEY, SECRET = "PA3CRASH0001", "PKCRASHCRASHCRASH234", "fEdCbA9876543210fEdCbA9876543210fEdCbA98"


def variables(home: Path, *, database: str, redis: str, venue_port: int) -> dict[str, str]:
    """All variables of one process."""
    ours = {name for name in os.environ if name.removesuffix("_FILE") in TABLE}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith(("ALPACA_", "TRADING_", "CRASH_"))
    }
    venue = f"http://127.0.0.1:{venue_port}"
    accounts = home / f"accounts-{venue_port}.json"
    keys = {"key": KEY, "secret": SECRET, "kind": "paper", "base_url": venue, "data_url": venue}
    embedded.write_private(accounts, json.dumps({NUMBER: keys}))
    given: Mapping[str, str] = {
        "ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "tests.crash.settings",
        "PYTHONUNBUFFERED": "1",
        "CELERY_SKIP_CHECKS": "1",
        "ALPACA_ACCOUNTS_FILE": str(accounts),
        "ALPACA_BASE_URL": venue,
        "ALPACA_DATA_URL": venue,
        "VENUE_CONTROL_URL": venue,
        "VENUE_CONTROL_TOKEN": TOKEN + "-of-the-crash-rig",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "DJANGO_SECRET_KEY": "crash-rig-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
        "SITE_URL": SITE,
        "LOG_FORMAT": "console",
        "BUILD_ID": "crash",
        "HALT_DIRECTORY": str(home / "halts"),
    }
    return inherited | dict(given)
