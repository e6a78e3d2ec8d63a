"""`manage.py preflight`: run the checklist, print it, keep it. Exit code 0 only when every required item passes."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from trading import preflight
from trading.broker import credentials, factory
from trading.models import Account, PreflightRun

SIGNS = {preflight.PASS: "pass", preflight.FAIL: "FAIL", preflight.WARNING: "warn"}


class Command(BaseCommand):
    help = "Check that everything is ready to trade: one line per item, with the remedy where one is needed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="number of one account; all active ones without it")
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = [_run(account) for account in _accounts(options["account"])]
        if options["json"]:
            self.stdout.write(json.dumps([_plain(run) for run in runs]))
        else:
            for run in runs:
                self._print(run)
        if not all(run.passed for run in runs):
            sys.exit(1)

    def _print(self, run: PreflightRun) -> None:
        self.stdout.write(f"Preflight {run.pk} of {run.account} ({run.mode}): {'ready' if run.passed else 'NOT ready'}")
        for item in run.items:
            self.stdout.write(f"  {SIGNS[item['result']]}  {item['name']}: {item['detail']} ({item['seconds']:.2f} s)")
            if item["remedy"]:
                self.stdout.write(f"        → {item['remedy']}")


def _accounts(number: str | None) -> list[Account]:
    if number is None:
        found = list(Account.objects.filter(active=True).order_by("pk"))
        if not found:
            raise CommandError("No account is active: run manage.py seed_desk, or activate one in the admin.")
        return found
    account = Account.objects.filter(number=number).first()
    if account is None:
        known = ", ".join(Account.objects.values_list("number", flat=True)) or "none"
        raise CommandError(f"There is no account {number}; known are: {known}.")
    return [account]


def _run(account: Account) -> PreflightRun:
    try:
        return preflight.run(account, by="command", now=timezone.now())
    except (factory.NoSuchAccount, credentials.DoNotBelongTogether) as problem:
        raise CommandError(str(problem)) from problem


def _plain(run: PreflightRun) -> dict[str, Any]:
    return {"account": run.account.number, "mode": run.mode, "passed": run.passed, "run": run.pk, "items": run.items}
