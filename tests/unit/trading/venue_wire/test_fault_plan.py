"""When a planned fault strikes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.venue.faults import plan
from trading.venue.faults.known import MENU
from trading.venue.faults.menu import KINDS, Known, Outcome, Place
from trading.venue.faults.plan import Plan, When


def _struck(made: Plan, times: int, kind: str = "submit", account: str = "PA1", symbol: str = "AAPL") -> list[bool]:
    return [made.strike(Place.CALL, kind, account, (symbol,)) is not None for _ in range(times)]


def _planned(when: When | None = None, **selectors: Any) -> Plan:
    return Plan([plan.fault("keys_refused", when=when, **selectors)])


def _as_in_a_file(default: object) -> object:
    return Decimal(str(default.total_seconds())) if isinstance(default, timedelta) else default


class TestStrike:
    def test_is_once_where_nothing_else_is_said(self) -> None:
        assert _struck(_planned(), 3) == [True, False, False]

    def test_is_the_next_so_many(self) -> None:
        assert _struck(_planned(When(count=2)), 3) == [True, True, False]

    def test_begins_after_the_kth_occasion_of_its_kind(self) -> None:
        made = _planned(When(after=2, count=1), on=["submit"])

        others = _struck(made, 5, kind="cancel")

        assert (others, _struck(made, 4)) == ([False] * 5, [False, False, True, False])

    def test_is_always_or_never_at_the_ends_of_a_rate(self) -> None:
        assert _struck(_planned(When(rate=Decimal(1))), 5) == [True] * 5
        assert _struck(_planned(When(rate=Decimal(0))), 5) == [False] * 5

    def test_is_about_as_often_as_its_rate_and_stops_at_its_count(self) -> None:
        often = sum(_struck(_planned(When(rate=Decimal("0.2"))), 5000))

        assert 850 < often < 1150
        assert sum(_struck(_planned(When(rate=Decimal("0.2"), count=7)), 5000)) == 7

    @pytest.mark.parametrize(
        ("selector", "hit", "miss"),
        [
            ({"on": ["submit"]}, {"kind": "submit"}, {"kind": "cancel"}),
            ({"on": ["read"]}, {"kind": "orders"}, {"kind": "submit"}),
            ({"symbols": ["MSFT"]}, {"symbol": "MSFT"}, {"symbol": "AAPL"}),
            ({"accounts": ["PA2"]}, {"account": "PA2"}, {"account": "PA1"}),
        ],
    )
    def test_is_only_on_whom_it_is_meant_for(
        self, selector: dict[str, Any], hit: dict[str, str], miss: dict[str, str]
    ) -> None:
        made = _planned(**selector)

        assert (_struck(made, 1, **miss), _struck(made, 1, **hit)) == ([False], [True])

    @pytest.mark.parametrize(
        ("session", "minute", "strikes"),
        [(1, 30, False), (2, 29, False), (2, 30, True), (2, 39, True), (2, 40, False), (3, 30, False)],
    )
    def test_is_at_its_moment_of_the_replay(self, session: int, minute: int, strikes: bool) -> None:
        made = _planned(When(session=2, minute=30, minutes=10))
        made.stand_at(session, minute)

        assert _struck(made, 1) == [strikes]

    def test_is_of_the_first_planned_where_several_could(self) -> None:
        made = Plan([plan.fault("redirect"), plan.fault("keys_refused")])

        names = [fault.name for _ in range(2) if (fault := made.strike(Place.CALL, "submit"))]

        assert names == ["redirect", "keys_refused"]

    def test_does_not_count_what_could_do_nothing(self) -> None:
        made = _planned()

        passed = made.strike(Place.CALL, "submit", able=lambda fault: False)

        assert (passed, _struck(made, 1)) == (None, [True])

    @given(seed=st.integers(0, 2**32), rate=st.decimals("0.05", "0.95", places=2))
    def test_repeats_with_its_seed_whatever_else_is_planned(self, seed: int, rate: Decimal) -> None:
        fault = plan.fault("keys_refused", on=["submit"], when=When(rate=rate))
        alone, beside = Plan([fault], seed), Plan([fault, plan.fault("redirect", on=["cancel"])], seed)

        mixed = [_struck(beside, 1)[0] for _ in range(40) if _struck(beside, 1, kind="cancel")]

        assert _struck(alone, 40) == mixed


class TestTally:
    def test_is_by_name_and_by_control_and_outlasts_the_lifting(self) -> None:
        made = Plan([plan.fault("reset_after_accept", when=When(count=3))])
        _struck(made, 2)
        made.clear()
        made.add([plan.fault("reset_after_accept")])
        _struck(made, 2)

        assert (made.hits(), made.controls()) == ({"reset_after_accept": 3}, {"F03": 3, "F04": 3})


class TestMenu:
    @pytest.mark.parametrize("known", MENU.values(), ids=lambda known: known.name)
    def test_is_told_in_a_sentence_with_its_control(self, known: Known) -> None:
        assert known.says.endswith(".")
        assert all(each[0] == "F" and 1 <= int(each[1:]) <= 45 for each in known.controls)
        assert known.controls
        assert known.on
        assert known.on <= KINDS[known.place]
        assert (known.outcome is None) == (known.place is not Place.CALL)

    @pytest.mark.parametrize("known", MENU.values(), ids=lambda known: known.name)
    def test_has_defaults_that_its_own_readers_would_take(self, known: Known) -> None:
        for name, setting in known.settings.items():
            if setting.default is not None:
                assert setting.read(_as_in_a_file(setting.default)) == setting.default, name

    def test_answers_the_controls_that_a_broker_can_show(self) -> None:
        told = {control for known in MENU.values() for control in known.controls}

        assert told >= {f"F{number:02}" for number in (3, 4, 5, *range(8, 12), *range(13, 19), *range(29, 38), 44, 45)}

    def test_leaves_no_call_without_an_outcome_that_changes_something(self) -> None:
        assert {each.outcome for each in MENU.values()} == {None, *Outcome}


class TestFault:
    def test_is_refused_under_a_name_or_setting_that_is_not_there(self) -> None:
        with pytest.raises(KeyError, match="gremlins"):
            plan.fault("gremlins")
        with pytest.raises(KeyError, match="has no setting loud"):
            plan.fault("redirect", loud=True)
