"""Controls 1, 2, 3 and 26: the latch, the environment, the account's flags, the numbers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from risk.standing import HaltView, Limits, StageInForce
from tests.unit.risk.cases import ACCOUNT, NOW, POLICY, D, account, case, code, codes, entry, halted, held, leaving


class TestJudge:
    def test_lets_a_good_entry_pass(self) -> None:
        assert codes(case()) == []

    def test_keeps_every_refusal_in_table_order(self) -> None:
        judged = account(pinned_number="", equity=D("1000"))

        found = codes(judged)

        assert found[0] == "ENVIRONMENT_UNPROVED"
        assert {"POSITION_FRACTION_EXCEEDED", "GROSS_FRACTION_EXCEEDED"} <= set(found)

    def test_asks_nothing_more_of_numbers_that_are_none(self) -> None:
        assert codes(entry(quantity=D("NaN"))) == ["NUMBER_INVALID"]


class TestLatch:
    @pytest.mark.parametrize(
        ("level", "purpose", "expected"),
        [
            ("H1", "entry", "HALTED"),
            ("H2", "entry", "HALTED"),
            ("H3", "entry", "HALTED"),
            ("H1", "exit", ""),
            ("H2", "stop", ""),
            ("H3", "exit", "HALTED"),
            ("H3", "stop", "HALTED"),
            ("H3", "flatten", ""),
            ("H1", "somehow", "HALTED"),
        ],
    )
    def test_lets_pass_what_the_level_allows(self, level: str, purpose: str, expected: str) -> None:
        judged = case(proposed=leaving(purpose), halts=halted(level))

        assert code(judged, 1) == expected

    @pytest.mark.parametrize("purpose", ["entry", "exit", "flatten"])
    def test_denies_everything_when_it_cannot_be_read(self, purpose: str) -> None:
        judged = case(proposed=leaving(purpose), halts=HaltView(readable=False))

        assert code(judged, 1) == "HALT_STATE_UNREADABLE"

    def test_denies_a_live_entry_without_approval_but_not_an_exit(self) -> None:
        exposure = replace(ACCOUNT, mode="live", pinned_mode="live", live_permission=("no approval",))
        first = Limits(POLICY, stage=StageInForce("S1", 1))
        live = case(proposed=replace(case().proposed, mode="live"), exposure=exposure, limits=first)
        leave = case(proposed=leaving(mode="live"), exposure=exposure)

        assert code(live, 1) == "LIVE_NOT_APPROVED"
        assert code(leave, 1) == ""


class TestEnvironment:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"pinned_number": ""}, "ENVIRONMENT_UNPROVED"),
            ({"pinned_mode": ""}, "ENVIRONMENT_UNPROVED"),
            ({"pinned_mode": "live"}, "ENVIRONMENT_MISMATCH"),
            ({"mode": "live"}, "ENVIRONMENT_MISMATCH"),
            ({"account": "PA2"}, "ENVIRONMENT_MISMATCH"),
        ],
    )
    def test_denies_entries_and_exits_alike(self, changes: dict[str, Any], expected: str) -> None:
        exposure = replace(ACCOUNT, **changes)

        assert code(case(exposure=exposure), 2) == expected
        assert expected in codes(case(proposed=leaving(), exposure=exposure))


class TestAccountFlags:
    @pytest.mark.parametrize("flag", ["trading_blocked", "account_blocked", "trade_suspended"])
    def test_deny_an_entry(self, flag: str) -> None:
        assert code(account(**{flag: True}), 3) == "ACCOUNT_BLOCKED"

    def test_deny_an_exit_only_where_the_broker_takes_no_order(self) -> None:
        blocked = case(proposed=leaving(), exposure=replace(ACCOUNT, trading_blocked=True))
        suspended = case(proposed=leaving(), exposure=replace(ACCOUNT, trade_suspended=True, state_known_at=None))

        assert code(blocked, 3) == "ACCOUNT_BLOCKED"
        assert code(suspended, 3) == ""

    @pytest.mark.parametrize("status", ["", "ACCOUNT_CLOSED", "ONBOARDING"])
    def test_deny_a_status_that_is_not_active(self, status: str) -> None:
        assert code(account(account_status=status), 3) == "ACCOUNT_INACTIVE"

    @pytest.mark.parametrize(
        ("age", "expected"), [(0, ""), (30, ""), (30.001, "ACCOUNT_STALE"), (-1, ""), (-1.001, "ACCOUNT_STALE")]
    )
    def test_deny_figures_that_are_old_or_of_the_future(self, age: int, expected: str) -> None:
        assert code(account(state_known_at=NOW - timedelta(seconds=age)), 3) == expected

    def test_deny_figures_that_were_never_read(self) -> None:
        assert code(account(state_known_at=None), 3) == "INPUT_MISSING"


class TestNumberSanity:
    @pytest.mark.parametrize("bad", ["NaN", "sNaN", "Infinity", "-Infinity", "-1", "0"])
    @pytest.mark.parametrize(
        "name", ["quantity", "limit_price", "stop_loss_price", "take_profit_price", "reference_price"]
    )
    def test_denies_a_figure_that_is_no_positive_number(self, name: str, bad: str) -> None:
        assert codes(entry(**{name: D(bad)})) == ["NUMBER_INVALID"]

    def test_denies_a_float(self) -> None:
        assert codes(entry(limit_price=100.0)) == ["NUMBER_INVALID"]

    @pytest.mark.parametrize(
        ("price", "expected"),
        [("100.01", ""), ("100.001", "NUMBER_OFF_TICK"), ("1.00", ""), ("0.9999", ""), ("0.99999", "NUMBER_OFF_TICK")],
    )
    def test_denies_a_price_between_ticks(self, price: str, expected: str) -> None:
        assert code(entry(limit_price=D(price)), 26) == expected

    def test_denies_a_fraction_of_a_share_for_entries_alone(self) -> None:
        fraction = case(proposed=leaving(quantity=D("0.5")), exposure=replace(ACCOUNT, holdings=(held("0.5"),)))

        assert code(entry(quantity=D("1.5")), 26) == "NUMBER_OFF_LOT"
        assert codes(fraction) == []

    def test_denies_both_and_neither_of_quantity_and_amount(self) -> None:
        assert code(entry(notional=D("100")), 26) == "NUMBER_AMBIGUOUS"
        assert code(entry(quantity=D("0")), 26) == "NUMBER_INVALID"
        assert code(entry(quantity=Decimal(0), notional=D("100")), 26) == "NUMBER_OFF_LOT"

    @pytest.mark.parametrize("word", ["side", "purpose", "order_type", "symbol"])
    def test_denies_words_it_does_not_know(self, word: str) -> None:
        changes: dict[str, Any] = {word: "" if word == "symbol" else "perhaps"}

        assert code(entry(**changes), 26) == "ORDER_MALFORMED"

    def test_denies_a_limit_order_without_a_limit(self) -> None:
        assert code(entry(limit_price=None), 26) == "ORDER_MALFORMED"
