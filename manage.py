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

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
