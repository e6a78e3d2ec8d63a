"""The Celery application; tasks live in `trading.tasks` and `audit.tasks`."""

import logging.config
import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("gatehouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def import_what_a_pass_needs(**_: Any) -> None:
    """Import what other processes do without, once, before the worker's children are forked and share it."""
    for name in ("trading.strategies.registry", "trading.broker.alpaca", "exchange_calendars"):
        import_module(name)


@setup_logging.connect
def use_own_logging(**_: Any) -> None:
    """Log like every other process; Celery sets up nothing of its own once this is connected."""
    logging.config.dictConfig(settings.LOGGING)
