"""Alerts drawn from events, which events each one gathers, and every attempt to tell a person."""

from typing import Self

from django.db import models
from django.db.models import Q

from audit.models import append_only
from audit.models.events import AuditEvent
from audit.severity import Severity


class AlertQuerySet(models.QuerySet["Alert"]):
    def unacknowledged(self) -> Self:
        return self.filter(acknowledged_at=None)


class Alert(models.Model):
    """Something a person must hear of. Events of one key within its window are one alert with a count.

    Written by `alerts` alone. The only later changes: another event joins, a person acknowledges, it is escalated.
    """

    key = models.CharField(max_length=255, help_text="what makes two events the same alert")
    event = models.CharField(max_length=64)
    severity = models.CharField(max_length=8, choices=Severity)
    mode = models.CharField(max_length=8, blank=True)
    account = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=128, blank=True)
    sentence = models.TextField(help_text="as the latest event says it")
    count = models.PositiveIntegerField(default=1, help_text="events gathered")
    first_at = models.DateTimeField(help_text="first event")
    last_at = models.DateTimeField(help_text="latest event")
    opened_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalations = models.PositiveSmallIntegerField(default=0)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True, help_text="what the person who acknowledged it said")

    objects = AlertQuerySet.as_manager()

    class Meta:
        permissions = (("acknowledge_alert", "Can acknowledge an alert"),)
        indexes = (
            models.Index(fields=("key", "-first_at"), name="alert_to_join"),
            models.Index(fields=("severity", "opened_at"), name="alert_to_escalate", condition=Q(acknowledged_at=None)),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by="")
                | (Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="")),
                name="alert_acknowledged_by_someone",
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="alert_gathers_something"),
        )
        triggers = append_only.kept()

    def __str__(self) -> str:
        return f"{self.severity} {self.event}: {self.sentence}"


class AlertedEvent(models.Model):
    """This event has been drawn into that alert; the key on the event is what makes reading twice harmless."""

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, primary_key=True, related_name="+")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="gathered")

    class Meta:
        triggers = append_only.triggers()

    def __str__(self) -> str:
        return f"event {self.event_id} in alert {self.alert_id}"


class AlertReader(models.Model):
    """How far the alert reader has read: every event below this transaction number is dealt with. One row."""

    only = models.BooleanField(primary_key=True, default=True)
    read_until = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(only=True), name="alert_reader_is_one"),)

    def __str__(self) -> str:
        return f"read below transaction {self.read_until}"


class AlertDeliveryQuerySet(models.QuerySet["AlertDelivery"]):
    def due(self, now: object) -> Self:
        """Not yet delivered, still to be tried, and their turn has come."""
        return self.filter(status=AlertDelivery.Status.PENDING, next_try_at__lte=now)


class AlertDelivery(models.Model):
    """One alert to one channel: what became of it. Queued by `alerts`, ended by `deliveries`."""

    class Status(models.TextChoices):
        PENDING = "pending", "waiting"
        SENT = "sent", "delivered to the channel"
        FAILED = "failed", "given up"

    class Reason(models.TextChoices):
        OPENED = "opened", "the alert was opened"
        ESCALATED = "escalated", "nobody acknowledged it"

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=128, help_text="kind and host of the channel, without its secrets")
    reason = models.CharField(max_length=9, choices=Reason)
    status = models.CharField(max_length=7, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, help_text="what the channel said last")

    objects = AlertDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "alert deliveries"
        indexes = (models.Index(fields=("next_try_at",), name="delivery_due", condition=Q(status="pending")),)
        constraints = (
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at=None)),
                name="delivery_sent_at_an_instant",
            ),
        )
        triggers = append_only.kept()

    def __str__(self) -> str:
        return f"alert {self.alert_id} to {self.channel}: {self.status}"
