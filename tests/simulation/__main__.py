"""`make simulate [SEEDS=300] [SEED=7] [STEPS=200]`: services, workers, progress, failures, one last line of JSON."""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from queue import Queue
from typing import Any

from tests.simulation import report

SEEDS, STEPS, WORKERS = 300, 200, 2
MOST_TOLD = 5
"""Failing seeds that are told in full; of the others one line each."""


def main(arguments: list[str]) -> int:
    """0 where everything held, 1 where something was violated, 2 for arguments that cannot be read."""
    try:
        seeds, steps, workers = _read(arguments)
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    from tests import services

    services.provide()
    return _run(seeds, steps, min(workers, len(seeds)))


def _read(arguments: list[str]) -> tuple[list[int], int, int]:
    """Seeds, steps and workers. Raises `ValueError` with one sentence."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__, exit_on_error=False)
    for name, default in (("seeds", SEEDS), ("seed", ""), ("first", 1), ("steps", STEPS), ("workers", WORKERS)):
        parser.add_argument(f"--{name}", default=str(default))
    given = parser.parse_args(arguments)
    count, first = _number("SEEDS", given.seeds, 1), _number("FIRST", given.first, 0)
    seeds = [_number("SEED", given.seed, 0)] if given.seed else list(range(first, first + count))
    return seeds, _number("STEPS", given.steps, 1), _number("WORKERS", given.workers, 1)


def _number(name: str, text: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise ValueError(f"{name}={text} is no whole number from {least} on; give one, for instance {name}=7.")
    return int(text)


def _run(seeds: list[int], steps: int, workers: int) -> int:
    began, told = time.monotonic(), Counter[str]()
    faults: Counter[str] = Counter()
    lines: Queue[dict[str, Any] | None] = Queue()
    started = [_start(place, share, steps, lines) for place, share in enumerate(report.lists(seeds, workers))]
    ended = 0
    while ended < workers:
        line = lines.get()
        if line is None:
            ended += 1
            continue
        told.update(seeds=1, steps=line["steps"], violations=int("failure" in line))
        faults.update(line["hits"])
        if "failure" in line:
            text = line["failure"]
            sys.stdout.write((text if told["violations"] <= MOST_TOLD else text.partition("\n")[0]) + "\n")
        if told["seeds"] % max(len(seeds) // 20, 1) == 0:
            sys.stderr.write(
                report.progress(told["seeds"], len(seeds), told["violations"], time.monotonic() - began) + "\n"
            )
        sys.stdout.flush()
    failed = any(process.wait() for process in started) or told["seeds"] < len(seeds)
    sys.stdout.write(report.hits(faults, told["seeds"]) + "\n")
    sys.stdout.write(report.last_line(told["seeds"], told["steps"], faults, told["violations"]) + "\n")
    return int(bool(told["violations"]) or failed)


def _start(place: int, seeds: list[int], steps: int, lines: "Queue[dict[str, Any] | None]") -> "subprocess.Popen[str]":
    """A worker with a database of its own, and a thread that reads its lines."""
    # The order of sets of words must be the same whenever a seed is run.
    environment = {**os.environ, "PYTEST_XDIST_WORKER": f"simulation{place}", "PYTHONHASHSEED": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.simulation.worker", str(steps)],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(" ".join(map(str, seeds)))
    process.stdin.close()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(json.loads(line))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return process


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
