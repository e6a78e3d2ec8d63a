"""Person: a human being, apart from the accounts he or she signs in with."""

from datetime import datetime
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from risk.models import kept


class PersonQuerySet(models.QuerySet["Person"]):
    def approvers(self, now: datetime) -> Self:
        """People whose vote counts at `now` and who have at least one account to cast it with."""
        usable = Q(accounts__usable_from__lte=now, accounts__user__is_active=True)
        return self.filter(usable, active=True, approves_from__lte=now).distinct()


class Person(models.Model):
    """A human being. The two-person rule compares people, not accounts. Written by `people` alone; never removed."""

    name = models.CharField(max_length=150, unique=True)
    active = models.BooleanField(
        default=True, help_text="an inactive person neither proposes nor votes, nor do old votes count"
    )
    approves_from = models.DateTimeField(
        null=True, blank=True, help_text="his or her votes count from then on; empty for someone who does not approve"
    )
    created_at = models.DateTimeField()

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="person_has_a_name"),)
        triggers = (
            pgtrigger.ReadOnly(name="identity_never_changes", fields=["id", "created_at"]),
            *kept.triggers(),
        )

    def __str__(self) -> str:
        return self.name


class PersonAccount(models.Model):
    """A sign-in account that belongs to a person; it stays that person's for ever, so votes stay attributable."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accounts")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="person_account")
    usable_from = models.DateTimeField(help_text="a newer account cannot propose or vote before this instant")
    created_at = models.DateTimeField()

    class Meta:
        triggers = (
            pgtrigger.ReadOnly(name="owner_never_changes", fields=["id", "person", "user", "created_at"]),
            *kept.triggers(),
        )

    def __str__(self) -> str:
        return f"{self.user} of {self.person}"
