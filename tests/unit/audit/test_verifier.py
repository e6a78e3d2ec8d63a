import hashlib
import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import verifier

SCRIPT = Path(verifier.__file__)


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1 word for word: split at the largest power of two smaller than the number of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def record_of(batches: list[int], unsealed: int = 0) -> list[dict[str, Any]]:
    """An export of `batches` of so many events each, and some that wait."""
    lines: list[dict[str, Any]] = []
    previous, since, number = verifier.FIRST, 0, 0
    for batch, count in enumerate(batches, start=1):
        events = [{"id": number + i + 1, "xid": since + i, "sentence": f"event {number + i}"} for i in range(count)]
        seal: dict[str, Any] = {
            "batch": batch,
            "from_xid": since,
            "until_xid": since + count,
            "count": count,
            "first_id": number + 1,
            "last_id": number + count,
            "root": verifier.root([verifier.leaf(event) for event in events]),
            "previous": previous,
        }
        seal["seal"] = previous = verifier.seal_hash(seal)
        lines += [{"type": "event", "event": event} for event in events] + [{"type": "seal", "seal": seal}]
        since, number = since + count, number + count
    lines += [{"type": "event", "event": {"id": number + i + 1, "xid": since + i}} for i in range(unsealed)]
    return [*lines, {"type": "end", "events": number + unsealed, "seals": len(batches)}]


class TestRoot:
    @given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
    def test_is_the_tree_hash_of_the_rfc(self, leaves: list[bytes]) -> None:
        assert verifier.root(leaves) == tree_hash(leaves).hex()


class TestVerify:
    def test_finds_an_untouched_record_intact(self) -> None:
        report = verifier.verify(record_of([3, 1, 5], unsealed=2))

        assert report.intact
        assert (report.events, report.sealed, report.seals) == (11, 9, 3)

    @pytest.mark.parametrize("line", [0, 2, 4])
    def test_sees_an_edited_event(self, line: int) -> None:
        lines = record_of([3, 2])
        lines[line]["event"]["sentence"] = "nothing to see" if "event" in lines[line] else ""

        report = verifier.verify(lines)

        assert [problem.sentence for problem in report.problems] == [
            f"an event from {1 if line < 3 else 4} to {3 if line < 3 else 5} was altered, replaced or moved"
        ]

    def test_sees_events_that_changed_places(self) -> None:
        lines = record_of([3])
        lines[0], lines[1] = lines[1], lines[0]

        assert not verifier.verify(lines).intact

    def test_sees_a_removed_event(self) -> None:
        lines = record_of([3, 2])
        del lines[1]
        lines[-1]["events"] -= 1

        assert [p.sentence for p in verifier.verify(lines).problems] == ["holds 2 events where 3 were sealed"]

    def test_sees_an_event_slipped_in_after_sealing(self) -> None:
        lines = record_of([3])
        lines.insert(-1, {"type": "event", "event": {"id": 99, "xid": 1}})
        lines[-1]["events"] += 1

        assert [p.sentence for p in verifier.verify(lines).problems] == [
            "event 99 was slipped in among events already sealed"
        ]

    def test_sees_a_batch_that_was_rewritten_with_its_seal(self) -> None:
        lines = record_of([2, 2])
        forged = deepcopy(record_of([2]))[:3]
        forged[0]["event"]["sentence"] = "forged"
        seal = forged[2]["seal"]
        seal["root"] = verifier.root([verifier.leaf(line["event"]) for line in forged[:2]])
        seal["seal"] = verifier.seal_hash(seal)

        report = verifier.verify([*forged, *lines[3:]])

        assert [(p.batch, p.sentence) for p in report.problems] == [(2, "does not follow the seal before it")]

    def test_sees_a_figure_of_a_seal_changed(self) -> None:
        lines = record_of([2])
        lines[2]["seal"]["last_id"] = 7

        assert "the seal itself was altered" in [p.sentence for p in verifier.verify(lines).problems]

    def test_sees_a_cut_tail_by_the_missing_end(self) -> None:
        assert [p.sentence for p in verifier.verify(record_of([2, 2])[:-2]).problems] == [
            "the export has no end; it was cut off"
        ]

    def test_sees_a_whole_rewrite_by_the_head_kept_outside(self) -> None:
        kept = verifier.verify(record_of([2, 2])).head

        report = verifier.verify(record_of([2]), head=kept)

        assert not report.intact
        assert verifier.verify(record_of([2, 2, 1]), head=kept).intact


class TestScript:
    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False, cwd="/", env={}
        )

    def test_verifies_an_export_without_django_or_database(self, tmp_path: Path) -> None:
        export = tmp_path / "export.jsonl"
        export.write_text("".join(json.dumps(line) + "\n" for line in record_of([3, 2])))

        done = self.run(str(export), "--json")

        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["intact"] is True
        assert "django" not in SCRIPT.read_text().replace("no Django", "")

    def test_exits_with_one_when_an_event_was_altered(self, tmp_path: Path) -> None:
        export = tmp_path / "export.jsonl"
        export.write_text("".join(json.dumps(line) + "\n" for line in record_of([3, 2])).replace("event 1", "event l"))

        done = self.run(str(export))

        assert done.returncode == 1
        assert "The record is NOT intact." in done.stdout

    def test_exits_with_two_when_there_is_nothing_to_read(self, tmp_path: Path) -> None:
        done = self.run(str(tmp_path / "missing.jsonl"))

        assert done.returncode == 2
        assert done.stderr.startswith("The export cannot be read")
