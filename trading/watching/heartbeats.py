"""Which processes of the desk are alive, told by the work they finished. The one writer of `ProcessHeartbeat`."""

import os
import socket
from datetime import datetime

from django.conf import settings

from trading.models import ProcessHeartbeat


def instance() -> str:
    """This process: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(process: str, *, now: datetime, worked: bool, note: str = "", who: str = "") -> None:
    """Say that a process is alive, and whether it has just finished a piece of work. Wall clock."""
    told = {"process": process, "build": settings.BUILD_ID, "beat_at": now, "note": note[:200]}
    if worked:
        told["worked_at"] = now
    ProcessHeartbeat.objects.update_or_create(
        instance=f"{process}@{who or instance()}", defaults=told, create_defaults={**told, "started_at": now}
    )
