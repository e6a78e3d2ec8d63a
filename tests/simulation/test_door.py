"""The door of the rig: what is asked for, and what cannot be."""

import json

import pytest

from tests.simulation import __main__ as door
from tests.simulation import options, report, steps


class TestArguments:
    @pytest.mark.parametrize("given", [["--seed", "seven"], ["--seed", "-1"], ["--seeds", "0"], ["--steps", "1.5"]])
    def test_that_are_no_numbers_get_one_line_and_exit_2(
        self, given: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = door.main(given)

        said = capsys.readouterr().err
        assert (code, said.count("\n")) == (2, 1)
        assert given[1] in said

    def test_name_one_seed_or_many(self) -> None:
        assert door._read(["--seed", "7", "--steps", "20"]) == ([7], 20, door.WORKERS)
        assert door._read(["--seeds", "3", "--first", "5"])[0] == [5, 6, 7]


class TestASeed:
    def test_decides_everything(self) -> None:
        chosen = options.of(11)

        assert options.of(11) == chosen
        assert steps.trace(chosen, 50) == steps.trace(chosen, 50)
        assert steps.trace(chosen, 50) != steps.trace(options.of(12), 50)

    def test_gives_as_many_steps_as_are_asked_for(self) -> None:
        assert {len(steps.trace(options.of(seed), 30)) for seed in range(50)} == {30}


class TestLastLine:
    def test_is_json_with_the_sums(self) -> None:
        line = report.last_line(2, 400, {"F04": 3, "F01": 1}, 0)

        assert json.loads(line) == {"seeds": 2, "steps": 400, "faults": {"F01": 1, "F04": 3}, "violations": 0}
