"""AuditEvent: the spine. Everything that happens is one row, written in the transaction of the change it tells of."""

from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from audit.models import append_only
from audit.severity import Severity


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def in_order(self) -> Self:
        """Oldest first."""
        return self.order_by("id")

    def ended_before(self, transaction: int) -> Self:
        """Events of transactions numbered below `transaction`."""
        return self.filter(xid__lt=transaction)


class AuditEvent(models.Model):
    """One thing that happened, told once. Written by `trail` alone; never changed, never removed.

    Subjects are stored as text, so the record outlives what it describes. `id` is the order of writing, which is not
    the order of committing; readers that must miss nothing go by `xid`.
    """

    id = models.BigAutoField(primary_key=True)
    xid = models.BigIntegerField(
        db_default=append_only.CurrentTransaction(), editable=False, help_text="number of the transaction that wrote it"
    )
    at = models.DateTimeField(help_text="when it happened (UTC), as its writer was told the time")
    event = models.CharField(
        max_length=64, help_text="what happened: subject and past tense, for instance order.submitted"
    )
    severity = models.CharField(max_length=8, choices=Severity)
    mode = models.CharField(max_length=8, blank=True, help_text="paper or live; empty when it concerns no account")
    account = models.CharField(max_length=64, blank=True)
    actor = models.CharField(
        max_length=128, help_text="who acted: a person's name, or the part of the program that did"
    )
    person = models.CharField(max_length=150, blank=True, help_text="who was signed in; empty for automation")
    session = models.CharField(max_length=64, blank=True, help_text="fingerprint of the sign-in session, never its key")
    ip = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=128, blank=True, help_text="what it is about: a symbol, a limit, a user name")
    intent = models.CharField(max_length=64, blank=True, help_text="trade id: the intent's UUID")
    order = models.CharField(max_length=64, blank=True)
    pass_id = models.CharField(max_length=64, blank=True)
    sentence = models.TextField(help_text="what happened, as a person would say it")
    data = models.JSONField(default=dict, blank=True, help_text="figures behind the sentence; decimals as text")

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("xid",), name="event_sealer_and_readers"),
            models.Index(fields=("account", "-id"), name="event_feed_of_an_account"),
            models.Index(fields=("event", "-id"), name="event_list_of_one_kind"),
            models.Index(fields=("intent", "id"), name="event_story_of_an_intent", condition=~models.Q(intent="")),
            models.Index(fields=("order", "id"), name="event_story_of_an_order", condition=~models.Q(order="")),
            models.Index(fields=("subject", "-id"), name="event_story_of_a_subject", condition=~models.Q(subject="")),
            models.Index(
                fields=("-id",),
                name="event_list_of_grave_ones",
                condition=models.Q(severity__in=(Severity.SERIOUS, Severity.CRITICAL)),
            ),
            BrinIndex(fields=("at",), name="event_list_of_a_day"),
        )
        constraints = (
            models.CheckConstraint(condition=~models.Q(event=""), name="event_has_a_word"),
            models.CheckConstraint(condition=~models.Q(actor=""), name="event_has_an_actor"),
            models.CheckConstraint(condition=models.Q(severity__in=Severity.values), name="event_severity_is_known"),
            models.CheckConstraint(condition=models.Q(mode__in=("", "paper", "live")), name="event_mode_is_known"),
        )
        triggers = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.id} {self.event}: {self.sentence}"
