"""`manage.py verify_votes [--json]`: is every vote genuine and by its person's own factor? Exit 0 only then."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from risk import ballots


class Command(BaseCommand):
    help = "Verify every stored vote again: content, signature, and that the key was its person's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the report for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        report = ballots.verify()
        self.stdout.write(ballots.as_json(report) if options["json"] else ballots.describe(report))
        if not report.holds:
            sys.exit(1)
