"""Halt: the latch that stops trading, and the receipt of what was stopped at the broker."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q

from audit.models import append_only
from risk.models import kept, scope

_RELEASED_BY_TWO = """
    IF NEW.released_at IS NULL THEN
        RAISE EXCEPTION 'A halt row changes only by its release.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM risk_execution e JOIN risk_changerequest r ON r.id = e.request_id
        WHERE r.id = NEW.release_id AND r.kind = 'halt.release' AND r.target = 'halt:' || NEW.id
    ) THEN
        RAISE EXCEPTION 'Halt % is released only by an executed sign-off of two people.', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


DRILL = "drill"
"""A strategy that never trades: a halt on it exercises the latch and stops nothing."""


class HaltQuerySet(models.QuerySet["Halt"]):
    def open(self) -> Self:
        """Engaged and not released."""
        return self.filter(released_at__isnull=True)

    def in_earnest(self) -> Self:
        """Those that stop something: the drill's own latch stands for ever and is left out."""
        return self.exclude(scope_kind=scope.ScopeKind.STRATEGY, scope_key=DRILL)

    def reaching(self, account: str, strategy: str, symbol: str) -> Self:
        """Halts whose scope covers this account, strategy and symbol."""
        return self.filter(scope.reaching(account, strategy, symbol))


class Halt(models.Model):
    """Trading is stopped for a scope from `engaged_at` until `released_at`. Written by `halts` alone.

    Anyone engages one alone and at once. It is never released without an executed sign-off of another person: the
    database refuses that whatever the program says.
    """

    class Level(models.TextChoices):
        H1 = "H1", "no new entries"
        H2 = "H2", "no new entries, entries canceled"
        H3 = "H3", "flatten"

    scope_kind = models.CharField(max_length=8, choices=scope.ScopeKind)
    scope_key = models.CharField(max_length=64, blank=True, help_text="account, strategy or symbol; empty for the firm")
    level = models.CharField(max_length=2, choices=Level)
    reason = models.TextField()
    engaged_by = models.CharField(max_length=150)
    engaged_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=150, blank=True)
    release = models.OneToOneField(
        "risk.ChangeRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="released_halt"
    )

    objects = HaltQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["scope_kind", "scope_key", "level"],
                condition=Q(released_at__isnull=True),
                name="halt_one_open_per_scope_and_level",
            ),
            models.CheckConstraint(condition=scope.key_fits_kind(), name="halt_scope_key_fits_kind"),
            models.CheckConstraint(condition=~Q(reason=""), name="halt_has_a_reason"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by="", release__isnull=True)
                | (Q(released_at__isnull=False, release__isnull=False) & ~Q(released_by="")),
                name="halt_release_is_whole",
            ),
        )
        triggers = (
            pgtrigger.ReadOnly(name="engagement_never_changes", exclude=["released_at", "released_by", "release"]),
            pgtrigger.Protect(
                name="release_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__released_at__isnull=False),
            ),
            pgtrigger.Trigger(
                name="released_by_two", when=pgtrigger.Before, operation=pgtrigger.Update, func=_RELEASED_BY_TWO
            ),
            pgtrigger.Trigger(
                name="engaged_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__released_at__isnull=False),
                func="RAISE EXCEPTION 'A halt begins engaged.' USING ERRCODE = 'integrity_constraint_violation';",
            ),
            *kept.triggers(),
        )

    def __str__(self) -> str:
        return f"{self.level} on {self.scope}"

    @property
    def is_drill(self) -> bool:
        """Whether it is the drill's own latch, which stops nothing."""
        return self.scope_kind == scope.ScopeKind.STRATEGY and self.scope_key == DRILL

    @property
    def scope(self) -> str:
        """The scope in words, for instance "account PA3XYZ"."""
        return scope.label(self.scope_kind, self.scope_key)


class HaltReceipt(models.Model):
    """One line of what a halt did at the broker: an order or a position, and how the broker left it. Never changed.

    A later look at the same order is a new line; the newest line per subject is how it stands.
    """

    class Outcome(models.TextChoices):
        CONFIRMED = "CONFIRMED", "terminal at the broker"
        STILL_OPEN = "STILL_OPEN", "still open at the broker"
        UNKNOWN = "UNKNOWN", "the broker gave no trustworthy answer"

    halt = models.ForeignKey(Halt, on_delete=models.PROTECT, related_name="receipts")
    account = models.CharField(max_length=64)
    subject = models.CharField(max_length=128, help_text="the order's client id, or position and symbol")
    action = models.CharField(max_length=16, help_text="cancel, close or suspend")
    outcome = models.CharField(max_length=10, choices=Outcome)
    detail = models.TextField(blank=True, help_text="the broker's own words, or why it is still open")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["halt", "subject", "-id"], name="receipt_by_halt_and_subject"),)
        triggers = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.action} {self.subject}: {self.outcome}"
