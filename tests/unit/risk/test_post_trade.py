"""The controls after a trade and over the house: both sides of each boundary, and what is missing is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from risk import policy, post_trade
from risk.at_trade.values import Action
from risk.post_trade import comparing, governing
from risk.post_trade.values import Compared, FindingCode, Governed, OpenCase, Session
from risk.standing import LimitInForce, Limits, Unjudgeable

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
LIMITS = Limits({name: LimitInForce(name, b.default, 3, "firm") for name, b in policy.BOUNDS.items()})


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def compared(**changes: object) -> Compared:
    known = Compared("PA1", "paper", NOW, date(2026, 3, 4), ago(9000), ago(5), 1)
    return replace(known, **changes)  # type: ignore[arg-type]


def case(age: float = 1, *, ours: bool = True) -> OpenCase:
    return OpenCase("AAPL", "AAPL", ago(age), ours)


def governed(**changes: object) -> Governed:
    last = Session(date(2026, 3, 3), ago(1), reported=True, signed=True)
    known = Governed("live", NOW, NOW, last, ago(60), ago(60), preflight_passed=True, start_at=NOW)
    return replace(known, **changes)  # type: ignore[arg-type]


class TestComparisonIsDue:
    @pytest.mark.parametrize(
        ("age", "working", "due"),
        [(9.9, 1, False), (10, 1, True), (10, 0, False), (59.9, 0, False), (60, 0, True), (10, None, True)],
    )
    def test_more_often_while_orders_work(self, age: float, working: int | None, due: bool) -> None:
        assert comparing.is_due(compared(compared_at=ago(age), working=working), LIMITS) is due

    def test_before_the_first(self) -> None:
        assert comparing.is_due(compared(compared_at=None), LIMITS)


class TestLateness:
    @pytest.mark.parametrize(
        ("age", "working", "late"), [(30, 1, False), (30.1, 1, True), (180, 0, False), (181, 0, True)]
    )
    def test_is_told_after_three_intervals(self, age: float, working: int, late: bool) -> None:
        found = comparing.lateness(compared(compared_at=ago(age), working=working), LIMITS)

        assert [each.code for each in found] == [FindingCode.COMPARISON_LATE] * late
        assert all((each.action, each.limit.version) == (Action.WARN, 3) for each in found)

    def test_does_not_count_the_time_before_the_worker_began(self) -> None:
        assert comparing.lateness(compared(compared_at=ago(5000), watched_since=ago(20)), LIMITS) == ()
        assert comparing.lateness(compared(compared_at=None, watched_since=ago(40)), LIMITS)

    def test_is_not_passed_where_nothing_is_known(self) -> None:
        with pytest.raises(Unjudgeable, match="when the books were compared last"):
            comparing.lateness(compared(compared_at=None, watched_since=None), LIMITS)


class TestAgeing:
    @pytest.mark.parametrize(("age", "stops"), [(900, False), (900.5, True)])
    def test_stops_entries_past_the_limit(self, age: float, stops: bool) -> None:
        found = comparing.ageing(compared(cases=(case(1), case(age))), LIMITS)

        assert [(each.code, each.action) for each in found] == [(FindingCode.BREAK_AGED, Action.H1)] * stops

    def test_needs_a_case(self) -> None:
        assert comparing.ageing(compared(), LIMITS) == ()


class TestStrangers:
    def test_stop_entries_at_once(self) -> None:
        (found,) = comparing.strangers(compared(cases=(case(), case(ours=False))), LIMITS)

        assert (found.code, found.action, found.seen) == (FindingCode.NOT_OURS, Action.H1, "1")
        assert "AAPL" in found.sentence

    def test_are_not_our_own_differences(self) -> None:
        assert comparing.strangers(compared(cases=(case(),)), LIMITS) == ()


class TestJudge:
    def test_tells_what_it_could_not_judge(self) -> None:
        found, blind = post_trade.judge(compared(cases=(case(1000, ours=False),)), Limits())

        assert [each.code for each in found] == [FindingCode.NOT_OURS]
        assert [each.number for each in blind] == [41, 43]
        assert "install the policy" in blind[0].sentence

    def test_tells_of_a_control_that_failed(self) -> None:
        broken = Limits(LIMITS)
        broken["break_age_seconds"] = LimitInForce("break_age_seconds", "soon", 1, "firm")  # type: ignore[arg-type]

        _, blind = post_trade.judge(compared(cases=(case(),)), broken)

        assert blind[0].sentence == "Control 43 (Age of an open case) failed with TypeError."


class TestSignature:
    @pytest.mark.parametrize(("mode", "action"), [("live", Action.H1), ("paper", Action.WARN)])
    @pytest.mark.parametrize(
        ("reported", "code"), [(True, FindingCode.REPORT_UNSIGNED), (False, FindingCode.REPORT_MISSING)]
    )
    def test_is_due_at_its_hour(self, mode: str, action: Action, reported: bool, code: FindingCode) -> None:
        last = Session(date(2026, 3, 3), NOW, reported=reported, signed=False)

        assert governing.signature(governed(last_session=last, mode=mode, market_now=ago(0.1)), LIMITS) == ()
        (found,) = governing.signature(governed(last_session=last, mode=mode), LIMITS)
        assert (found.code, found.action) == (code, action)

    def test_of_a_signed_or_no_session_is_not_asked_for(self) -> None:
        assert governing.signature(governed(), LIMITS) == ()
        assert governing.signature(governed(last_session=None, market_now=None), LIMITS) == ()

    def test_without_the_venues_clock_is_not_passed(self) -> None:
        with pytest.raises(Unjudgeable, match="venue's clock"):
            governing.signature(governed(market_now=None), LIMITS)


class TestPreflight:
    @pytest.mark.parametrize(("age", "fresh"), [(900, True), (901, False)])
    def test_counts_for_fifteen_minutes_before_the_start(self, age: float, fresh: bool) -> None:
        found = governing.preflight(governed(preflight_at=ago(age)), LIMITS)

        assert [each.code for each in found] == [FindingCode.PREFLIGHT_OLD] * (not fresh)

    def test_counts_when_made_since_the_start(self) -> None:
        assert governing.preflight(governed(start_at=ago(9000), preflight_at=ago(60)), LIMITS) == ()

    def test_red_or_never_run_does_not_count(self) -> None:
        (red,) = governing.preflight(governed(preflight_passed=False), LIMITS)
        (never,) = governing.preflight(governed(preflight_at=None), LIMITS)

        assert (red.code, never.code) == (FindingCode.PREFLIGHT_RED, FindingCode.PREFLIGHT_OLD)

    def test_is_asked_of_live_accounts_alone(self) -> None:
        assert governing.preflight(governed(mode="paper", preflight_at=None, start_at=None), LIMITS) == ()
        with pytest.raises(Unjudgeable):
            governing.preflight(governed(start_at=None), LIMITS)


class TestDrill:
    @pytest.mark.parametrize(("mode", "days"), [("paper", 7), ("live", 31)])
    def test_lasts_for_its_days(self, mode: str, days: int) -> None:
        lasting = NOW - timedelta(days=days)

        assert governing.drill(governed(mode=mode, drilled_at=lasting), LIMITS) == ()
        (found,) = governing.drill(governed(mode=mode, drilled_at=lasting - timedelta(seconds=1)), LIMITS)
        assert (found.code, found.limit.value) == (FindingCode.DRILL_OLD, Decimal(days))
        assert found.action == (Action.H1 if mode == "live" else Action.WARN)

    def test_never_made_is_told(self) -> None:
        (found,) = governing.drill(governed(drilled_at=None), LIMITS)

        assert "was never exercised" in found.sentence
