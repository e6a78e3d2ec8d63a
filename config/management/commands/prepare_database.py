"""Make a database ready for the program: its role, its tables, its rights."""

from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import database


class Command(BaseCommand):
    """As the owner: make the program's role and migrate. As the program: prove that it may not do too much."""

    help = "Make the program's role, migrate as the owner, and check what the program may do."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the wish to go on with what a new desk needs, which saves the start of another process."""
        parser.add_argument("--seed", action="store_true", help="then do what seed_desk does")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, in order; every refusal is one sentence."""
        environment = settings.ENVIRONMENT
        owner_url = environment.secret("DATABASE_OWNER_URL").reveal()
        program_url = environment.secret("DATABASE_URL").reveal()
        if not owner_url:
            raise CommandError("The owner of the database prepares it: set DATABASE_OWNER_URL, then run this again.")
        self._make_role(owner_url, program_url)
        call_command("migrate", verbosity=0, interactive=False)
        self._check(program_url)
        self.stdout.write("The database is ready.")
        if options["seed"]:
            call_command("seed_desk", stdout=self.stdout)

    def _make_role(self, owner_url: str, program_url: str) -> None:
        try:
            with psycopg.connect(owner_url, autocommit=True) as connection:
                database.ensure_program_role(connection, program_url)
        except psycopg.errors.InsufficientPrivilege:
            # An owner without CREATEROLE is well: an administrator made the role, which the check below shows.
            self.stderr.write("The owner may not make roles; the program's role must exist already.")
        except psycopg.OperationalError as error:
            raise CommandError(f"The database does not answer: {_last_line(error)}") from None

    def _check(self, program_url: str) -> None:
        try:
            with psycopg.connect(program_url) as connection:
                excess = database.excess_privileges(connection)
        except psycopg.OperationalError as error:
            raise CommandError(f"The program's role cannot connect: {_last_line(error)}") from None
        if excess:
            raise CommandError(f"The program's role may do too much: {'; '.join(excess)}. Give it a role of its own.")


def _last_line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2]
