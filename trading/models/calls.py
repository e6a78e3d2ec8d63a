"""What is left of the broker's request limit. Written by `trading.broker.shared_ledger` alone."""

from django.db import models
from django.db.models import Q


class BrokerBudget(models.Model):
    """One account's request budget at one host: the authority all processes draw from, on the database's clock.

    Redis holds only calls that were granted here, so that losing it can let nothing more out. Not part of the record:
    the row is what is left now.
    """

    account = models.CharField(max_length=32, help_text="Account number.")
    host = models.CharField(max_length=255)
    limit = models.PositiveIntegerField(help_text="Requests a minute, as the broker last told.")
    tokens = models.DecimalField(max_digits=14, decimal_places=4)
    filled_at = models.DateTimeField(help_text="When tokens were last added.")
    window_ends_at = models.DateTimeField(null=True, help_text="When the broker counts anew; empty when never told.")
    window_left = models.PositiveIntegerField(default=0, help_text="Of the broker's window, not yet granted.")
    stopped_until = models.DateTimeField(null=True, help_text="The broker answered 429: nothing ordinary before this.")
    probed_at = models.DateTimeField(null=True, help_text="When an urgent call last went through a stop.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "host"), name="broker_budget_once"),
            models.CheckConstraint(condition=Q(limit__gt=0), name="broker_budget_has_a_limit"),
            # Never overdrawn, whoever draws.
            models.CheckConstraint(condition=Q(tokens__gte=0), name="broker_budget_is_not_overdrawn"),
        )

    def __str__(self) -> str:
        return f"request budget of {self.account} at {self.host}"
