"""Control 48: what lets an account rise and what puts it lower, on both sides of each boundary."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.post_trade import ramping
from risk.post_trade.ramping import Ramped, StageSession
from risk.post_trade.values import Finding, FindingCode
from risk.standing import Limits, Unjudgeable

NONE = Limits()
DAY = date(2026, 3, 20)


def session(back: int = 0, **faults: object) -> StageSession:
    return replace(StageSession(DAY - timedelta(days=back), 0, 0, True), **faults)  # type: ignore[arg-type]


CLEAN = tuple(session(back) for back in range(10))


def ramped(**changes: object) -> Ramped:
    return replace(Ramped("LIVE1", "S2", 4, CLEAN, 0, ()), **changes)  # type: ignore[arg-type]


def codes(found: tuple[Finding, ...]) -> list[FindingCode]:
    return [each.code for each in found]


class TestRise:
    @pytest.mark.parametrize(("count", "few"), [(10, False), (9, True), (0, True)])
    def test_takes_ten_sessions(self, count: int, few: bool) -> None:
        assert codes(ramping.rise(ramped(sessions=CLEAN[:count]), NONE)) == [FindingCode.STAGE_YOUNG] * few

    @pytest.mark.parametrize(
        "fault", [{"criticals": 1}, {"loss_trips": 1}, {"equal_books": False}, {"equal_books": None}]
    )
    def test_takes_them_in_a_row_without_a_fault(self, fault: dict[str, object]) -> None:
        (found,) = ramping.rise(ramped(sessions=(*CLEAN[:9], session(9, **fault))), NONE)

        assert found.code == FindingCode.STAGE_YOUNG
        assert "9 of 10 so far; 2026-03-11: " in found.sentence

    def test_forgets_a_fault_before_them(self) -> None:
        assert ramping.rise(ramped(sessions=(*CLEAN, session(10, criticals=2))), NONE) == ()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"open_cases": 1}, FindingCode.STAGE_CASE_OPEN),
            ({"breaches": ("POSITION_NAKED",)}, FindingCode.STAGE_BROKEN),
            ({"stage": "S0"}, FindingCode.STAGE_ENDS),
            ({"stage": "S4"}, FindingCode.STAGE_ENDS),
        ],
    )
    def test_is_held_back_by_one_thing(self, changes: dict[str, object], code: FindingCode) -> None:
        assert codes(ramping.rise(ramped(**changes), NONE)) == [code]

    @pytest.mark.parametrize("unknown", ["sessions", "open_cases", "breaches"])
    def test_is_not_judged_on_what_nobody_read(self, unknown: str) -> None:
        with pytest.raises(Unjudgeable, match="how the account did"):
            ramping.rise(ramped(**{unknown: None}), NONE)


class TestFall:
    @pytest.mark.parametrize(
        ("breaches", "to"), [((), None), (("LOSS_DAY_HALTED",), "S1"), (("NOT_OURS", "DRAWDOWN_HALTED"), "S0")]
    )
    def test_is_one_stage_or_to_paper(self, breaches: tuple[str, ...], to: str | None) -> None:
        assert [each.seen for each in ramping.fall(ramped(breaches=breaches), NONE)] == ([to] if to else [])

    def test_ends_on_paper(self) -> None:
        assert ramping.fall(ramped(stage="S0", breaches=("LOSS_DAY_HALTED",)), NONE) == ()

    def test_is_not_judged_on_what_nobody_read(self) -> None:
        with pytest.raises(Unjudgeable, match="which limits"):
            ramping.fall(ramped(breaches=None), NONE)


class TestCleanRun:
    @given(st.lists(st.booleans(), max_size=20))
    def test_ends_before_the_newest_fault(self, faulty: list[bool]) -> None:
        sessions = tuple(session(back, criticals=int(each)) for back, each in enumerate(faulty))

        assert ramping.clean_run(sessions) == (faulty.index(True) if True in faulty else len(faulty))
