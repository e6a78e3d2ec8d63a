"""Verifies an export of the record, alone: no Django, no database, no trust in the program that wrote it.

`python audit/verifier.py EXPORT.jsonl [--head SEAL] [--json]`. Each line is an event, a seal over the events since the
seal before, or the end. Leaf and node hashes are those of RFC 9162 §2.1.1, canonical JSON is RFC 8785.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import rfc8785

FIRST = "0" * 64
"""What the first seal names as the one before."""

Line = Mapping[str, Any]


def leaf(event: Line) -> bytes:
    """Hash of one event."""
    return hashlib.sha256(b"\x00" + rfc8785.dumps(dict(event))).digest()


def root(leaves: list[bytes]) -> str:
    """Merkle tree hash of `leaves` in their order, hex; the tree splits at the largest power of two below its size.

    Pairing level by level, an odd last node going up as it is, gives the same tree.
    """
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = leaves
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        level = above + level[len(above) * 2 :]
    return level[0].hex()


def seal_hash(seal: Line) -> str:
    """Hash of a seal over everything it says, the seal before included, hex."""
    return hashlib.sha256(rfc8785.dumps({key: seal[key] for key in sorted(seal) if key != "seal"})).hexdigest()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was written; `batch` is 0 where it concerns none."""

    batch: int
    sentence: str


@dataclass(slots=True)
class Report:
    """What was read and what was wrong. `head` is the last seal: compare it with the one kept elsewhere."""

    events: int = 0
    sealed: int = 0
    seals: int = 0
    head: str = FIRST
    problems: list[Problem] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.problems


def verify(lines: Iterable[Line], head: str = "") -> Report:
    """Check every event against its seal and every seal against the one before.

    `head` is a seal that was kept outside; the record must still hold it, or its end has been cut off or rewritten.
    """
    check = _Check()
    for line in lines:
        check.take(line)
    return check.conclude(head)


class _Check:
    def __init__(self) -> None:
        self.report = Report()
        self._events: list[Line] = []
        self._until = 0
        self._ended = False
        self._heads = {FIRST}

    def take(self, line: Line) -> None:
        if self._ended:
            self._problem(0, "lines follow the end of the export")
        elif line.get("type") == "event":
            self.report.events += 1
            self._events.append(line["event"])
        elif line.get("type") == "seal":
            self._seal(line["seal"])
        elif line.get("type") == "end":
            self._end(line)
        else:
            self._problem(0, "a line is neither event, seal nor end")

    def conclude(self, head: str) -> Report:
        if not self._ended:
            self._problem(0, "the export has no end; it was cut off")
        if head and head not in self._heads:
            self._problem(0, "the seal that was kept outside is not in the record; its end was cut off or rewritten")
        self._later_than_sealed()
        return self.report

    def _seal(self, seal: Line) -> None:
        batch = int(seal["batch"])
        self.report.seals += 1
        if batch != self.report.seals:
            self._problem(batch, f"seal {self.report.seals} is missing")
        if seal["previous"] != self.report.head or seal["from_xid"] != self._until:
            self._problem(batch, "does not follow the seal before it")
        if seal_hash(seal) != seal["seal"]:
            self._problem(batch, "the seal itself was altered")
        self._contents(batch, seal)
        self.report.sealed += len(self._events)
        self.report.head, self._until, self._events = seal["seal"], seal["until_xid"], []
        self._heads.add(seal["seal"])

    def _contents(self, batch: int, seal: Line) -> None:
        if len(self._events) != seal["count"]:
            self._problem(batch, f"holds {len(self._events)} events where {seal['count']} were sealed")
        elif root([leaf(event) for event in self._events]) != seal["root"]:
            first, last = seal["first_id"], seal["last_id"]
            self._problem(batch, f"an event from {first} to {last} was altered, replaced or moved")

    def _end(self, line: Line) -> None:
        self._ended = True
        if (line["events"], line["seals"]) != (self.report.events, self.report.seals):
            self._problem(0, "the export holds fewer or more lines than it says at its end")

    def _later_than_sealed(self) -> None:
        for event in self._events:
            if event["xid"] < self._until:
                self._problem(0, f"event {event['id']} was slipped in among events already sealed")

    def _problem(self, batch: int, sentence: str) -> None:
        self.report.problems.append(Problem(batch, sentence))


def describe(report: Report) -> str:
    """The report in words."""
    unsealed = report.events - report.sealed
    lines = [f"{report.events} events, {report.seals} seals, {unsealed} events not yet sealed. Head: {report.head}"]
    lines += [f"Batch {problem.batch}: {problem.sentence}." for problem in report.problems]
    lines.append("The record is intact." if report.intact else "The record is NOT intact.")
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """The report for machines."""
    return json.dumps({**asdict(report), "intact": report.intact}, sort_keys=True)


def main(arguments: list[str]) -> int:
    """Verify one export; 0 when it is intact, 1 when it is not, 2 when it cannot be read."""
    parser = argparse.ArgumentParser(description="Verify an export of the audit record.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--head", default="", help="a seal kept outside the program, which the record must still hold")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        with options.export.open(encoding="utf-8") as lines:
            report = verify((json.loads(line) for line in lines), options.head)
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"The export cannot be read: {error}\n")
        return 2
    sys.stdout.write((as_json(report) if options.json else describe(report)) + "\n")
    return 0 if report.intact else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
