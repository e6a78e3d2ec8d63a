"""`make bench [ONLY=name]`: services, every benchmark, one table, one file each."""

import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench.result import Result, table

NAMES = (
    "halt_to_wire",
    "halt_500",
    "gate_decision",
    "gate_pure",
    "recover_500",
    "heal_10k",
    "accounts",
    "signal_to_wire",
    "order_cost_growth",
)
WRITTEN = Path(__file__).resolve().parents[1] / "var" / "bench"


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all; 0 when they ran, 2 for a name that is none."""
    wanted = [name for name in arguments if name] or list(NAMES)
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        sys.stderr.write(f"There is no benchmark {unknown[0]}; choose one of {', '.join(NAMES)}.\n")
        return 2
    _start()
    results: list[Result] = []
    for name in wanted:
        sys.stderr.write(f"{name} ...\n")
        sys.stderr.flush()
        run: Callable[[], list[Result]] = import_module(f"bench.{name}").run
        found = run()
        for each in found:
            each.write(WRITTEN)
        results += found
    sys.stdout.write(table(results) + "\n")
    return 0


def _start() -> None:
    """Services as for tests, but durable: a commit that is not on disk is no floor for one that is."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    from tests import services

    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        _embedded()
    services.provide()
    import django

    django.setup()
    from tests import databases

    run = os.environ[services.RUN]
    databases.create(os.environ[services.SERVER], f"{run}_main", f"{run}_template")


def _embedded() -> None:
    import atexit
    import shutil

    from config import embedded

    home = Path(tempfile.mkdtemp(prefix="gatehouse-bench-"))
    home.chmod(0o711)
    started = embedded.Services(home / "services")

    def end() -> None:
        started.stop()
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(end)
    addresses = started.start()
    os.environ.setdefault("REDIS_URL", addresses.redis_url)
    os.environ.setdefault("DATABASE_URL", addresses.owner_url)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
