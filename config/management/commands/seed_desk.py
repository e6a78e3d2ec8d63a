"""`manage.py seed_desk`: the rows a new desk needs – limits, accounts, starter strategies, people. Safe to repeat."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import people
from risk import limits
from risk.models import Limit
from trading import opening
from trading.choices import Mode
from trading.models import Account

BY = "seed_desk"


class Command(BaseCommand):
    help = "Make what is missing: the shipped limits, an account per pair of keys, strategies, the first people."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for number, keys in settings.BROKER_ACCOUNTS.items():
            known = Account.objects.filter(number=number).exists()
            # A live account rests until two people have armed it.
            try:
                opening.open_account(
                    number,
                    keys.kind,
                    name="simulated" if settings.VENUE_CONTROL_URL else keys.kind,
                    active=keys.kind == Mode.PAPER,
                    plans=opening.STARTERS,
                    by=BY,
                    now=now,
                )
            except opening.OtherMode as problem:
                raise CommandError(str(problem)) from problem
            if not known:
                self.stdout.write(f"Account {number} ({keys.kind}) is on the desk.")
        if not Limit.objects.exists():
            symbols = sorted({symbol for plan in opening.STARTERS for symbol in plan.symbols})
            limits.install_policy(by=BY, now=now, symbols=symbols)
            self.stdout.write(f"The shipped limits are in force; {', '.join(symbols)} may be traded.")
        if told := people.seed(now=now, by=BY):
            self.stdout.write(people.table(told))
            self.stdout.write("Keep these now: they are not shown again, nor kept in the clear.")
