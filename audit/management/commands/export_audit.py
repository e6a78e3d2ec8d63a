"""`manage.py export_audit [FILE]`: the record as JSON lines, for keeping elsewhere and for the stand-alone verifier."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import export


class Command(BaseCommand):
    help = "Export every event and seal as JSON lines, which `python audit/verifier.py FILE` verifies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="where to; standard output when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path | None = options["file"]
        if file is None:
            for line in export.lines():
                self.stdout.write(export.text(line))
            return
        try:
            with file.open("x", encoding="utf-8") as out:
                out.writelines(export.text(line) + "\n" for line in export.lines())
        except FileExistsError as error:
            raise CommandError(f"{file} exists already and is left as it is; name a new file.") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Exported to {file}.")
