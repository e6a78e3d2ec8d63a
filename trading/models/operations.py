"""The running of the desk: passes, heartbeats, preflight, reconciliation, daily reports, live arming."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.models import append_only
from trading.models.accounts import Account


class EnginePass(models.Model):
    """One pass of the execution loop for one account over one bar. Written by `trading.engine`."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        SKIPPED = "skipped", "skipped"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.PROTECT, related_name="passes")
    bar_at = models.DateTimeField(help_text="Start of the bar it judged.")
    session_date = models.DateField()
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.RUNNING)
    note = models.TextField(blank=True, help_text="Why it was skipped or failed.")
    signals = models.PositiveIntegerField(default=0)
    approved = models.PositiveIntegerField(default=0)
    denied = models.PositiveIntegerField(default=0)
    lease_token = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "engine passes"
        constraints = (models.UniqueConstraint(fields=("account", "bar_at"), name="pass_once_per_bar"),)
        indexes = (models.Index(fields=("account", "-started_at"), name="pass_latest"),)

    def __str__(self) -> str:
        return f"pass over {self.bar_at:%Y-%m-%d %H:%M}, {self.outcome}"


class ProcessHeartbeat(models.Model):
    """One process of the desk and the last work it finished (wall clock). Written by the process itself."""

    process = models.CharField(max_length=32, help_text="web, worker, beat, stream, watchdog")
    instance = models.CharField(max_length=128, unique=True, help_text="host:pid")
    build = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(help_text="When it last said it is alive.")
    worked_at = models.DateTimeField(null=True, help_text="When it last finished a piece of work.")
    note = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.process} {self.instance}"


class PreflightRun(models.Model):
    """One preflight checklist with its results: name, result, detail, remedy, seconds. Never changed."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="preflights")
    mode = models.CharField(max_length=8)
    passed = models.BooleanField()
    items = models.JSONField()
    build = models.CharField(max_length=64)
    by = models.CharField(max_length=150)
    ran_at = models.DateTimeField()
    seconds = models.DecimalField(max_digits=8, decimal_places=3)

    class Meta:
        indexes = (models.Index(fields=("account", "-ran_at"), name="preflight_latest"),)
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"preflight of {self.ran_at:%Y-%m-%d %H:%M}: {'passed' if self.passed else 'failed'}"


class ReconciliationRun(models.Model):
    """One comparison of our books with the broker's. Written by `trading.reconciling.reconciliation`."""

    class Kind(models.TextChoices):
        CONTINUOUS = "continuous", "continuous"
        CLOSE = "close", "end of day"

    class Outcome(models.TextChoices):
        CLEAN = "clean", "equal"
        BREAKS = "breaks", "differs"
        UNREADABLE = "unreadable", "broker not readable"

    account = models.ForeignKey(Account, models.PROTECT, related_name="reconciliations")
    kind = models.CharField(max_length=12, choices=Kind)
    outcome = models.CharField(max_length=12, choices=Outcome)
    positions = models.PositiveIntegerField(default=0)
    orders = models.PositiveIntegerField(default=0)
    cash_difference = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    note = models.TextField(blank=True)
    session_date = models.DateField()
    ran_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account", "-ran_at"), name="reconciliation_latest"),)
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.kind} reconciliation, {self.outcome}"


class ReconciliationBreak(models.Model):
    """A difference seen twice between our books and the broker's: a case, never an overwrite and never a trade.

    An open break on a symbol blocks entries in it; one of cash or of running sums blocks all entries.
    """

    class Kind(models.TextChoices):
        POSITION = "position", "position"
        ORDER = "order", "order"
        CASH = "cash", "cash"
        FILL = "fill", "fill"
        SUMS = "sums", "running sums"  # ours against our own orders: no broker has a part in it

    class Status(models.TextChoices):
        OPEN = "open", "open"
        RESOLVED = "resolved", "resolved"

    account = models.ForeignKey(Account, models.PROTECT, related_name="breaks")
    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="breaks")
    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.CharField(max_length=128, help_text="Symbol, broker order id, or cash.")
    symbol = models.CharField(max_length=16, blank=True)
    expected = models.CharField(max_length=200, help_text="By our books.")
    seen = models.CharField(max_length=200, help_text="At the broker.")
    evidence = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=150, blank=True)
    resolution = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account", "kind", "subject"), condition=Q(status="open"), name="break_one_open_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(status="open", resolved_at=None) | Q(status="resolved", resolved_at__isnull=False),
                name="break_resolved_with_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} break on {self.subject}"


class DailyReport(models.Model):
    """The day's figures after the close, kept as they were. One per account and session."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="daily_reports")
    session_date = models.DateField()
    figures = models.JSONField()
    books_equal_broker = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "session_date"), name="daily_report_once"),)
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"report of {self.session_date}"


class LiveArming(models.Model):
    """Permission for a live account to send orders: an executed go-live request and the fingerprint it covers.

    Written by `trading.golive`. One open arming per account; a changed fingerprint, a halt or a breach revokes it.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="armings")
    request_id = models.UUIDField(unique=True, help_text="The executed change request.")
    preflight = models.ForeignKey(PreflightRun, models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64)
    armed_by = models.CharField(max_length=150)
    armed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account",), condition=Q(revoked_at=None), name="arming_one_open_per_account"
            ),
        )

    def __str__(self) -> str:
        return f"live arming of {self.account_id}"
