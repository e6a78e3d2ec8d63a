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
        if not options["backup"].strip():
            raise CommandError("Name the backup, as the record is to call it.")
        url = _address(options["address_file"])
        try:
            made = restoring.check(url, backup=options["backup"], by="command", now=timezone.now())
        except refusals.Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(made.sentence)
        if not made.passed:
            sys.exit(1)


def _address(name: str) -> str:
    """What the file holds. Not an argument: an address holds a password, and every user of the machine sees those."""
    try:
        held = (sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")).strip()
    except OSError as problem:
        raise CommandError(f"The address cannot be read: {problem.strerror}. Name a file that holds it.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{name} is no text. Name a file that holds the address.") from None
    # Nothing would be taken for whatever database stands nearest.
    if not held:
        raise CommandError("The file holds no address: write postgresql://… of the restored database into it.")
    return held
