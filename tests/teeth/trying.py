"""Running the tests of one bug in its copy, and what their end says of it."""

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any

from tests import databases, services
from tests.teeth import witness
from tests.teeth.bugs import Bug
from tests.teeth.ground import Copy
from tests.teeth.nursery import Nursery

LONGEST = 240.0
"""Seconds the tests of one bug may take; tests that hang have not said what is wrong."""

SEEDS_FILE = "tests/teeth/seeds.py"
_OF_THE_PATCH = ("SyntaxError", "IndentationError", "ImportError", "ModuleNotFoundError", "NameError")
"""What a patch that is no program any more ends in: nobody would commit that, and no test has found it."""

_QUIETLY = ("-q", "-p", "no:cacheprovider", "-p", "tests.teeth.witness", "--no-header", "--tb=short")
_numbers = count(1)


class Word(StrEnum):
    """What became of a bug."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"
    """The patch is at fault, not the program: no test has said anything."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`by` is the test that failed, or why there is none."""

    bug: Bug
    word: Word
    by: str
    seconds: float


class Place:
    """A copy, and the process that runs tests in it. Not for use by two threads."""

    def __init__(self, copy: Copy) -> None:
        self.copy, self.nursery = copy, Nursery(copy.home)


def against(bug: Bug, place: Place) -> Verdict:
    """Plant the bug and try what is named against it. Raises `DoesNotApply`."""
    began = time.monotonic()
    tests = [*bug.tests, *([SEEDS_FILE] if bug.seeds else ())]
    with place.copy.planted(bug):
        code, failures, said = run(place, ["-x", *tests], bug.seeds, migrates=bug.migrates)
    word, by = judge(code, failures)
    return Verdict(bug, word, f"{by}\n{said}" if word is Word.BROKEN else by, time.monotonic() - began)


def judge(code: int | None, failures: Sequence[Mapping[str, str]]) -> tuple[Word, str]:
    """What an end of pytest says: its exit code (None where it was stopped), and the failures in order."""
    if code is None:
        return Word.BROKEN, f"no end within {LONGEST:.0f} s"
    if code == 0:
        return Word.SURVIVED, "every test passed"
    if code != 1 or not failures:
        return Word.BROKEN, f"pytest ended with {code} before a test could fail"
    first = failures[0]
    if first["when"] != "call":
        return Word.BROKEN, f"{first['test']} failed in its {first['when']}: {first['why']}"
    if first["why"].startswith(_OF_THE_PATCH):
        return Word.BROKEN, f"{first['test']}: {first['why']}"
    return Word.KILLED, first["test"]


def unplanted(tests: Iterable[str], seed_numbers: Iterable[int], place: Place) -> set[str]:
    """Which of these tests fail without any bug: they prove nothing."""
    named = sorted(set(tests))
    if not named:
        return set()
    code, failures, said = run(place, named, sorted(set(seed_numbers)))
    if code not in (0, 1):
        raise RuntimeError(f"the tests cannot be run without a bug:\n{said}")
    return {failure["test"] for failure in failures}


def run(
    place: Place, arguments: Sequence[str], seeds: Sequence[int], *, migrates: bool = False
) -> tuple[int | None, list[dict[str, Any]], str]:
    """Run tests in the copy on a database of their own: exit code, failures, and the end of what was said."""
    worker, home = f"teeth{next(_numbers):04}", place.copy.home.parent
    run_name = os.environ[services.RUN]
    told, output = home / f"{worker}.jsonl", home / f"{worker}.txt"
    temporary = home / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PYTEST_XDIST_WORKER": worker,
        "TMPDIR": str(temporary),
        witness.FILE: str(told),
        witness.SEEDS: " ".join(map(str, seeds)),
        # What is migrated otherwise cannot begin with the others' copy.
        services.RUN: f"{run_name}_{worker}" if migrates else run_name,
    }
    try:
        code = place.nursery.run([*_QUIETLY, *arguments], environment, output, seconds=LONGEST)
    finally:
        databases.drop(os.environ[services.SERVER], f"{run_name}_{worker}")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    said = output.read_text(encoding="utf-8", errors="replace")[-3000:] if output.exists() else ""
    return code, [json.loads(line) for line in lines], said
