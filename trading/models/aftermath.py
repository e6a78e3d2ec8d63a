"""What people put their name to after a trade: a day's report signed, books adjusted to the broker's. Never changed."""

from typing import ClassVar

from django.db import models

from audit.models import append_only
from trading.choices import MONEY
from trading.models.accounts import Account
from trading.models.operations import DailyReport, ReconciliationBreak
from trading.models.orders import Fill, Order


class ReportSignature(models.Model):
    """A person has read a day's report and answers for it. Written by `trading.reconciling.signing`."""

    report = models.OneToOneField(DailyReport, models.PROTECT, related_name="signature")
    signed_by = models.CharField(max_length=150)
    signed_at = models.DateTimeField(help_text="Wall clock.")
    digest = models.CharField(max_length=64, help_text="SHA-256 over the report as it was signed, RFC 8785.")

    class Meta:
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"signed by {self.signed_by}"


class AdjustingEntry(models.Model):
    """One correction of our books after two people accepted the broker's side. Written by `trading.reconciling.cases`.

    Shares are booked by `order`, an order that exists in the books alone or was a stranger's at the broker; a mere
    difference of cash moves `cash`.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="adjusting_entries")
    case = models.ForeignKey(ReconciliationBreak, models.PROTECT, related_name="adjusting_entries")
    request_id = models.UUIDField(help_text="The executed change request.")
    order = models.OneToOneField(Order, models.PROTECT, null=True, related_name="adjusting_entry")
    reverses = models.OneToOneField(
        Fill, models.PROTECT, null=True, related_name="reversal", help_text="The fill that the broker declared void."
    )
    cash = models.DecimalField(**MONEY, default=0, help_text="USD added to the ledger, beside what shares cost.")
    reason = models.TextField()
    booked_by = models.CharField(max_length=150)
    booked_at = models.DateTimeField(help_text="Wall clock.")

    class Meta:
        verbose_name_plural = "adjusting entries"
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"adjusting entry for {self.case}"
