"""Run the simulated Alpaca venue alone: no database, no queue."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trading.venue import options as venue_options


class Command(BaseCommand):
    """Serve a venue until SIGTERM or Ctrl-C; what cannot be served is one sentence and exit code 2."""

    help = venue_options.HELP
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own annotation

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help text."""
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the venue's own options."""
        venue_options.declare(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the port, tell where the venue is, and serve."""
        try:
            ready = venue_options.prepare(options)
        except venue_options.CannotServe as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        self.stdout.write(ready.announcement)
        self.stdout.flush()
        ready.run()
