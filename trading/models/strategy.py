"""Strategies with their versioned parameters, and the signals they gave."""

from typing import ClassVar

import pgtrigger
from django.db import models
from simple_history.models import HistoricalRecords

from audit.models import append_only
from trading.models import strategy_laws
from trading.models.accounts import Account
from trading.models.market import Instrument


class Strategy(models.Model):
    """One rule with parameters, trading some symbols for one account. Written by `opening` and `strategy_changes`.

    Parameters are the rule's own (see `trading.strategies`); a change of them is a new version and voids go-live.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="strategies")
    name = models.CharField(max_length=64)
    rule = models.CharField(max_length=64, help_text="Name of the rule in the registry.")
    parameters = models.JSONField(default=dict, blank=True)
    symbols = models.JSONField(default=list, help_text="Symbols it may trade.")
    risk_fraction = models.DecimalField(
        max_digits=6, decimal_places=5, help_text="Equity risked per trade (0.001 is 0.1 %)."
    )
    version = models.PositiveIntegerField(default=1)
    active = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    change = models.ForeignKey(
        "risk.ChangeRequest",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text="The executed request by which two people last woke, widened or altered it.",
    )
    written_in = models.BigIntegerField(
        db_default=append_only.CurrentTransaction(), editable=False, help_text="Number of the transaction it began in."
    )
    history = HistoricalRecords(excluded_fields=["written_in"])

    class Meta:
        verbose_name_plural = "strategies"
        triggers: ClassVar = strategy_laws.triggers()
        constraints = (
            models.UniqueConstraint(fields=("account", "name"), name="strategy_name_once_per_account"),
            models.CheckConstraint(
                condition=models.Q(risk_fraction__gt=0, risk_fraction__lte="0.02"), name="strategy_risk_fraction_sane"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Signal(models.Model):
    """What a strategy wanted on one bar: a target, before size and before risk. Written by `trading.orders`."""

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="signals")
    strategy_version = models.PositiveIntegerField()
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    bar_at = models.DateTimeField(help_text="Start of the bar that gave it.")
    session_date = models.DateField()
    direction = models.CharField(max_length=8, help_text="long or flat")
    strength = models.DecimalField(max_digits=6, decimal_places=4)
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            # One answer per bar: a pass that runs twice can not signal twice.
            models.UniqueConstraint(fields=("strategy", "instrument", "bar_at"), name="signal_once_per_bar"),
        )
        indexes = (models.Index(fields=("created_at",), name="signal_latest"),)  # the signals page
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.direction} at {self.bar_at:%H:%M}"


pgtrigger.register(*append_only.triggers())(Strategy.history.model)
