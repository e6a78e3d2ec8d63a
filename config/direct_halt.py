"""`manage.py halt --direct` before Django: the environment, and what a direct halt needs of it."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from config import env
from trading.halting import direct


def run(arguments: Sequence[str]) -> int:
    """Halt straight at the broker; returns the exit code. Raises env.UnableToStart where the environment is unsound."""
    environment = env.current()
    desk = direct.Desk(
        environment.accounts,
        environment.secret("DJANGO_SECRET_KEY").reveal(),
        env.ROOT / environment.text("HALT_DIRECTORY"),
    )
    return direct.main(arguments, desk, now=datetime.now(UTC), out=sys.stdout, ask=sys.stdin)
