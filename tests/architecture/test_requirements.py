"""`docs/requirements.md`: every id once, each with a state, and every place it names is there."""

import re

import pytest

from tests.architecture import source

COUNTS = {1: 5, 2: 4, 3: 2, 4: 4, 5: 5, 6: 3, 7: 3, 8: 2, 9: 1, 10: 3, 11: 6, 12: 3}
"""Requirements per group."""

IDS = [f"R{group}.{number}" for group, count in COUNTS.items() for number in range(1, count + 1)]
STATES = ("done", "partly: ", "not yet")
ROW = re.compile(r"^\| (R\d+\.\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str, str]]:
    """(id, what, state, places) of every line of the table."""
    return ROW.findall((source.ROOT / "docs/requirements.md").read_text(encoding="utf-8"))


def faults(row: tuple[str, str, str, str]) -> list[str]:
    """What a line leaves open: an unknown state, a place that is not there, no place for what is there."""
    name, _, state, places = row
    named = re.findall(r"`([^`]+)`", places)
    found = [f"{name}: {path} is not there" for path in named if not (source.ROOT / path).exists()]
    if not state.startswith(STATES):
        found.append(f"{name}: the state {state!r} is none")
    if bool(named) == (state == "not yet"):
        found.append(f"{name}: what is there names its proof, what is not names none")
    return found


class TestRequirements:
    def test_stand_there_once_each_in_order(self) -> None:
        assert [row[0] for row in rows()] == IDS

    def test_name_a_state_and_places_that_are_there(self) -> None:
        assert [fault for row in rows() for fault in faults(row)] == []

    @pytest.mark.parametrize(
        ("state", "places"),
        [("done", "`tests/nowhere.py`"), ("done", "–"), ("almost", "`manage.py`"), ("not yet", "`manage.py`")],
    )
    def test_with_a_fault_are_found(self, state: str, places: str) -> None:
        assert len(faults(("R1.1", "what", state, places))) == 1
