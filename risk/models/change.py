"""ChangeRequest, Vote, Execution: what one person asks for, another decides, and that happens at most once."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from audit.models import append_only
from risk.models import change_laws, factor_laws
from risk.models.person import Person


class ChangeRequestQuerySet(models.QuerySet["ChangeRequest"]):
    def open(self, now: datetime) -> Self:
        """Still to be decided or executed at `now`."""
        undecided = Q(status=ChangeRequest.Status.PENDING, approval_expires_at__gt=now)
        return self.filter(undecided | Q(status=ChangeRequest.Status.APPROVED, execution_expires_at__gt=now))


class ChangeRequest(models.Model):
    """What one person asks for, whole and unchangeable. Written by `signoff` alone.

    Only `status` moves, along change_laws.LEGAL_MOVES. `payload_hash` covers everything that is asked for and where: a
    vote for it is a vote for nothing else.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", "waits for another person"
        APPROVED = "APPROVED", "approved, not yet executed"
        REJECTED = "REJECTED", "declined"
        WITHDRAWN = "WITHDRAWN", "withdrawn"
        EXPIRED = "EXPIRED", "expired"
        EXECUTED = "EXECUTED", "executed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=32, help_text="what sort of change, for instance limit.loosen")
    target = models.CharField(max_length=128, help_text="what it changes")
    base_version = models.CharField(max_length=128, help_text="the target's version it was written against")
    payload = models.JSONField(help_text="what is to hold afterwards, and the evidence")
    payload_hash = models.CharField(max_length=64, help_text="SHA-256 over the canonical JSON of everything asked for")
    policy_version = models.CharField(max_length=32)
    environment = models.CharField(max_length=32)
    account = models.CharField(max_length=64, blank=True)
    build = models.CharField(max_length=64)
    reason = models.TextField()
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="requests")
    requested_account = models.CharField(max_length=150, help_text="the account it was asked with")
    requested_at = models.DateTimeField()
    approval_expires_at = models.DateTimeField(help_text="silence until then is a refusal")
    execution_expires_at = models.DateTimeField(help_text="an approval not used until then is void")
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        constraints = (
            # What the composite foreign key of Vote points at.
            models.UniqueConstraint(fields=["id", "requested_by"], name="change_requester_is_copyable"),
            models.UniqueConstraint(
                fields=["kind", "target"],
                condition=Q(status__in=("PENDING", "APPROVED")),
                name="change_one_open_per_target",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="change_has_a_reason"),
            models.CheckConstraint(condition=Q(payload_hash__regex=r"^[0-9a-f]{64}$"), name="change_hash_is_sha256"),
            models.CheckConstraint(
                condition=Q(approval_expires_at__gt=F("requested_at"), execution_expires_at__gt=F("requested_at")),
                name="change_expires_after_its_request",
            ),
        )
        triggers = change_laws.request_triggers()

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


class Vote(models.Model):
    """One person's decision on one exact request. Never changed, never removed. Written by `signoff` alone.

    `requested_by` is a copy held equal to the request's by a composite foreign key, so the database itself can refuse
    that a person decides what he or she asked for.
    """

    class Decision(models.TextChoices):
        APPROVE = "APPROVE", "approve"
        REJECT = "REJECT", "decline"

    request = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="votes")
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="votes")
    decided_account = models.CharField(max_length=150, help_text="the account it was decided with")
    decision = models.CharField(max_length=7, choices=Decision)
    payload_hash = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    auth_method = models.CharField(max_length=32, help_text="how the person proved presence")
    auth_at = models.DateTimeField(null=True, help_text="when the proof was asked for")
    factor = models.ForeignKey("risk.Factor", null=True, on_delete=models.PROTECT, related_name="votes")
    signature = models.JSONField(null=True, help_text="the whole assertion of a security key, or the seal of a code")
    # Empty is none: only what was presented is held unique.
    presented = models.CharField(  # noqa: DJ001
        max_length=120, null=True, unique=True, help_text="what counts once: an assertion's nonce, a code's half minute"
    )
    decided_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["request", "decided_by"], name="vote_once_per_person"),
            models.CheckConstraint(condition=~Q(decided_by=F("requested_by")), name="vote_by_another_person"),
            models.CheckConstraint(condition=Q(decision="APPROVE") | ~Q(reason=""), name="vote_declines_with_a_reason"),
        )
        triggers = (*append_only.triggers(), change_laws.vote_fits_request(), factor_laws.vote_is_proved())

    def __str__(self) -> str:
        return f"{self.decided_by}: {self.decision}"


class Execution(models.Model):
    """The one time an approved request was carried out. Never changed, never removed. Written by `signoff` alone."""

    request = models.OneToOneField(ChangeRequest, on_delete=models.PROTECT, related_name="execution")
    payload_hash = models.CharField(max_length=64)
    executed_by = models.CharField(max_length=150)
    executed_at = models.DateTimeField()

    class Meta:
        triggers = (*append_only.triggers(), change_laws.execution_was_approved())

    def __str__(self) -> str:
        return f"execution of {self.request_id}"
