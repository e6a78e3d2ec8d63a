"""`manage.py watchdog`: its own loop beside the other processes; halts when something is amiss."""

import logging
import signal
import threading
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from risk import taking_up
from trading import lockstep
from trading.watching import heartbeats, watchdog

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks."""


class Command(BaseCommand):
    help = "Watch the desk and engage H1 when a process shows no sign of life or something else is amiss."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        since = timezone.now()
        self.stdout.write("Watching worker, beat and stream.")
        while not stop.wait(EVERY):
            close_old_connections()
            try:
                _look_once(since)
            except DatabaseError:
                # Without the database nobody can send: every send is saved first.
                logger.exception("the database cannot be read; nothing can be sent meanwhile")


def _look_once(since: Any) -> None:
    taking_up.take_up(now=timezone.now())
    clock = watchdog.market_clock()
    now = timezone.now()
    findings = watchdog.inspect(now=now, since=since, clock=clock)
    if watchdog.act(findings, now=now):
        logger.critical("halted: %s", "; ".join(finding.sentence for finding in findings if finding.halts))
    if _web_answers():
        heartbeats.beat("web", now=now, worked=True, note="answers", who="site")
    if sentence := lockstep.description():
        heartbeats.beat("venue", now=now, worked=True, note=sentence, who="simulated")
    heartbeats.beat("watchdog", now=now, worked=True, note="; ".join(f.sentence for f in findings) or "all well")


def _web_answers() -> bool:
    try:
        return requests.get(f"{settings.SITE_URL.rstrip('/')}/health/live", timeout=(1, 2)).ok
    except requests.RequestException:
        return False
