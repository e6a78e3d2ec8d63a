"""Instruments and bars. Written by `trading.market_data` alone."""

from django.db import models
from django.db.models import F, Q

from trading.choices import MONEY, Timeframe


class Instrument(models.Model):
    """One US stock or ETF as the broker describes it."""

    symbol = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=200, blank=True)
    exchange = models.CharField(max_length=16, blank=True)
    sector = models.CharField(max_length=64, blank=True)
    tradable = models.BooleanField(default=False)
    leveraged = models.BooleanField(null=True, help_text="Leveraged or inverse; empty when not known.")
    restricted_until = models.DateField(null=True, blank=True, help_text="No entries up to and including this day.")
    restricted_reason = models.CharField(max_length=200, blank=True)
    average_volume = models.DecimalField(
        max_digits=20, decimal_places=2, null=True, help_text="Shares per session over the last 20 sessions."
    )
    average_volume_date = models.DateField(null=True, help_text="Last session in that average.")
    paused_at = models.DateTimeField(
        null=True, help_text="Since when its trading pauses (venue's clock); empty while it trades."
    )
    paused_because = models.CharField(max_length=200, blank=True, help_text="The exchange's reason, in its own words.")
    checked_at = models.DateTimeField(null=True, help_text="When the broker last described it.")

    def __str__(self) -> str:
        return self.symbol


class Bar(models.Model):
    """Prices of one instrument over one timeframe from `start_at` on; USD and shares. Never changed once written."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="bars")
    timeframe = models.CharField(max_length=8, choices=Timeframe)
    start_at = models.DateTimeField()
    open = models.DecimalField(**MONEY)
    high = models.DecimalField(**MONEY)
    low = models.DecimalField(**MONEY)
    close = models.DecimalField(**MONEY)
    volume = models.BigIntegerField()

    class Meta:
        constraints = (
            # Also serves the window read: the last n bars of an instrument and timeframe.
            models.UniqueConstraint(fields=("instrument", "timeframe", "start_at"), name="bar_once"),
            models.CheckConstraint(
                condition=Q(low__gt=0)
                & Q(open__gte=F("low"), open__lte=F("high"), close__gte=F("low"), close__lte=F("high")),
                name="bar_prices_within_low_and_high",
            ),
            models.CheckConstraint(condition=Q(volume__gte=0), name="bar_volume_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.timeframe} {self.start_at:%Y-%m-%d %H:%M}"
