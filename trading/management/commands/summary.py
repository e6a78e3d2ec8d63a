"""`manage.py summary`: what the desk did so far, and whether its books equal the broker's now."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from trading import duties, totals
from trading.models import Account, ReconciliationRun


class Command(BaseCommand):
    help = "Print what was traded and compare the books with the broker's. Exit code 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = totals.totals()
        runs = [duties.reconcile(account, now=timezone.now()) for account in Account.objects.filter(active=True)]
        clean = ReconciliationRun.Outcome.CLEAN
        equal = bool(runs) and all(run is not None and run.outcome == clean for run in runs)
        figures["books_equal_broker"] = equal and figures.pop("days_equal") and not figures["open_breaks"]
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for name, value in figures.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {value}")
