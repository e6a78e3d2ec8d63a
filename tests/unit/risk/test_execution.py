"""Controls 12, 14, 16 and 21, on both sides of each bound."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from risk.exposure import RecentOrder
from tests.unit.risk.cases import ACCOUNT, ENTRY, NOW, D, account, case, code, entry, leaving, with_limit, working


def instrument(**changes: Any) -> Any:
    assert ACCOUNT.instrument is not None
    return account(instrument=replace(ACCOUNT.instrument, **changes))


def recent(count: int, age: float) -> tuple[RecentOrder, ...]:
    at = NOW - timedelta(seconds=age)
    return tuple(RecentOrder("IBM", "buy", D(str(index + 1)), at, "") for index in range(count))


class TestMessages:
    @pytest.mark.parametrize(
        ("count", "age", "expected"),
        [(4, 1, ""), (5, 1, "MESSAGES_MINUTE_REACHED"), (5, 59.9, "MESSAGES_MINUTE_REACHED"), (50, 60, "")],
    )
    def test_leave_half_of_the_minute_to_cancels(self, count: int, age: float, expected: str) -> None:
        assert code(account(recent=recent(count, age)), 12) == expected

    @pytest.mark.parametrize(("count", "expected"), [(99, ""), (100, "MESSAGES_DAY_REACHED")])
    def test_leave_half_of_the_day_to_cancels(self, count: int, expected: str) -> None:
        assert code(account(messages_today=count), 12) == expected

    def test_deny_when_nobody_counted(self) -> None:
        assert code(account(messages_today=None), 12) == "INPUT_MISSING"

    def test_never_hold_back_an_exit(self) -> None:
        from risk import pre_trade

        busy = replace(ACCOUNT, messages_today=999, recent=recent(50, 1))

        denials = pre_trade.judge(case(proposed=leaving("flatten"), exposure=busy))

        assert 12 not in {denial.control for denial in denials}


class TestOrderType:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("limit", ""),
            ("stop_limit", ""),
            ("market", "ORDER_TYPE_REFUSED"),
            ("stop", "ORDER_TYPE_REFUSED"),
            ("trailing_stop", "ORDER_TYPE_REFUSED"),
        ],
    )
    def test_lets_only_a_priced_entry_pass(self, kind: str, expected: str) -> None:
        assert code(entry(order_type=kind), 14) == expected

    def test_lets_a_market_entry_pass_where_two_people_said_so(self) -> None:
        assert (
            code(case(proposed=replace(ENTRY, order_type="market"), limits=with_limit("market_entries", "1")), 14) == ""
        )

    @pytest.mark.parametrize(
        ("time", "expected"), [("day", ""), ("opg", "ORDER_TIME_REFUSED"), ("", "ORDER_TIME_REFUSED")]
    )
    def test_denies_an_auction(self, time: str, expected: str) -> None:
        assert code(entry(time_in_force=time), 14) == expected


class TestLiquidity:
    @pytest.mark.parametrize(("volume", "expected"), [("8000", ""), ("7999", "LIQUIDITY_SHARE_EXCEEDED")])
    def test_denies_too_large_a_share_of_the_average_day(self, volume: str, expected: str) -> None:
        judged = instrument(average_volume=D(volume))
        lax = case(exposure=judged.exposure, limits=with_limit("average_volume_usd", "1"))

        assert code(lax, 16) == expected

    @pytest.mark.parametrize(("volume", "expected"), [("100000", ""), ("99999", "LIQUIDITY_VOLUME_LOW")])
    def test_denies_a_stock_that_trades_too_little(self, volume: str, expected: str) -> None:
        assert code(instrument(average_volume=D(volume)), 16) == expected

    @pytest.mark.parametrize(("price", "expected"), [("5.00", ""), ("4.99", "LIQUIDITY_PRICE_LOW")])
    def test_denies_a_cheap_share(self, price: str, expected: str) -> None:
        assert code(entry(limit_price=D(price)), 16) == expected

    @pytest.mark.parametrize("volume", [None, D("0"), D("-1"), D("NaN"), D("Infinity")])
    def test_denies_when_the_volume_is_not_known(self, volume: object) -> None:
        assert code(instrument(average_volume=volume), 16) == "INPUT_MISSING"

    @pytest.mark.parametrize(
        ("last", "expected"),
        [
            (date(2026, 3, 4), ""),
            (date(2026, 2, 25), ""),
            (date(2026, 2, 24), "INPUT_MISSING"),
            (date(2026, 3, 5), "INPUT_MISSING"),
            (None, "INPUT_MISSING"),
        ],
    )
    def test_denies_when_the_volume_is_of_another_time(self, last: date | None, expected: str) -> None:
        assert code(instrument(average_volume_date=last), 16) == expected


class TestSelfCross:
    @pytest.mark.parametrize(
        ("purpose", "kind", "expected"),
        [
            ("stop", "bracket", ""),
            ("target", "oto", ""),
            ("stop", "simple", "SELF_CROSS"),
            ("exit", "bracket", "SELF_CROSS"),
            ("entry", "bracket", "SELF_CROSS"),
        ],
    )
    def test_denies_against_an_order_of_ours(self, purpose: str, kind: str, expected: str) -> None:
        resting = working("5", side="sell", purpose=purpose)

        assert (
            code(case(proposed=replace(ENTRY, order_class=kind), exposure=replace(ACCOUNT, working=(resting,))), 21)
            == expected
        )

    def test_sees_an_exit_behind_a_stop(self) -> None:
        both = (working("5", side="sell", purpose="exit"), working("5", side="sell", purpose="stop"))

        for orders in (both, both[::-1]):
            assert code(account(working=orders), 21) == "SELF_CROSS"

    @pytest.mark.parametrize("changes", [{"side": "buy"}, {"symbol": "IBM"}, {"remaining": D("0")}])
    def test_lets_pass_what_cannot_meet(self, changes: dict[str, Any]) -> None:
        resting = replace(working("5", side="sell", purpose="exit"), **changes)

        assert code(account(working=(resting,)), 21) == ""
