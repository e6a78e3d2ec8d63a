"""Wires the three apps together; an app itself only for its commands and system checks."""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from django.apps import AppConfig

SEND_NOTHING = frozenset({"collectstatic", "prepare_database", "seed_desk", "summary", "watchdog"})
"""Commands that hand no work to the queue; they start sooner without it. So does the site."""


class ConfigConfig(AppConfig):
    """Configuration."""

    name = "config"
    verbose_name = "Configuration"

    def ready(self) -> None:
        """Register the system checks, and the queue in processes that hand work to it, not only in workers."""
        import_module("config.checks")
        if hands_work_over(sys.argv):
            import_module("config.celery")


def hands_work_over(arguments: Sequence[str]) -> bool:
    """Whether a process started so may send a task; in doubt it may."""
    program, command = Path(arguments[0]), arguments[1] if len(arguments) > 1 else ""
    is_site = "uvicorn" in (program.name, program.parent.name)
    return not is_site and not (program.name == "manage.py" and command in SEND_NOTHING)
