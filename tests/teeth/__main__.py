"""`make teeth [COUNT=8] [BUG="name …"]`: plant each bug in a copy, run what is named against it, tell who survived."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from tests.teeth import bugs, trying
from tests.teeth.bugs import Bug
from tests.teeth.ground import Copy, DoesNotApply
from tests.teeth.trying import Place, Verdict, Word

ROOT = Path(__file__).parents[2]
WORKERS, ENOUGH = 2, 0.95


def main(arguments: list[str]) -> int:
    """0 where enough were killed, 1 where too many survived, 2 for what cannot be tried."""
    try:
        chosen, workers = _read(arguments)
        return _run(chosen, min(workers, len(chosen)))
    except (bugs.Unreadable, DoesNotApply) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


def _read(arguments: list[str]) -> tuple[list[Bug], int]:
    parser = argparse.ArgumentParser(prog="make teeth", description=__doc__)
    parser.add_argument("--bug", default="", help="this one alone, or these; with or without their numbers")
    parser.add_argument("--count", default="", help="so many, spread over the rooms")
    parser.add_argument("--workers", default=str(WORKERS))
    given = parser.parse_args(arguments)
    every = bugs.every()
    if given.bug:
        return [bugs.named(every, name) for name in given.bug.split() or [given.bug]], _number("WORKERS", given.workers)
    count = _number("COUNT", given.count) if given.count else len(every)
    return bugs.spread(every, count), _number("WORKERS", given.workers)


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise bugs.Unreadable(f"{name}={text} is no whole number from 1 on; give one, for instance {name}=8.")
    return int(text)


def _run(chosen: list[Bug], workers: int) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    from tests import services

    began = time.monotonic()
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="gatehouse-teeth-")).resolve()
        stack.callback(_remove, home)
        every = [Copy(ROOT, home / f"copy{place}") for place in range(workers)]
        for bug in chosen:
            # Before anything slow: a patch the program has left behind is nobody's survivor.
            with every[0].planted(bug):
                pass
        services.provide()
        places: SimpleQueue[Place] = SimpleQueue()
        for copy in every:
            place = Place(copy)
            stack.callback(place.nursery.close)
            places.put(place)

        def attempt(bug: Bug) -> Verdict:
            place = places.get()
            try:
                verdict = trying.against(bug, place)
            finally:
                places.put(place)
            sys.stdout.write(
                f"{verdict.word:9} {bug.name:42} {verdict.seconds:5.1f} s  {verdict.by.partition('\n')[0]}\n"
            )
            sys.stdout.flush()
            return verdict

        with ThreadPoolExecutor(workers) as pool:
            verdicts = list(pool.map(attempt, chosen))
        doubtful = _failing_anyway(verdicts, places.get())
    return _tell(verdicts, doubtful, time.monotonic() - began)


def _failing_anyway(verdicts: list[Verdict], place: Place) -> set[str]:
    killers = [verdict for verdict in verdicts if verdict.word is Word.KILLED]
    numbers = [seed for verdict in killers for seed in verdict.bug.seeds]
    return trying.unplanted([verdict.by for verdict in killers], numbers, place)


def _tell(verdicts: list[Verdict], doubtful: set[str], seconds: float) -> int:
    broken = [verdict for verdict in verdicts if verdict.word is Word.BROKEN]
    for verdict in broken:
        sys.stderr.write(f"{verdict.bug.name} is a broken patch: {verdict.by}\n")
    lost = [verdict for verdict in verdicts if verdict.word is Word.KILLED and verdict.by in doubtful]
    for verdict in lost:
        sys.stdout.write(f"no proof: {verdict.bug.name}: {verdict.by} fails without it, too\n")
    killed = sum(verdict.word is Word.KILLED for verdict in verdicts) - len(lost)
    for verdict in verdicts:
        if verdict.word is Word.SURVIVED:
            sys.stdout.write(f"survivor: {verdict.bug.name}: {verdict.bug.promise}\n")
    sys.stdout.write(f"{killed} of {len(verdicts)} killed in {seconds:.0f} s\n")
    sys.stdout.write(json.dumps({"planted": len(verdicts), "killed": killed}) + "\n")
    if broken:
        return 2
    return 0 if killed >= ENOUGH * len(verdicts) else 1


def _remove(home: Path) -> None:
    """The copies, and what was compiled of them."""
    shutil.rmtree(home, ignore_errors=True)
    prefix = sys.pycache_prefix
    if prefix:
        shutil.rmtree(Path(prefix) / str(home).lstrip("/"), ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
