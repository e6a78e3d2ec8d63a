"""Celery's doors to audit, both on the default queue and off the trading path: alerts go out, the record is sealed."""

from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import alerts, couriers, deliveries, sealing, trail
from audit.models import AuditEvent


@shared_task(name="audit.tasks.deliver_alerts")
def deliver_alerts(**kwargs: Any) -> None:
    """Draw alerts from new events, escalate what nobody acknowledged, send what is due."""
    carriers = couriers.configured()
    channels = [courier.label for courier in carriers]
    alerts.gather(channels=channels, now=timezone.now())
    after = timedelta(minutes=settings.ALERT_ESCALATE_MINUTES)
    alerts.escalate(channels=channels, after=after, now=timezone.now())
    deliveries.deliver_due(couriers=carriers, now=timezone.now())


@shared_task(name="audit.tasks.seal")
def seal(**kwargs: Any) -> None:
    """Seal what can be sealed; a sealer that cannot work says so on the record."""
    now = timezone.now()
    try:
        sealing.seal(now=now)
    except sealing.CounterWentBack as error:
        _say_once(str(error), now)


def _say_once(why: str, now: datetime) -> None:
    # The sealer tries every few seconds; one event a quarter of an hour is enough to be heard.
    said = AuditEvent.objects.filter(event="audit.seal_failed", at__gt=now - timedelta(minutes=15))
    with transaction.atomic():
        if not said.exists():
            trail.record(event="audit.seal_failed", sentence=why, by="sealer", now=now)
