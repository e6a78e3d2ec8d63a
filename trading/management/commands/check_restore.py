"""`manage.py check_restore`: is a restored backup our own record? Exit code 0 only when it is, row for row."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from risk import refusals
from trading.upkeep import restoring


class Command(BaseCommand):
    help = "Compare a database that was restored from a backup with the running one, and keep the proof for preflight."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", help="what the backup is called, for the record")
        parser.add_argument(
            "--address-file", required=True, help="file with the restored database's address; - reads it from stdin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            # Not an argument: the address holds a password, and every user of the machine sees arguments.
            name = options["address_file"]
            url = (sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")).strip()
        except OSError as problem:
            raise CommandError(f"The address cannot be read: {problem.strerror}. Name a file that holds it.") from None
        try:
            made = restoring.check(url, backup=options["backup"], by="command", now=timezone.now())
        except refusals.Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(made.sentence)
        if not made.passed:
            sys.exit(1)
