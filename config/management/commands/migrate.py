"""`manage.py migrate`, always as the owner of the database: the program's role makes no tables."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoCommand

NO_OWNER = "Migrations run as the owner of the database: set DATABASE_OWNER_URL, then run this again."


class Command(DjangoCommand):
    """Django's command on the `owner` alias."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Make `owner` the default database."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it, or say in one sentence why not."""
        if "owner" not in settings.DATABASES:
            raise CommandError(NO_OWNER)
        if options["database"] == "default":
            options["database"] = "owner"
        return super().execute(*args, **options)
