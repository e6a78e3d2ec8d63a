"""The door of the rig: what is asked for, and what cannot be."""

import json

import pytest

from tests.simulation import __main__ as door
from tests.simulation import options, report, steps


class TestArguments:
    @pytest.mark.parametrize(
        "given", [["--seed", "seven"], ["--seed", "-1"], ["--seeds", "0"], ["--seeds", "x"], ["--steps", "-1"]]
    )
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


class TestHits:
    def test_name_the_rarest_first_and_what_never_struck(self) -> None:
        counted = dict.fromkeys(report.CLAIMED, 200) | {"F05": 7}
        del counted["F44"]

        told = report.hits(counted, 2_000).split("\n")

        assert told[0].startswith("faults that struck: F05 7, F01 200, ")
        assert told[1:] == ["never struck in 2000 seeds: F44", "struck less than 100 times: F05"]

    def test_say_nothing_of_seldom_in_a_short_run(self) -> None:
        assert report.hits(dict.fromkeys(report.CLAIMED, 2), 40).count("\n") == 0


class TestLastLine:
    def test_is_json_with_the_sums(self) -> None:
        line = report.last_line(2, 400, {"F04": 3, "F01": 1}, 0)

        assert json.loads(line) == {"seeds": 2, "steps": 400, "faults": {"F01": 1, "F04": 3}, "violations": 0}
