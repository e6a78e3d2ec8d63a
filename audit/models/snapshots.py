"""StateSnapshot: how an account stood at one moment, whole, as the program knew it."""

from django.db import models

from audit.models import append_only


class StateSnapshot(models.Model):
    """One account at one instant. Written by `trail.snapshot` alone; never changed, never removed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    mode = models.CharField(max_length=8, choices=(("paper", "paper"), ("live", "live")))
    account = models.CharField(max_length=64)
    pass_id = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(help_text="equity, cash, buying power and the like, USD as text")
    positions = models.JSONField(help_text="one object per symbol")
    orders = models.JSONField(help_text="one object per working order")
    limits = models.JSONField(help_text="one object per limit in force, with its version")

    class Meta:
        indexes = (models.Index(fields=("account", "-at"), name="snapshot_latest_of_account"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(mode__in=("paper", "live")), name="snapshot_mode_is_known"),
        )
        triggers = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.account} at {self.at:%Y-%m-%d %H:%M:%S} UTC"
