"""Accounts at the broker, their changing state, and the lease that says who may act for them."""

import pgtrigger
from django.db import models
from simple_history.models import HistoricalRecords

from audit.models import append_only
from trading.choices import MONEY, Mode


class Account(models.Model):
    """One account at the broker, pinned by its number. A number never changes its mode.

    Written by people in the admin and by `seed_desk`; every change keeps who, when and why.
    """

    number = models.CharField(max_length=32, unique=True, help_text="The broker's account number.")
    name = models.CharField(max_length=64, help_text="What the desk calls it.")
    mode = models.CharField(max_length=8, choices=Mode, editable=False)
    active = models.BooleanField(default=True, help_text="The engine makes passes for active accounts only.")
    trade_interval_minutes = models.PositiveSmallIntegerField(default=1, help_text="Minutes between two decisions.")
    created_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(mode__in=Mode.values), name="account_mode_known"),
            models.CheckConstraint(
                condition=models.Q(trade_interval_minutes__gte=1, trade_interval_minutes__lte=390),
                name="account_trade_interval_within_a_session",
            ),
            # Referenced by the composite foreign keys that keep paper and live records apart.
            models.UniqueConstraint(fields=("id", "mode"), name="account_id_mode"),
        )
        # Its strategies, limits and halts know it by number.
        triggers = (pgtrigger.ReadOnly(name="identity_never_changes", fields=["id", "number", "mode", "created_at"]),)

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class AccountState(models.Model):
    """Figures and flags of one account as last read from the broker, and our own cash ledger beside them.

    This row's lock is *the account's row lock*: exposure is read and an intent recorded under it. Written by
    `trading.portfolio` (figures, opening), `trading.positions` (ledger), `trading.healing` (heard) and `trading.marks`
    (peak).
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="state")
    figures_at = models.DateTimeField(null=True, help_text="When the broker's figures were read; empty when never.")
    pinned_number = models.CharField(
        max_length=32, blank=True, help_text="Account number the keys were proved to open."
    )
    status = models.CharField(max_length=32, blank=True)
    cash = models.DecimalField(**MONEY, null=True)
    equity = models.DecimalField(**MONEY, null=True)
    last_equity = models.DecimalField(**MONEY, null=True, help_text="Broker equity at the previous close.")
    buying_power = models.DecimalField(**MONEY, null=True)
    long_market_value = models.DecimalField(**MONEY, null=True)
    intraday_adjustments = models.DecimalField(**MONEY, default=0)
    trading_blocked = models.BooleanField(default=False)
    account_blocked = models.BooleanField(default=False)
    trade_suspended = models.BooleanField(default=False)
    shorting_enabled = models.BooleanField(default=True)  # until the broker said otherwise
    ledger_cash = models.DecimalField(
        **MONEY, null=True, help_text="Cash by our own books: opening cash and every fill since."
    )
    ledger_opened_at = models.DateTimeField(null=True)
    peak_equity = models.DecimalField(**MONEY, null=True)
    heard_at = models.DateTimeField(
        null=True, help_text="Fills could be heard until here: the place healing starts from."
    )

    def __str__(self) -> str:
        return f"state of {self.account_id}"


class AccountLease(models.Model):
    """Who may act for the account now. A write under a smaller token than the row's is refused.

    Written by `trading.leases` alone. A token only grows.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="lease")
    holder = models.CharField(max_length=128, blank=True)
    token = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    kept_for = models.CharField(max_length=128, blank=True, db_default="", help_text="a halt that waits for it")
    kept_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"lease {self.token} of {self.account_id}"


pgtrigger.register(*append_only.triggers())(Account.history.model)
