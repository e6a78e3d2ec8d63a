"""One process of a run: a database of its own, some seeds, one line of JSON for each."""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence


def main(count: int, seeds: Iterable[int], say: Callable[[str], None]) -> None:
    """Run seeds of `count` steps; the environment names the database (`tests.services`)."""
    import django

    django.setup()
    # The program logs each of the hundred failures of a seed; the rig tells what matters of them.
    logging.disable(logging.CRITICAL)
    from tests import databases, services
    from tests.simulation import lean
    from tests.simulation.ground import Ground

    run = os.environ[services.RUN]
    databases.create(os.environ[services.SERVER], f"{run}_{os.environ['PYTEST_XDIST_WORKER']}", f"{run}_template")
    ground = Ground()
    ground.prepare()
    lean.tune_process(int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("simulation")))
    for seed in seeds:
        say(json.dumps(_one(seed, count, ground)))
    ground.close()


def _one(seed: int, count: int, ground: object) -> dict[str, object]:
    from tests.simulation import report, running, shrinking
    from tests.simulation.ground import Ground
    from tests.simulation.steps import Step

    assert isinstance(ground, Ground)
    made = running.run(seed, count, ground)
    told: dict[str, object] = {
        "seed": seed, "steps": len(made.done), "hits": made.hits, "orders": made.orders, "statements": made.statements,
    }  # fmt: skip
    if made.failure is None:
        return told
    broken = made.failure.invariant

    def fails(steps: Sequence[Step]) -> bool:
        again = running.run(seed, count, ground, steps)
        return again.failure is not None and again.failure.invariant == broken

    shortest = shrinking.shortest(made.done, fails)
    shrunk = running.run(seed, count, ground, shortest)
    return told | {"failure": report.failure(made, shrunk if shrunk.failure else made, count)}


if __name__ == "__main__":

    def _say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    main(int(sys.argv[1]), map(int, sys.stdin.read().split()), _say)
