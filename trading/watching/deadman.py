"""The outside dead-man switch: a call to an address that raises an alarm when it hears nothing for a while.

It is called for work done, not for being alive: the worker that calls has a fresh piece of work behind it, and so have
the other processes of the desk.
"""

import logging
from datetime import datetime, timedelta

import requests
from django.conf import settings
from django.db.models import Max

from trading.models import ProcessHeartbeat

logger = logging.getLogger(__name__)

PROCESSES = ("worker", "beat", "stream", "watchdog")
FRESH = timedelta(seconds=60)
"""How old the latest sign of life of each process may be."""

TIMEOUT = (2, 5)


def call(now: datetime) -> str:
    """Call the address if the desk works; returns why it was not called, empty where it was. `now`: wall clock.

    The address is a secret: it is named in no message.
    """
    address = settings.DEADMAN_URL.reveal()
    if not address:
        return "DEADMAN_URL is not set"
    silent = _silent(now)
    if silent:
        logger.warning("the dead-man switch is not called: %s", silent)
        return silent
    try:
        requests.post(address, timeout=TIMEOUT).raise_for_status()
    except requests.RequestException as failure:
        reason = f"it could not be reached ({type(failure).__name__})"
        logger.warning("the dead-man switch was not called: %s", reason)
        return reason
    return ""


def _silent(now: datetime) -> str:
    seen = dict(ProcessHeartbeat.objects.values_list("process").annotate(at=Max("beat_at")))
    quiet = [name for name in PROCESSES if name not in seen or now - seen[name] > FRESH]
    return f"no sign of life from {', '.join(quiet)}" if quiet else ""
