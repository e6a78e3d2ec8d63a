"""Controls 11, 20, 22, 23, 24 and 25, on both sides of each bound."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.exposure import RecentOrder
from tests.unit.risk.cases import (
    ACCOUNT,
    NOW,
    D,
    account,
    case,
    code,
    codes,
    entry,
    held,
    leaving,
    with_limit,
    working,
)


class TestEntries:
    @pytest.mark.parametrize(
        ("day", "symbol", "expected"),
        [(9, 1, ""), (10, 1, "ENTRIES_DAY_REACHED"), (9, 2, "ENTRIES_SYMBOL_REACHED")],
    )
    def test_end_with_the_sessions_number(self, day: int, symbol: int, expected: str) -> None:
        assert code(account(entries_today=day, entries_today_symbol=symbol), 11) == expected


class TestDuplicate:
    @pytest.mark.parametrize(
        ("age", "expected"), [(0, "DUPLICATE_ORDER"), (59.999, "DUPLICATE_ORDER"), (60, ""), (-59.9, "DUPLICATE_ORDER")]
    )
    def test_is_the_same_order_within_the_window(self, age: float, expected: str) -> None:
        recent = RecentOrder("AAPL", "buy", D("40.000"), NOW - timedelta(seconds=age), "s0")

        assert code(account(recent=(recent,)), 20) == expected

    @pytest.mark.parametrize("other", [{"symbol": "IBM"}, {"side": "sell"}, {"quantity": D("41")}])
    def test_is_not_another_symbol_side_or_size(self, other: dict[str, Any]) -> None:
        recent = replace(RecentOrder("AAPL", "buy", D("40"), NOW, "s0"), **other)

        assert code(account(recent=(recent,)), 20) == ""

    def test_is_a_signal_that_has_had_its_order(self) -> None:
        assert code(account(used_signal_ids=frozenset({"s1"})), 20) == "DUPLICATE_SIGNAL"

    def test_holds_for_exits_but_lets_a_flatten_try_again(self) -> None:
        recent = RecentOrder("AAPL", "sell", D("40"), NOW, "s0")
        exposure = replace(ACCOUNT, holdings=(held("40"),), recent=(recent,))

        assert codes(case(proposed=leaving(), exposure=exposure)) == ["DUPLICATE_ORDER"]
        assert codes(case(proposed=leaving("flatten"), exposure=exposure)) == []


class TestStop:
    @pytest.mark.parametrize(
        ("stop", "expected"),
        [
            (D("99.00"), ""),
            (D("99.01"), "STOP_TOO_NEAR"),
            (D("97.00"), ""),
            (D("96.99"), "STOP_TOO_FAR"),
            (D("100.00"), "STOP_WRONG_SIDE"),
            (D("101.00"), "STOP_WRONG_SIDE"),
            (None, "STOP_MISSING"),
        ],
    )
    def test_goes_with_every_entry_at_its_distance(self, stop: Any, expected: str) -> None:
        assert code(entry(stop_loss_price=stop), 22) == expected

    def test_is_missing_when_the_order_cannot_carry_it(self) -> None:
        assert code(entry(order_class="simple"), 22) == "STOP_MISSING"


class TestCash:
    @pytest.mark.parametrize(("cash", "expected"), [("9000", ""), ("8999.99", "CASH_BUFFER_BROKEN")])
    def test_leaves_the_buffer(self, cash: str, expected: str) -> None:
        assert code(account(cash=D(cash)), 23) == expected

    @pytest.mark.parametrize(("power", "expected"), [("9000", ""), ("8999.99", "CASH_POWER_SHORT")])
    def test_needs_buying_power_for_working_entries_too(self, power: str, expected: str) -> None:
        exposure = replace(ACCOUNT, buying_power=D(power), working=(working("50", "IBM"),))

        assert code(case(exposure=exposure), 23) == expected

    @pytest.mark.parametrize("name", ["cash", "buying_power"])
    @pytest.mark.parametrize("figure", [None, D("NaN")])
    def test_denies_when_it_is_not_known(self, name: str, figure: Any) -> None:
        assert code(account(**{name: figure}), 23) == "INPUT_MISSING"


class TestLongOnly:
    def test_denies_a_short_and_an_account_that_could(self) -> None:
        assert code(entry(side="sell"), 24) == "SHORT_REFUSED"
        assert code(account(shorting_enabled=True), 24) == "SHORT_OPEN_AT_BROKER"
        assert code(case(), 24) == ""

    @pytest.mark.parametrize(("shares", "expected"), [("40", ""), ("39.999999999", "EXIT_EXCEEDS_HOLDING")])
    def test_lets_no_more_leave_than_is_held(self, shares: str, expected: str) -> None:
        assert code(case(proposed=leaving(), exposure=replace(ACCOUNT, holdings=(held(shares),))), 24) == expected

    @pytest.mark.parametrize("purpose", ["exit", "stop", "target", "flatten"])
    def test_denies_an_exit_of_nothing_and_one_that_adds(self, purpose: str) -> None:
        adds = case(proposed=leaving(purpose, side="buy"), exposure=replace(ACCOUNT, holdings=(held("40"),)))

        assert code(case(proposed=leaving(purpose)), 24) == "EXIT_EXCEEDS_HOLDING"
        assert code(adds, 24) == "EXIT_EXCEEDS_HOLDING"

    def test_lets_a_short_be_bought_back(self) -> None:
        exposure = replace(ACCOUNT, holdings=(held("-40"),))

        assert code(case(proposed=leaving(side="buy"), exposure=exposure), 24) == ""

    def test_counts_exits_on_their_way_but_not_resting_protection(self) -> None:
        on_way = working("1", side="sell", purpose="exit")
        stop = working("40", side="sell", purpose="stop")

        def asked(*orders: Any) -> str:
            return code(case(proposed=leaving(), exposure=replace(ACCOUNT, holdings=(held("40"),), working=orders)), 24)

        assert asked(stop) == ""
        assert asked(stop, on_way) == "EXIT_EXCEEDS_HOLDING"

    @given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 50))
    def test_never_lets_all_exits_together_exceed_what_is_held(self, shares: int, on_way: int, asked: int) -> None:
        leaves = working(str(on_way), side="sell", purpose="exit")
        exposure = replace(ACCOUNT, holdings=(held(str(shares)),), working=(leaves,))

        approved = code(case(proposed=leaving(quantity=D(str(asked))), exposure=exposure), 24) == ""

        assert approved == (on_way + asked <= shares)


class TestLossBudget:
    @pytest.mark.parametrize(
        ("equity", "expected"),
        [
            ("99080", ""),
            ("99079", "LOSS_BUDGET_EXCEEDED"),
            ("99001", "LOSS_BUDGET_EXCEEDED"),
            ("99000", "LOSS_DAY_REACHED"),
        ],
    )
    def test_ends_where_the_stop_would_take_it(self, equity: str, expected: str) -> None:
        assert code(account(equity=D(equity)), 25) == expected

    def test_does_not_take_a_deposit_for_a_profit_nor_a_withdrawal_for_a_loss(self) -> None:
        assert code(account(equity=D("103900"), intraday_adjustments=D("5000")), 25) == "LOSS_DAY_REACHED"
        assert code(account(equity=D("95000"), intraday_adjustments=D("-5000")), 25) == ""

    def test_takes_the_whole_value_where_there_is_no_stop(self) -> None:
        assert code(entry(stop_loss_price=None), 25) == "LOSS_BUDGET_EXCEEDED"

    @pytest.mark.parametrize("last", [None, D("0"), D("NaN")])
    def test_denies_when_the_last_equity_is_not_known(self, last: Any) -> None:
        assert code(account(last_equity=last), 25) == "INPUT_MISSING"

    def test_binds_at_the_strictest_limit(self) -> None:
        assert code(case(limits=with_limit("day_loss_fraction", "0.0007")), 25) == "LOSS_BUDGET_EXCEEDED"
