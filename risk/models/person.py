"""Person: a human being, apart from the accounts he or she signs in with."""

from datetime import datetime, timedelta
from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import Q

from audit.models import append_only
from risk.models import kept, person_laws

SEASONING = timedelta(hours=72)
"""How long a new account, a new approver or a new second factor waits before it counts."""


class PersonQuerySet(models.QuerySet["Person"]):
    def approvers(self, now: datetime) -> Self:
        """People whose vote counts at `now` and who have at least one account, with the role, to cast it with.

        The permission is looked for by name: that somebody is a superuser counts for nothing here.
        """
        role = Permission.objects.filter(codename="add_vote", content_type__app_label="risk")
        usable = Q(accounts__usable_from__lte=now, accounts__user__is_active=True)
        may = Q(accounts__user__groups__permissions__in=role) | Q(accounts__user__user_permissions__in=role)
        return self.filter(usable & may, active=True, approves_from__lte=now).distinct()


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
    change = models.ForeignKey(
        "risk.ChangeRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the executed request by which two people let him or her join, return or vote",
    )
    written_in = models.BigIntegerField(
        db_default=append_only.CurrentTransaction(), editable=False, help_text="number of the transaction that wrote it"
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="person_has_a_name"),)
        triggers = (
            pgtrigger.ReadOnly(name="identity_never_changes", fields=["id", "name", "created_at", "written_in"]),
            *person_laws.of_people(),
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
    change = models.ForeignKey(
        "risk.ChangeRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the executed request; empty for those the desk began with",
    )

    class Meta:
        triggers = (*person_laws.of_accounts(), *kept.triggers())

    def __str__(self) -> str:
        return f"{self.user} of {self.person}"
