"""`manage.py summary`: what the desk did so far, and whether its books equal the broker's now."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from trading import duties
from trading.broker import credentials, factory
from trading.models import Account, ReconciliationRun
from trading.reading import totals


class Command(BaseCommand):
    help = "Print what was traded and compare the books with the broker's. Exit code 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = [_compare(account) for account in Account.objects.filter(active=True).order_by("pk")]
        # Counted after the comparison, for it books what was missing and opens what differs.
        figures = totals.totals()
        days_equal, now_equal = figures.pop("days_equal"), bool(outcomes) and all(map(_is_equal, outcomes))
        figures["books_equal_broker"] = now_equal and days_equal and not figures["open_breaks"]
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            for name, value in figures.items():
                self.stdout.write(f"{name.replace('_', ' ')}: {_words(value)}")
        if not figures["books_equal_broker"]:
            sys.exit(1)


def _compare(account: Account) -> ReconciliationRun | None:
    try:
        return duties.reconcile(account, now=timezone.now())
    except (factory.NoSuchAccount, credentials.DoNotBelongTogether) as problem:
        raise CommandError(str(problem)) from problem


def _is_equal(run: ReconciliationRun | None) -> bool:
    return run is not None and run.outcome == ReconciliationRun.Outcome.CLEAN


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items()) or "none"
    return "yes" if value is True else "no" if value is False else str(value)
