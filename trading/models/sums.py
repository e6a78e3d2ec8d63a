"""Running sums of open orders and of the day's intents. Written by the database alone, by triggers on those tables.

They are there to be read by a decision, whose cost must not grow with the number of orders. They hold quantities, and
values at prices that orders carry; positions are marked as they are read, for marks move without a write. The program's
database role may only read them. `trading.reading.sums` compares them with the rows they stand for.
"""

from django.db import models

from trading.choices import Digits, Side
from trading.models.accounts import Account
from trading.models.market import Instrument

EXACT: Digits = {"max_digits": 40, "decimal_places": 15}
"""Shares times price without rounding: what is added can be taken away again to the last digit."""


class OpenSum(models.Model):
    """What open orders of one account add up to, in one instrument and on one side. Rows at zero stay.

    An order counts while something of it is still on its way: until it has ended, and then while a fill is missing.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="open_sums", db_index=False)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+", db_index=False)
    side = models.CharField(max_length=4, choices=Side)
    entries = models.IntegerField(help_text="Entries on their way.")
    unpriced = models.IntegerField(help_text="How many of them have no price.")
    value = models.DecimalField(**EXACT, help_text="USD the priced ones may take.")
    risk = models.DecimalField(**EXACT, help_text="USD they lose down to the stops they carry.")
    exits = models.IntegerField(help_text="Exits and flattenings on their way.")
    leaving = models.DecimalField(**EXACT, help_text="Shares they take.")
    guards = models.IntegerField(help_text="Protective stops and targets.")
    guarded = models.DecimalField(**EXACT, help_text="Shares under live stops.")
    worth = models.DecimalField(**EXACT, help_text="Those shares times their stop prices, USD.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "instrument", "side"), name="open_sum_once"),)

    def __str__(self) -> str:
        return f"{self.side}: {self.entries} entries, {self.exits} exits, {self.guards} guards"


class DayCount(models.Model):
    """Intents approved for one account in one instrument in one session, adjusting entries apart."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="day_counts", db_index=False)
    session_date = models.DateField()
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+", db_index=False)
    entries = models.IntegerField()
    messages = models.IntegerField(help_text="Orders of every purpose.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "session_date", "instrument"), name="day_count_once"),
        )

    def __str__(self) -> str:
        return f"{self.session_date}: {self.entries} entries, {self.messages} orders"
