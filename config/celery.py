"""The Celery application; tasks live in `trading.tasks` and `audit.tasks`."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("gatehouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_own_logging(**_: Any) -> None:
    """Log like every other process; Celery sets up nothing of its own once this is connected."""
    logging.config.dictConfig(settings.LOGGING)
