"""The Celery application; tasks live in `trading.tasks` and `audit.tasks`."""

import logging.config
import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun, worker_init
from django.conf import settings
from django.db import close_old_connections, connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("gatehouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery closes the database connection around every task unless told after how many; the hook below looks after it.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize // 2


@worker_init.connect
def take_up_halts(**_: Any) -> None:
    """Record halts that were raised without the database, before all else; the children open connections anew."""
    taking_up = import_module("risk.taking_up")
    taking_up.take_up(now=datetime.now(UTC))
    connections.close_all()


@worker_init.connect
def import_what_a_pass_needs(**_: Any) -> None:
    """Import what other processes do without, once, before the worker's children are forked and share it."""
    for name in ("trading.strategies.registry", "trading.broker.alpaca", "exchange_calendars"):
        import_module(name)


@task_prerun.connect
@task_postrun.connect
def keep_connections_sound(**_: Any) -> None:
    """Close a connection that is too old, or broken by an error in a task, as Django does around a request."""
    close_old_connections()


@setup_logging.connect
def use_own_logging(**_: Any) -> None:
    """Log like every other process; Celery sets up nothing of its own once this is connected."""
    logging.config.dictConfig(settings.LOGGING)
