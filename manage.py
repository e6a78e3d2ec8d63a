#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    """Run one command; an environment that is not sound is told without a traceback."""
    # The venue runs on a machine that has none of the house's variables.
    alone = sys.argv[1:2] == ["venue"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{'venue' if alone else 'production'}")
    from django.core.management import execute_from_command_line

    from config.env import UnableToStart

    try:
        execute_from_command_line(sys.argv)
    except UnableToStart as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
