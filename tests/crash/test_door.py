"""The door of the rig: what is asked for, what cannot be, and that every point has a course that reaches it."""

import pytest

from audit.crash_points import POINTS
from tests.crash import __main__ as door
from tests.crash.legs import LEGS
from tests.crash.runs import strike_of
from tests.crash.scenarios import COURSES
from tests.crash.striking import KILL, KILL_ALL, STOP


class TestArguments:
    @pytest.mark.parametrize(("name", "value"), [("--point", "order.lost"), ("--leg", "the sea rises")])
    def test_that_name_nothing_get_one_line_and_exit_2(
        self, name: str, value: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            door.main([name, value])

        said = capsys.readouterr().err
        assert (ended.value.code, said.count("\n")) == (2, 1)
        assert value in said

    @pytest.mark.parametrize("given", [["--count", "ten"], ["--count", "-1"], ["--runs", "0"]])
    def test_that_are_no_numbers_are_refused_with_exit_2(self, given: list[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            door.main(given)

        assert ended.value.code == 2


class TestAShortRun:
    def test_takes_points_from_the_whole_path(self) -> None:
        names = list(POINTS)

        chosen = door._spread(names, 10)

        assert len(set(chosen)) == 10
        assert chosen[0] == names[0]
        assert names.index(chosen[-1]) >= len(names) - len(names) // 10 - 1

    def test_has_legs_that_there_are(self) -> None:
        assert set(door.SHORT) <= set(LEGS)


class TestEveryPoint:
    def test_has_a_course(self) -> None:
        assert COURSES.keys() == POINTS.keys()

    def test_is_killed_killed_with_its_program_and_frozen(self) -> None:
        for point in POINTS:
            assert [strike_of(point, number).way for number in range(3)] == [KILL, KILL_ALL, STOP]

    def test_is_struck_at_its_first_time_where_a_run_reaches_it_once(self) -> None:
        assert {strike_of("halt.latched", number).nth for number in range(9)} == {1}
        assert [strike_of("pass.opened", number).nth for number in range(4)] == [1, 2, 3, 2]
