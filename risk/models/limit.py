"""Limit: one version of one bound, for one scope."""

from datetime import datetime
from decimal import Decimal
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from audit.models import append_only
from risk import policy, wording
from risk.models import kept, scope


class LimitQuerySet(models.QuerySet["Limit"]):
    def in_force(self) -> Self:
        """The versions that judge now."""
        return self.filter(active_to__isnull=True)

    def reaching(self, account: str, strategy: str, symbol: str) -> Self:
        """Versions whose scope covers this account, strategy and symbol."""
        return self.filter(scope.reaching(account, strategy, symbol))


def _within_ceilings() -> Q:
    """The ceilings in code, as the database holds them: a known name, and nothing looser than its ceiling."""
    found = Q()
    for bound in policy.BOUNDS.values():
        side = "gte" if bound.stricter is policy.Stricter.HIGHER else "lte"
        limits = {f"value__{side}": bound.ceiling}
        found |= Q(name=bound.name, **limits)
    return found


class Limit(models.Model):
    """One version of a bound: in force from `active_from` until `active_to`, for ever while that is empty.

    Written by `limits` alone. A version's value never changes: a new value is a new row, and the old one gets its end.
    """

    class Unit(models.TextChoices):
        FRACTION = "fraction", "fraction"
        USD = "usd", "USD"
        COUNT = "count", "count"
        SECONDS = "seconds", "seconds"
        FLAG = "flag", "yes (1) or no (0)"

    scope_kind = models.CharField(max_length=8, choices=scope.ScopeKind)
    scope_key = models.CharField(max_length=64, blank=True, help_text="account, strategy or symbol; empty for the firm")
    name = models.CharField(max_length=48)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    unit = models.CharField(max_length=8, choices=Unit)
    version = models.PositiveIntegerField(help_text="counts up from 1 within one name and scope")
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="end of a temporary value; from then on `returns_to` counts, by itself"
    )
    returns_to = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    set_by = models.CharField(max_length=150, help_text="who set it: a user name, or the part of the program that did")
    reason = models.TextField()
    change = models.ForeignKey(
        "risk.ChangeRequest",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the approved request that loosened it; empty for a tightening",
    )

    objects = LimitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["scope_kind", "scope_key", "name"],
                condition=Q(active_to__isnull=True),
                name="limit_one_version_in_force",
            ),
            models.UniqueConstraint(
                fields=["scope_kind", "scope_key", "name", "version"], name="limit_version_is_unique"
            ),
            models.CheckConstraint(condition=scope.key_fits_kind(), name="limit_scope_key_fits_kind"),
            # PostgreSQL sorts NaN above every number, so an upper bound keeps NaN and infinity out too.
            models.CheckConstraint(condition=Q(value__gte=0, value__lt=10**14), name="limit_value_is_a_number"),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
                name="limit_ends_after_its_start",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="limit_has_a_reason"),
            models.CheckConstraint(condition=_within_ceilings(), name="limit_within_its_ceiling"),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True, returns_to__isnull=True)
                | Q(expires_at__gt=F("active_from"), returns_to__gte=0, returns_to__lt=10**14),
                name="limit_temporary_value_returns",
            ),
        )
        triggers = (
            pgtrigger.ReadOnly(name="version_never_changes", exclude=["active_to"]),
            pgtrigger.Protect(
                name="end_is_final", operation=pgtrigger.Update, condition=pgtrigger.Q(old__active_to__isnull=False)
            ),
            *kept.triggers(),
        )

    def __str__(self) -> str:
        said = f"{wording.title(self.name)} {wording.figure(self.unit, self.value)}"
        return f"{said} ({self.scope}, version {self.version})"

    def value_at(self, now: datetime) -> Decimal:
        """What counts at `now`: the value, or what returned when its time was over."""
        over = self.expires_at is not None and self.expires_at <= now
        return self.returns_to if over and self.returns_to is not None else self.value

    @property
    def scope(self) -> str:
        """The scope in words, for instance "symbol AAPL"."""
        return scope.label(self.scope_kind, self.scope_key)


pgtrigger.register(*append_only.triggers())(Limit.history.model)
