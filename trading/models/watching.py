"""How an account does over weeks, as the monitors keep it, and what was paid in and out of it."""

from django.db import models
from django.db.models import Q

from audit.models import append_only
from trading.choices import MONEY, Digits
from trading.models.accounts import Account

_INDEX: Digits = {"max_digits": 24, "decimal_places": 12}


class Transfer(models.Model):
    """Cash or value paid into an account (above zero) or out of it. Never changed. Written by `trading.transfers`."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="transfers")
    activity_id = models.CharField(max_length=128, help_text="The broker's id of the activity.")
    kind = models.CharField(max_length=16, help_text="The broker's word: CSD, CSW, JNLC and so on.")
    amount = models.DecimalField(**MONEY)
    at = models.DateTimeField(help_text="When it was booked at the broker (venue's clock).")
    known_at = models.DateTimeField(help_text="When we first heard of it (wall clock).")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "activity_id"), name="transfer_once"),)
        indexes = (models.Index(fields=("account", "at"), name="transfer_when"),)
        triggers = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.kind} {self.amount.normalize():f} of {self.account_id}"


class TransferReading(models.Model):
    """Until when the broker was asked for transfers. Written by `trading.transfers`."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="transfer_reading")
    until = models.DateTimeField(help_text="Venue's clock.")
    read_at = models.DateTimeField(help_text="Wall clock.")

    def __str__(self) -> str:
        return f"transfers of {self.account_id} until {self.until:%Y-%m-%d %H:%M}"


class LossTrack(models.Model):
    """The account's return index: 1 when watching began, times (1 + return) of each session since.

    Written by `trading.watching.monitors` alone.

    Transfers do not move it, so a week's loss and a drawdown are losses and no withdrawals. `closed` is the index
    before the session of `session_date`, `index` the one now.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="loss_track")
    session_date = models.DateField()
    base_equity = models.DecimalField(**MONEY, help_text="Broker equity at the close before the session.")
    transfers = models.DecimalField(**MONEY, help_text="Paid in less paid out since that close.")
    closed = models.DecimalField(**_INDEX)
    index = models.DecimalField(**_INDEX)
    week = models.DateField(help_text="Monday of the session's week.")
    week_index = models.DecimalField(**_INDEX, help_text="Index at the close before that week.")
    peak_index = models.DecimalField(**_INDEX)
    peak_date = models.DateField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(closed__gt=0, index__gt=0, week_index__gt=0, peak_index__gt=0, base_equity__gt=0),
                name="loss_track_is_above_zero",
            ),
        )

    def __str__(self) -> str:
        return f"return index {self.index.normalize():f} of {self.account_id}"
