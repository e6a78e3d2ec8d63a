"""`manage.py drill`: exercise the emergency stop with one small order. Exit code 0 only when it held."""

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from trading import drill
from trading.broker import credentials, factory
from trading.broker.gateway import BrokerError
from trading.choices import Mode
from trading.models import Account


class Command(BaseCommand):
    help = "Prove on a paper account or the venue that the latch refuses and that the broker confirms a cancel."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="number of one account; all active ones without it")
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        results = [_drill(account) for account in _accounts(options["account"])]
        if options["json"]:
            self.stdout.write(json.dumps(results))
        else:
            for each in results:
                sign = "passed" if each["passed"] else "FAILED"
                self.stdout.write(f"Drill on {each['account']} {sign}: {each['detail']}.")
        if not all(each["passed"] for each in results):
            sys.exit(1)


def _drill(account: Account) -> dict[str, Any]:
    try:
        proof = drill.exercise(account, factory.gateway_for(account.number), now=timezone.now())
    except (factory.NoSuchAccount, credentials.DoNotBelongTogether) as problem:
        raise CommandError(str(problem)) from problem
    except (drill.Failed, BrokerError) as failure:
        return {"account": account.number, "passed": False, "detail": str(failure).rstrip(".")}
    return {"account": account.number, "passed": True, "detail": proof}


def _accounts(number: str | None) -> list[Account]:
    chosen = Account.objects.filter(number=number) if number else Account.objects.filter(active=True).order_by("pk")
    found = list(chosen)
    if not found and number:
        known = ", ".join(Account.objects.values_list("number", flat=True)) or "none"
        raise CommandError(f"There is no account {number}; known are: {known}.")
    if not found:
        raise CommandError("No account is active: run manage.py seed_desk, or activate one in the admin.")
    for account in found:
        if account.mode == Mode.LIVE and not settings.VENUE_CONTROL_URL:
            raise CommandError(
                f"{account.number} is a live account: a drill sends an order, and no order goes out for practice with "
                "real money. Drill on a paper account or the simulated venue."
            )
    return found
