"""Positions, their FIFO lots and the equity curve. Written by `trading.positions`, the curve by `trading.marks`."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.models import append_only
from trading.choices import MONEY, SHARES, Mode
from trading.models.accounts import Account
from trading.models.market import Instrument
from trading.models.orders import Fill


class Position(models.Model):
    """Shares of one instrument held for one account by our own books; negative is short, zero is flat."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="positions")
    mode = models.CharField(max_length=8, choices=Mode)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    quantity = models.DecimalField(**SHARES, default=0)
    average_price = models.DecimalField(**MONEY, default=0)
    realised_pnl = models.DecimalField(**MONEY, default=0, help_text="USD, since the first fill.")
    updated_at = models.DateTimeField()
    naked_since = models.DateTimeField(null=True, help_text="Seen without a live stop since then; wall clock.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "instrument"), name="position_once"),)

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} shares"


class Lot(models.Model):
    """Shares opened by one fill, and how many of them remain; first in, first out."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="lots")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    opening_fill = models.OneToOneField(Fill, models.PROTECT, related_name="lot")
    quantity = models.DecimalField(**SHARES, help_text="Signed: negative for shares sold short.")
    remaining = models.DecimalField(**SHARES)
    price = models.DecimalField(**MONEY)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gt=0, remaining__gte=0, remaining__lte=F("quantity"))
                | Q(quantity__lt=0, remaining__lte=0, remaining__gte=F("quantity")),
                name="lot_remaining_within_quantity",
            ),
        )
        indexes = (
            models.Index(
                fields=("account", "instrument", "opened_at"), condition=~Q(remaining=0), name="lot_open"
            ),  # FIFO read of what is still open
        )

    def __str__(self) -> str:
        return f"{self.remaining.normalize():f} of {self.quantity.normalize():f} @ {self.price.normalize():f}"


class LotClosing(models.Model):
    """Part of a lot closed by one fill, with the P&L it realised (USD). Never changed."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="closings")
    closing_fill = models.ForeignKey(Fill, models.PROTECT, related_name="closings")
    quantity = models.DecimalField(**SHARES)
    realised_pnl = models.DecimalField(**MONEY)
    closed_at = models.DateTimeField()
    session_date = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("lot", "closing_fill"), name="lot_closing_once"),)
        indexes = (models.Index(fields=("session_date",), name="lot_closing_day"),)  # realised P&L of a day
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} for {self.realised_pnl.normalize():f}"


class EquityMark(models.Model):
    """The account valued at one instant of the venue's clock; USD."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="equity_marks")
    mode = models.CharField(max_length=8, choices=Mode)
    at = models.DateTimeField()
    session_date = models.DateField()
    equity = models.DecimalField(**MONEY)
    cash = models.DecimalField(**MONEY)
    realised_pnl = models.DecimalField(**MONEY, help_text="This session.")
    unrealised_pnl = models.DecimalField(**MONEY)
    day_pnl = models.DecimalField(**MONEY)
    drawdown = models.DecimalField(max_digits=9, decimal_places=6, help_text="Fraction below the peak.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "at"), name="equity_mark_once"),)

    def __str__(self) -> str:
        return f"{self.equity} at {self.at:%Y-%m-%d %H:%M}"
