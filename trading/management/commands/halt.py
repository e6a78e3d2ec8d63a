"""`manage.py halt`: stop trading at once. Exit code 0 only when the broker confirmed everything."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from risk import halts
from trading import kill_switch
from trading.models import Account


class Command(BaseCommand):
    help = "Engage the halt latch, cancel what the level cancels, and say what the broker confirmed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="number of one account; the whole firm without it")
        parser.add_argument("--level", default="H2", choices=("H1", "H2", "H3"), help="default H2: cancel entries")
        parser.add_argument("--reason", required=True, help="why; kept on the record")
        parser.add_argument("--yes", action="store_true", help="do not ask at a terminal before H3")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        account = _account(options["account"])
        if not options["json"]:
            self._say_what_will_happen(account, options["level"])
        if options["level"] == "H3" and not options["yes"] and sys.stdin.isatty():
            _confirm(account)
        try:
            receipt = kill_switch.pull(
                account=account, level=options["level"], reason=options["reason"], by="command", now=timezone.now()
            )
        except halts.HaltRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            lines = [asdict(line) for line in receipt.lines]
            self.stdout.write(json.dumps({"halt": receipt.halt.pk, "complete": receipt.complete, "lines": lines}))
        else:
            self._print(receipt)
        if not receipt.complete:
            sys.exit(1)

    def _say_what_will_happen(self, account: Account | None, level: str) -> None:
        meets = kill_switch.preview(account)
        held = ", ".join(f"{row['symbol']} {row['quantity'].normalize():f}" for row in meets["positions"]) or "none"
        self.stdout.write(
            f"{level} on {account or 'the whole firm'}: entries working {meets['orders']}, "
            f"protective orders {meets['protective']}, positions {held}."
        )

    def _print(self, receipt: kill_switch.Receipt) -> None:
        self.stdout.write(f"{receipt.halt} is engaged.")
        for line in receipt.lines:
            sign = "confirmed" if line.confirmed else "STILL OPEN"
            self.stdout.write(f"  {sign}  {line.action} {line.subject}: {line.detail}")
        self.stdout.write("Complete." if receipt.complete else "Not complete: look at the broker, then halt again.")


def _account(number: str | None) -> Account | None:
    if number is None:
        return None
    account = Account.objects.filter(number=number).first()
    if account is None:
        known = ", ".join(Account.objects.values_list("number", flat=True)) or "none"
        raise CommandError(f"There is no account {number}; known are: {known}. Nothing was halted.")
    return account


def _confirm(account: Account | None) -> None:
    name = account.name if account else "firm"
    if input(f"H3 closes every position. Type {name} to go on: ").strip() != name:
        raise CommandError("The name was not typed as it is; nothing was halted.")
