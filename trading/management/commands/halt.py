"""`manage.py halt`: stop trading at once. Exit code 0 only when the broker confirmed everything."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from risk import halts
from trading.halting import direct, kill_switch
from trading.halting.reach import Reach, Unknown, named


class Command(BaseCommand):
    help = "Engage the halt latch, cancel what the level cancels, and say what the broker confirmed."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--account", help="number of one account; the whole firm without it")
        what.add_argument("--strategy", help="name of one strategy")
        what.add_argument("--symbol", help="one symbol, in every account")
        parser.add_argument("--level", default="H2", choices=("H1", "H2", "H3"), help="default H2: cancel entries")
        parser.add_argument(
            "--scope", default="ours", choices=("ours", "all"), help="all: also what others have at the broker"
        )
        parser.add_argument("--reason", required=True, help="why; kept on the record")
        parser.add_argument("--suspend", action="store_true", help="after H3 also lock the account at the broker")
        parser.add_argument("--direct", action="store_true", help="without database and queue, straight to the broker")
        parser.add_argument("--yes", action="store_true", help="do not ask at a terminal before H3")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["direct"]:
            desk = direct.Desk(settings.BROKER_ACCOUNTS, settings.SECRET_KEY, settings.HALT_DIRECTORY)
            sys.exit(direct.main(_as_typed(options), desk, now=timezone.now(), out=self.stdout, ask=sys.stdin))
        if options["suspend"] and options["level"] != "H3":
            raise CommandError("--suspend locks the account after everything is closed: it needs --level H3.")
        try:
            receipt = self._pull(options)
        except (Unknown, halts.HaltRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            lines = [asdict(line) for line in receipt.lines]
            self.stdout.write(json.dumps({"halt": receipt.halt.pk, "complete": receipt.complete, "lines": lines}))
        else:
            self._print(receipt)
        if not receipt.complete:
            sys.exit(1)

    def _pull(self, options: dict[str, Any]) -> kill_switch.Receipt:
        what = {name: options[name] for name in ("account", "strategy", "symbol")}
        reach = named(**what, everything=options["scope"] == "all")
        if not options["json"]:
            self._say_what_will_happen(reach, options["level"])
        if options["level"] == "H3" and not options["yes"] and sys.stdin.isatty():
            _confirm(reach)
        told = {name: options[name] for name in ("level", "reason", "suspend")}
        return kill_switch.pull(reach=reach, by="command", now=timezone.now(), **told)

    def _say_what_will_happen(self, reach: Reach, level: str) -> None:
        meets = kill_switch.preview(None, reach=reach)
        held = ", ".join(f"{row['symbol']} {row['quantity'].normalize():f}" for row in meets["positions"]) or "none"
        more = ", and what others have at the broker" if reach.everything else ""
        self.stdout.write(
            f"{level} on {reach.title}: entries working {meets['orders']}, "
            f"protective orders {meets['protective']}, positions {held}{more}."
        )

    def _print(self, receipt: kill_switch.Receipt) -> None:
        self.stdout.write(f"{receipt.halt} is engaged.")
        for line in receipt.lines:
            sign = "confirmed" if line.confirmed else "STILL OPEN"
            self.stdout.write(f"  {sign}  {line.action} {line.subject}: {line.detail}")
        self.stdout.write("Complete." if receipt.complete else "Not complete: look at the broker, then halt again.")


def _confirm(reach: Reach) -> None:
    if input(f"H3 closes every position. Type {reach.name} to go on: ").strip() != reach.name:
        raise CommandError("The name was not typed as it is; nothing was halted.")


def _as_typed(options: dict[str, Any]) -> list[str]:
    if options["strategy"] or options["symbol"]:
        raise CommandError("A direct halt knows accounts only: the books that tell the rest are not asked.")
    words = ["--level", options["level"], "--reason", options["reason"]]
    words += ["--account", options["account"]] if options["account"] else []
    return words + [f"--{name}" for name in ("suspend", "yes", "json") if options[name]]
