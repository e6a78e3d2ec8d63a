"""The queue: brokers, queues, laws for tasks, and the schedule, reviewed like code."""

import socket
from datetime import timedelta
from typing import Any

from config import env

CELERY_BROKER_URL = env.current().secret("REDIS_URL").reveal()
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES: dict[str, dict[str, Any]] = {"execution": {}, "reconciliation": {}, "default": {}}
CELERY_TASK_CREATE_MISSING_QUEUES = False
# One task at a time per process: a pass must not wait behind another that was fetched early.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 300,
    "global_keyprefix": "gatehouse.",
    # A worker that waits at a queue which went away without a word finds out within a quarter of a minute.
    "socket_keepalive": True,
    "socket_keepalive_options": {
        getattr(socket, name): value
        for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)  # macOS calls the first one otherwise
    },
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULE_FILENAME = "var/beat-schedule"


def entry(task: str, every: timedelta, **kwargs: Any) -> dict[str, Any]:
    """Return one line of the schedule. A run that is late by more than its period is dropped, not piled up."""
    return {"task": task, "schedule": every, "kwargs": kwargs, "options": {"expires": every.total_seconds()}}


CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # The arrival of a bar starts a pass; this looks after bars that were missed and sessions left open.
    "tick": entry("trading.tasks.tick", timedelta(seconds=5)),
    # Asks what is due: every 10 s while orders work, else every minute (limits of control 41).
    "reconcile": entry("trading.tasks.reconcile", timedelta(seconds=5)),
    # Between passes, so that nothing goes unseen for longer than 5 s (RTS 6 Art. 16).
    "watch": entry("trading.tasks.watch", timedelta(seconds=5)),
    "return-limits": entry("trading.tasks.return_limits", timedelta(seconds=15)),
    "prove-alive": entry("trading.tasks.prove_alive", timedelta(seconds=10)),
    "preflight": entry("trading.tasks.preflight_before_sessions", timedelta(minutes=1)),
    "deadman": entry("trading.tasks.call_deadman", timedelta(minutes=1)),
    "deliver-alerts": entry("audit.tasks.deliver_alerts", timedelta(seconds=5)),
    "seal": entry("audit.tasks.seal", timedelta(seconds=10)),
}
