"""How order updates are heard: who listens for an account and since when, and every message as it came."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from trading.models.accounts import Account


class Hearing(models.Model):
    """Who hears an account's order updates, and since when without a gap. Written by `trading.streams.hearing` alone.

    Instants are the database's. Entries need one that has not run out and hears: what is bought must be heard of.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="hearing")
    holder = models.CharField(max_length=128, help_text="host:pid")
    expires_at = models.DateTimeField()
    heard_from = models.DateTimeField(null=True, help_text="Empty while nothing is heard.")

    def __str__(self) -> str:
        return f"{self.holder} hears {self.account_id}"


class StreamMessage(models.Model):
    """One message of the order stream, kept before it is applied. Written by `trading.streams.inbox` alone."""

    class State(models.TextChoices):
        WAITING = "waiting", "not applied yet"
        APPLIED = "applied", "applied"
        POISON = "poison", "cannot be applied; kept and passed over"

    account = models.ForeignKey(Account, models.PROTECT, related_name="stream_messages")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    body = models.JSONField(encoder=DjangoJSONEncoder, help_text="As it came, or its text where it is no JSON.")
    outcome = models.TextField(blank=True, help_text="What it led to, or why it could not be applied.")
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            # What was left behind is asked for at every start of listening; empty but for moments.
            models.Index(fields=("account", "id"), condition=Q(state="waiting"), name="stream_message_waiting"),
            models.Index(fields=("-id",), condition=Q(state="poison"), name="stream_message_poison"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="waiting", done_at=None) | (~Q(state="waiting") & Q(done_at__isnull=False)),
                name="stream_message_done_when_not_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"message {self.pk}, {self.state}"
