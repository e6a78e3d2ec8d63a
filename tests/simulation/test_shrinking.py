"""The shortest failing trace: what matters is kept, in order, and the rest is left out."""

from collections.abc import Sequence

from tests.simulation import shrinking
from tests.simulation.steps import Step

STEPS = [Step("wait", {"seconds": number}) for number in range(40)]


class TestShortest:
    def test_keeps_what_the_failure_needs_and_nothing_else(self) -> None:
        needed = [STEPS[3], STEPS[17], STEPS[31]]

        found = shrinking.shortest(STEPS, lambda steps: all(step in steps for step in needed))

        assert found == needed

    def test_keeps_all_where_all_is_needed(self) -> None:
        assert shrinking.shortest(STEPS, lambda steps: False) == STEPS

    def test_ends_when_its_patience_does(self) -> None:
        asked: list[Sequence[Step]] = []

        def fails(steps: Sequence[Step]) -> bool:
            asked.append(steps)
            return True

        shrinking.shortest(STEPS, fails, patience=0)

        assert asked == []
