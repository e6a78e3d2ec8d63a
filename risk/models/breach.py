"""Breach: a limit that was reached, what was seen, what was done, and how a person closed it."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q

from risk.models import kept

_FACTS = ["id", "account", "mode", "strategy", "symbol", "code", "control", "stage", "seen", "limit_name"]
_FACTS += ["limit_value", "limit_version", "sentence", "done", "session_date", "opened_at"]


class BreachQuerySet(models.QuerySet["Breach"]):
    def open(self) -> Self:
        """Not yet closed by a person."""
        return self.filter(closed_at__isnull=True)

    def broken(self) -> Self:
        """Those where the account stood beyond a limit, not merely asked to."""
        return self.filter(stage=Breach.Stage.BROKEN)


class Breach(models.Model):
    """A limit was reached, before a trade or at trade. Open until a person closes it with a reason.

    Written by `breaches` alone. One row stands for all sightings of one code, account and symbol in one session while
    it is open.
    """

    class Stage(models.TextChoices):
        PREVENTED = "PREVENTED", "an order was denied before it broke the limit"
        WARNED = "WARNED", "seen at trade; a person is told, nothing was stopped"
        BROKEN = "BROKEN", "the account stood beyond the limit"

    account = models.CharField(max_length=64)
    mode = models.CharField(max_length=8, blank=True)
    strategy = models.CharField(max_length=64, blank=True)
    symbol = models.CharField(max_length=32, blank=True)
    code = models.CharField(max_length=48)
    control = models.PositiveSmallIntegerField(help_text="number of the control in docs/controls.md")
    stage = models.CharField(max_length=9, choices=Stage)
    seen = models.CharField(max_length=200)
    limit_name = models.CharField(max_length=48)
    limit_value = models.CharField(max_length=64)
    limit_version = models.PositiveIntegerField(null=True)
    sentence = models.TextField()
    done = models.TextField(help_text="what the program did about it")
    session_date = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    closing_reason = models.TextField(blank=True)

    objects = BreachQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "breaches"
        constraints = (
            models.UniqueConstraint(
                fields=["account", "symbol", "code", "session_date"],
                condition=Q(closed_at__isnull=True),
                name="breach_one_open_per_session",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="", closing_reason="")
                | (Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(closing_reason="")),
                name="breach_closed_by_someone_with_a_reason",
            ),
        )
        triggers = (
            pgtrigger.ReadOnly(name="sighting_never_changes", fields=_FACTS),
            pgtrigger.Protect(
                name="closing_is_final", operation=pgtrigger.Update, condition=pgtrigger.Q(old__closed_at__isnull=False)
            ),
            *kept.triggers(),
        )

    def __str__(self) -> str:
        return f"{self.code} on {self.account} {self.symbol}".rstrip()
