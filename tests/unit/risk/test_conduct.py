"""Monitors 6, 27, 29, 32, 33 and 34, on both sides of each bound."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk import at_trade
from risk.at_trade.values import Bare, Executed, Slip, Waiting
from tests.unit.risk.cases import POLICY, D
from tests.unit.risk.watching import CALM, WEDNESDAY, alarms, at, blind, said


def executed(*told: tuple[str, int], strategy: str = "trend", symbol: str = "AAPL") -> tuple[Executed, ...]:
    """Newest first."""
    return tuple(Executed(strategy, symbol, purpose, Decimal(realised)) for purpose, realised in told)


def slips(*cents: int, side: str = "buy", on: date = WEDNESDAY) -> tuple[Slip, ...]:
    """Fills so many cents above a middle of 100."""
    return tuple(Slip("AAPL", side, D("100"), D("100") + Decimal(cent) / 100, on) for cent in cents)


class TestRepetition:
    @pytest.mark.parametrize(("count", "expected"), [(2, []), (3, [("REPEATED_STOPS", "disable")])])
    def test_disables_after_three_stops(self, count: int, expected: list[tuple[str, str]]) -> None:
        assert said(executed=executed(*[("stop", -1), ("entry", 0)] * count)) == expected

    @pytest.mark.parametrize(("count", "expected"), [(9, []), (10, [("REPEATED_FILLS", "disable")])])
    def test_disables_after_ten_entries(self, count: int, expected: list[tuple[str, str]]) -> None:
        assert said(executed=executed(*[("exit", -1), ("entry", 0)] * count)) == expected

    def test_begins_anew_after_a_gain(self) -> None:
        row = [("stop", -1), ("stop", -1), ("target", 5), ("stop", -1)]

        assert said(executed=executed(*row)) == []

    def test_is_not_appeased_by_an_exit_without_gain(self) -> None:
        row = [("stop", -1), ("exit", 0), ("stop", -1), ("exit", -3), ("stop", -1)]

        assert said(executed=executed(*row)) == [("REPEATED_STOPS", "disable")]

    def test_counts_each_strategy_and_symbol_apart(self) -> None:
        two = [("stop", -1)] * 2
        rows = executed(*two) + executed(*two, symbol="IBM") + executed(*two, strategy="other")

        assert said(executed=rows) == []

    def test_names_the_strategy_and_the_symbol(self) -> None:
        alarm = alarms(executed=executed(*[("stop", -1)] * 4))[0]

        assert (alarm.strategy, alarm.symbol, alarm.seen) == ("trend", "AAPL", "4")
        assert alarm.sentence.startswith("trend was stopped out of AAPL 4 times without a gain between; at 3 it is")

    @given(st.lists(st.sampled_from([("stop", -1), ("entry", 0), ("target", 2), ("exit", -1)]), max_size=30))
    def test_never_misses_three_stops_after_the_last_gain(self, row: list[tuple[str, int]]) -> None:
        since = row[: row.index(("target", 2))] if ("target", 2) in row else row

        codes = [code for code, _ in said(executed=executed(*row))]

        assert ("REPEATED_STOPS" in codes) == (since.count(("stop", -1)) >= 3)


class TestBursts:
    @pytest.mark.parametrize(("rejects", "expected"), [(2, []), (3, [("REJECTS_BURST", "H1")])])
    def test_halts_at_rejections(self, rejects: int, expected: list[tuple[str, str]]) -> None:
        assert said(rejects=rejects) == expected

    @pytest.mark.parametrize(("errors", "expected"), [(4, []), (5, [("ERRORS_BURST", "H1")])])
    def test_halts_at_errors(self, errors: int, expected: list[tuple[str, str]]) -> None:
        assert said(errors=errors) == expected


class TestSlippage:
    def test_warns_of_one_bad_fill(self) -> None:
        assert said(slips=slips(50)) == []
        assert said(slips=slips(51)) == [("SLIPPAGE_FILL_WARNED", "warn")]

    def test_warns_of_a_bad_sale(self) -> None:
        assert said(slips=slips(-51, side="sell")) == [("SLIPPAGE_FILL_WARNED", "warn")]
        assert said(slips=slips(51, side="sell")) == []

    def test_tells_of_a_fill_in_its_own_session_only(self) -> None:
        assert said(slips=slips(51, on=date(2026, 3, 3))) == []

    @pytest.mark.parametrize(
        ("cents", "expected"),
        [
            ([25] * 10, []),
            ([26] * 10, [("SLIPPAGE_MEAN_HALTED", "H1")]),
            ([26] * 9, []),
            ([26] * 10 + [-500], [("SLIPPAGE_MEAN_HALTED", "H1")]),
        ],
    )
    def test_halts_when_the_last_ten_are_bad_on_average(self, cents: list[int], expected: list[Any]) -> None:
        assert said(slips=slips(*cents)) == expected


class TestUnresolved:
    @pytest.mark.parametrize(("age", "expected"), [(120, []), (120.5, [("ORDER_UNRESOLVED", "H1")])])
    def test_halts_when_nobody_can_tell(self, age: float, expected: list[tuple[str, str]]) -> None:
        assert said(unresolved=(Waiting("AAPL", at(age)),)) == expected


class TestNaked:
    @pytest.mark.parametrize(("age", "expected"), [(30, []), (30.5, [("POSITION_NAKED", "warn")])])
    def test_alarms_after_its_time(self, age: float, expected: list[tuple[str, str]]) -> None:
        assert said(bare=(Bare("AAPL", D("7"), at(age)),)) == expected


class TestDrift:
    @pytest.mark.parametrize(("value", "expected"), [("5500", []), ("5500.01", [("POSITION_DRIFTED", "warn")])])
    def test_warns_of_a_position_that_grew(self, value: str, expected: list[tuple[str, str]]) -> None:
        assert said(values=(("AAPL", D(value)),)) == expected

    def test_warns_of_the_gap_and_the_gross(self) -> None:
        many = tuple((f"S{index}", D("5500")) for index in range(12))

        assert said(values=many) == [("GAP_DRIFTED", "warn")]
        assert ("GROSS_DRIFTED", "warn") in said(values=(*many, ("X", D("0.01"))))

    @pytest.mark.parametrize("value", [None, D("NaN")])
    def test_is_blind_to_a_holding_without_a_price(self, value: object) -> None:
        assert blind(values=(("AAPL", value),)) == {6}


class TestJudge:
    @pytest.mark.parametrize("monitor", at_trade.MONITORS, ids=lambda monitor: str(monitor.number))
    def test_goes_on_when_one_monitor_fails(self, monitor: at_trade.Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
        def explodes(*_: object) -> Any:
            raise ZeroDivisionError("inside")

        broken = tuple(replace(each, judge=explodes) if each is monitor else each for each in at_trade.MONITORS)
        monkeypatch.setattr(at_trade, "MONITORS", broken)

        _, found = at_trade.judge(CALM, POLICY)

        assert [each.number for each in found] == [monitor.number]
        assert "ZeroDivisionError" in found[0].sentence

    def test_names_every_code_once(self) -> None:
        from risk.at_trade.values import AlarmCode

        named = [code for monitor in at_trade.MONITORS for code in monitor.codes]

        assert sorted(named) == sorted(AlarmCode)
