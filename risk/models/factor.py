"""Factor: a second factor somebody may vote with, as it was when it was enrolled."""

from datetime import datetime
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q

from risk.models import factor_laws, kept
from risk.models.person import PersonAccount


class FactorQuerySet(models.QuerySet["Factor"]):
    def present(self) -> Self:
        """Not taken away."""
        return self.filter(revoked_at=None)

    def usable(self, now: datetime) -> Self:
        """Old enough at `now`, and either a founder's first or admitted by two people."""
        return self.present().filter(Q(founding=True) | Q(change__isnull=False), usable_from__lte=now)


class Factor(models.Model):
    """A second factor of an account: what it is, its public key, and from when on it may vote. Written by `factors`.

    Signing in is allauth's affair and its rows come and go; a row here stays, so that old votes can be verified.
    """

    class Kind(models.TextChoices):
        KEY = "webauthn", "security key"
        APP = "totp", "authenticator app"

    account = models.ForeignKey(PersonAccount, on_delete=models.PROTECT, related_name="factors")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=100, blank=True)
    authenticator = models.BigIntegerField(unique=True, help_text="its number among the factors of signing in")
    credential_id = models.CharField(max_length=1400, blank=True, help_text="base64url; of a security key")
    public_key = models.TextField(blank=True, help_text="COSE key, base64url; of a security key")
    enrolled_at = models.DateTimeField()
    usable_from = models.DateTimeField(help_text="it does not vote before this instant")
    founding = models.BooleanField(default=False, help_text="the first factor of somebody the desk began with")
    change = models.ForeignKey(
        "risk.ChangeRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the executed request that admitted it to votes",
    )
    revoked_at = models.DateTimeField(null=True)

    objects = FactorQuerySet.as_manager()

    class Meta:
        constraints = (
            # A key that two accounts share would let one hand vote as two people.
            models.UniqueConstraint(
                fields=["credential_id"], condition=Q(kind="webauthn"), name="factor_key_belongs_to_one_account"
            ),
            models.CheckConstraint(
                condition=Q(kind="totp", credential_id="", public_key="")
                | (Q(kind="webauthn") & ~Q(credential_id="") & ~Q(public_key="")),
                name="factor_key_has_its_public_key",
            ),
        )
        triggers = (
            pgtrigger.ReadOnly(name="what_it_is_never_changes", exclude=["change", "revoked_at"]),
            *factor_laws.triggers(),
            *kept.triggers(),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} “{self.name}”" if self.name else self.get_kind_display()
