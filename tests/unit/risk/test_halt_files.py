"""Halt files: signed, whole, and a halt even when they are not to be trusted."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk import halt_files
from risk.halt_files import DirectHalt

KEY = "k" * 50
HALT = DirectHalt("H3", "PA1", "quotes froze", "halt --direct", datetime(2026, 1, 5, 14, 0, tzinfo=UTC), ({"a": 1},))


def altered(path: Path, **changes: str) -> None:
    told = json.loads(path.read_text())
    told["halt"].update(changes)
    path.write_text(json.dumps(told))


class TestRead:
    def test_gives_back_what_was_written(self, tmp_path: Path) -> None:
        path = halt_files.write(tmp_path / "halts", KEY, HALT)

        (found,) = halt_files.read(tmp_path / "halts", [KEY])

        assert (found.halt, found.sound, found.path) == (HALT, True, path)
        assert path.stat().st_mode & 0o007 == 0

    def test_accepts_a_key_that_was_replaced(self, tmp_path: Path) -> None:
        halt_files.write(tmp_path, KEY, HALT)

        (found,) = halt_files.read(tmp_path, ["new" * 20, KEY])

        assert found.sound

    def test_finds_nothing_where_there_is_no_folder(self, tmp_path: Path) -> None:
        assert halt_files.read(tmp_path / "nowhere", [KEY]) == []

    def test_does_not_guess_what_it_may_not_see(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        with pytest.raises(OSError, match="Not a directory"):
            halt_files.read(tmp_path / "file", [KEY])

    @pytest.mark.parametrize("change", [{"level": "H1"}, {"account": "PA2"}, {"reason": "all is well"}])
    def test_takes_a_changed_file_for_a_halt_of_the_firm(self, tmp_path: Path, change: dict[str, str]) -> None:
        path = halt_files.write(tmp_path, KEY, HALT)
        altered(path, **change)

        (found,) = halt_files.read(tmp_path, [KEY])

        assert not found.sound
        assert (found.halt.level, found.halt.account) == ("H2", "")
        assert found.halt.reason.startswith(f"The halt file {path.name} stops the desk although its signature is wrong")

    @pytest.mark.parametrize("text", ["", "not json", "[]", '{"halt": {}}', '{"halt": 1, "signature": 2}'])
    def test_takes_rubbish_for_a_halt_too(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "x.halt.json").write_text(text)

        (found,) = halt_files.read(tmp_path, [KEY])

        assert (found.sound, found.halt.account) == (False, "")

    def test_takes_a_signed_file_without_a_level_for_a_doubtful_one(self, tmp_path: Path) -> None:
        halt_files.write(tmp_path, KEY, DirectHalt("H9", "", "x", "x", HALT.at))

        (found,) = halt_files.read(tmp_path, [KEY])

        assert not found.sound

    def test_leaves_other_files_alone(self, tmp_path: Path) -> None:
        (tmp_path / "x.halt.part").write_text("half")

        assert halt_files.read(tmp_path, [KEY]) == []
