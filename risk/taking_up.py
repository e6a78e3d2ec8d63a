"""Recording halts that were raised without the database, as soon as there is one again."""

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, transaction

from audit import crash_points, trail
from audit.severity import Severity
from risk import halt_files, halts, receipts
from risk.halt_files import HaltFile
from risk.models import Halt

logger = logging.getLogger(__name__)


def take_up(*, now: datetime) -> list[Halt]:
    """Turn each halt file into a halt with its receipt, and remove the file once both are committed.

    Until then the file itself stops the desk (`halts.state`). Nothing is raised: what fails is tried again.
    """
    try:
        found = halt_files.read(Path(settings.HALT_DIRECTORY), halts.file_keys())
        return [_take_up(each, now=now) for each in found]
    except (DatabaseError, OSError) as failure:
        logger.critical("halts raised without the database are not recorded yet: %s", type(failure).__name__)
        return []


def _take_up(found: HaltFile, *, now: datetime) -> Halt:
    told = found.halt
    kind, key = ("account", told.account) if told.account else ("firm", "")
    with transaction.atomic():
        halt = halts.engage(
            level=told.level, scope_kind=kind, scope_key=key, reason=told.reason, by=told.by, now=told.at
        )
        lines = [receipts.Line(**line) for line in told.lines]
        receipts.keep(halt, lines, by=told.by, now=now)
        trail.record(
            event="halt.taken_up",
            account=told.account,
            subject=f"halt:{halt.pk}",
            sentence=f"{halt}, raised without the database at {told.at:%Y-%m-%d %H:%M:%S} UTC, is on the record now"
            + ("" if found.sound else "; its file could not be trusted"),
            data={"file": found.path.name, "sound": found.sound},
            by=told.by,
            now=now,
            severity=Severity.SERIOUS if found.sound else Severity.CRITICAL,
        )
    crash_points.reach("direct.before_removal")
    found.path.unlink(missing_ok=True)
    return halt
