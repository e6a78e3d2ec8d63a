"""Small rooms: files, and the doors (commands, tasks, views, consumers), stay short enough to be read at one go."""

from statistics import median

import pytest

from tests.architecture import source
from tests.architecture.source import Source

LONGEST = 300
MEDIAN = 120
LONGEST_TEST = 250
LONGEST_DOOR = 90
LONGEST_IN_A_DOOR = 40
LONGEST_FUNCTION = 60
"""Of the rest; the few above 40 are one call with many named values."""


def is_door(module: str) -> bool:
    """A command or a module of tasks."""
    return ".management.commands." in module or module.endswith(".tasks")


def longer_than(limit: int, sources: list[Source]) -> list[str]:
    """Files with more lines than the limit."""
    return [f"{each.module}: {each.lines} lines" for each in sources if each.lines > limit]


def long_functions(limit: int, sources: list[Source]) -> list[str]:
    """Functions with more lines than the limit."""
    return [
        f"{each.module}.{function.name}: {lines} lines"
        for each in sources
        for function in source.functions(each)
        if (lines := (function.end_lineno or function.lineno) - function.lineno + 1) > limit
    ]


class TestFiles:
    def test_have_at_most_300_lines(self) -> None:
        assert longer_than(LONGEST, source.python(*source.PROGRAM)) == []

    def test_have_a_median_under_120_lines(self) -> None:
        written = [each.lines for each in source.python(*source.APPS) if each.lines]

        assert median(written) < MEDIAN

    def test_of_tests_have_at_most_250_lines(self) -> None:
        assert longer_than(LONGEST_TEST, source.python("tests")) == []


class TestFunctions:
    def test_stay_short(self) -> None:
        assert long_functions(LONGEST_FUNCTION, source.python(*source.PROGRAM)) == []


class TestDoors:
    def test_are_found(self) -> None:
        doors = {each.module for each in source.python(*source.APPS) if is_door(each.module)}

        assert {"trading.tasks", "audit.tasks", "trading.management.commands.halt"} <= doors

    def test_are_short_modules(self) -> None:
        doors = [each for each in source.python(*source.APPS) if is_door(each.module)]

        assert longer_than(LONGEST_DOOR, doors) == []

    def test_have_short_functions(self) -> None:
        rooms = ("trading.dashboard.views", "trading.dashboard.consumers", "trading.admin", "risk.admin", "audit.admin")
        doors = [e for e in source.python(*source.APPS) if is_door(e.module) or source.within(e.module, *rooms)]

        assert long_functions(LONGEST_IN_A_DOOR, doors) == []


class TestTheMeasuresThemselves:
    @pytest.mark.parametrize("lines", [4, 5])
    def test_a_file_one_line_too_long_is_found(self, lines: int) -> None:
        found = longer_than(4, [Source("a.b", "x = 1\n" * lines)])

        assert found == (["a.b: 5 lines"] if lines == 5 else [])

    def test_a_method_one_line_too_long_is_found(self) -> None:
        text = "class A:\n    async def f(self):\n        x = 1\n        return x\n"

        assert long_functions(2, [Source("a", text)]) == ["a.f: 3 lines"]
        assert long_functions(3, [Source("a", text)]) == []
