"""Control 46: live against paper, by two standard deviations of a mean."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.post_trade import comparing_live
from risk.post_trade.comparing_live import Measure, Weekly
from risk.post_trade.values import FindingCode
from risk.standing import Limits, Unjudgeable

CODE = FindingCode.LIVE_SLIPS_OTHERWISE
MONDAY = date(2026, 3, 2)
PAPER = tuple(Decimal(each) for each in ("1", "2", "3", "4", "5"))
"""Mean 3, deviation √2.5; two deviations of a mean of five figures are √2."""

FIGURES = st.lists(st.decimals(-1, 1, places=4), min_size=5, max_size=12).map(tuple)


def judged(live: tuple[Decimal, ...], paper: tuple[Decimal, ...] = PAPER) -> list[FindingCode]:
    weekly = Weekly("LIVE1", MONDAY, (Measure(CODE, "slippage", live, paper),))
    return [each.code for each in comparing_live.week(weekly, Limits())]


class TestWeek:
    @pytest.mark.parametrize(("live", "differs"), [("4.41", False), ("4.42", True), ("1.59", False), ("1.58", True)])
    def test_differs_beyond_two_deviations_on_either_side(self, live: str, differs: bool) -> None:
        assert judged((Decimal(live),) * 5) == [CODE] * differs

    @given(FIGURES)
    def test_the_same_figures_never_differ(self, figures: tuple[Decimal, ...]) -> None:
        assert judged(figures, figures) == []

    @given(FIGURES, FIGURES, st.decimals(-1, 1, places=4))
    def test_is_blind_to_a_shift_of_both(
        self, live: tuple[Decimal, ...], paper: tuple[Decimal, ...], by: Decimal
    ) -> None:
        assert judged(live, paper) == judged(tuple(x + by for x in live), tuple(x + by for x in paper))

    @pytest.mark.parametrize("few", [PAPER[:4], ()])
    def test_does_not_judge_by_few_figures(self, few: tuple[Decimal, ...]) -> None:
        with pytest.raises(Unjudgeable, match="tells nothing"):
            judged(few)

    @pytest.mark.parametrize("figure", ["NaN", "Infinity"])
    def test_does_not_judge_by_what_is_no_number(self, figure: str) -> None:
        with pytest.raises(Unjudgeable, match="no number"):
            judged((*PAPER[:4], Decimal(figure)))

    def test_does_not_judge_what_nobody_read(self) -> None:
        with pytest.raises(Unjudgeable, match="fills of the week"):
            comparing_live.week(Weekly("LIVE1", MONDAY, None), Limits())
