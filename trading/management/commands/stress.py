"""`manage.py stress`: put the gate under twice the highest load of six months. Exit code 0 only when it was carried."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from risk import refusals
from trading.broker import credentials, factory
from trading.broker.gateway import BrokerError
from trading.models import Account
from trading.upkeep import stress


class Command(BaseCommand):
    help = "Judge twice the highest load of six months within a minute, the stop in the midst; keep the proof."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="number of a paper account; the first active one without it")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        account = _account(options["account"])
        try:
            gateway = factory.gateway_for(account.number)
            made = stress.run(account, gateway, by="command", now=timezone.now())
        except (refusals.Refused, factory.NoSuchAccount, credentials.DoNotBelongTogether) as problem:
            raise CommandError(str(problem)) from problem
        except BrokerError as failure:
            raise CommandError(f"The broker could not be asked ({failure}), no proof was kept: try again.") from failure
        if options["json"]:
            self.stdout.write(json.dumps({"passed": made.passed, "account": account.number, **made.evidence}))
        else:
            self.stdout.write(made.sentence)
        if not made.passed:
            sys.exit(1)


def _account(number: str | None) -> Account:
    found = Account.objects.filter(number=number) if number else Account.objects.filter(active=True, mode="paper")
    account = found.order_by("pk").first()
    if account is None:
        known = ", ".join(Account.objects.filter(mode="paper").values_list("number", flat=True)) or "none"
        named = f"There is no account {number}" if number else "No paper account is active"
        raise CommandError(f"{named}; paper accounts are: {known}.")
    return account
