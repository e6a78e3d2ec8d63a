#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    """Run one command; an environment that is not sound is told without a traceback."""
    from config.env import UnableToStart

    try:
        if sys.argv[1:2] == ["halt"] and "--direct" in sys.argv:
            # Must work, and at once, when nothing else does: Django is not even imported.
            from config import direct_halt

            sys.exit(direct_halt.run(sys.argv[2:]))
        _django()
    except UnableToStart as refusal:
        sys.exit(str(refusal))


def _django() -> None:
    # The venue runs on a machine that has none of the house's variables.
    alone = sys.argv[1:2] == ["venue"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{'venue' if alone else 'production'}")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as away:
        stop = " Stop trading without it: manage.py halt --direct." if sys.argv[1:2] == ["halt"] else ""
        sys.exit(f"The database does not answer: {_first_line(away)} Start it, or correct DATABASE_URL.{stop}")
    except ProgrammingError as unknown:
        if "does not exist" not in str(unknown):
            raise
        sys.exit("The database has not been prepared for this version: run manage.py prepare_database first.")


def _first_line(error: Exception) -> str:
    line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return line if line.endswith(".") else f"{line}."


if __name__ == "__main__":
    main()
