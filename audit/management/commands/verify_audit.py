"""`manage.py verify_audit [--json] [--head SEAL]`: is the record as it was written? Exit code 0 only when it is."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit import export, verifier


class Command(BaseCommand):
    help = "Verify every event against its seal and every seal against the one before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the report for machines")
        parser.add_argument("--head", default="", help="a seal kept outside, which the record must still hold")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verifier.verify(export.lines(), options["head"])
        self.stdout.write(verifier.as_json(report) if options["json"] else verifier.describe(report))
        if not report.intact:
            sys.exit(1)
