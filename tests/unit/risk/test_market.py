"""Controls 13, 15, 17, 18, 19 and 43, on both sides of each bound."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from risk.exposure import Quote
from risk.standing import Limits
from tests.unit.risk.cases import (
    ACCOUNT,
    CLOSE_AT,
    NOW,
    OPEN_AT,
    POLICY,
    D,
    account,
    case,
    code,
    entry,
    with_limit,
)


def facts(**changes: Any) -> Any:
    assert ACCOUNT.instrument is not None
    return replace(ACCOUNT.instrument, **changes)


def quoted(bid: str, ask: str, age: float = 1, symbol: str = "AAPL") -> Quote:
    return Quote(symbol, D(bid), D(ask), NOW - timedelta(seconds=age))


class TestCollar:
    @pytest.mark.parametrize(
        ("price", "expected"),
        [("101.00", ""), ("99.00", ""), ("101.01", "PRICE_OFF_COLLAR"), ("98.99", "PRICE_OFF_COLLAR")],
    )
    def test_holds_large_stocks_to_the_narrow_one(self, price: str, expected: str) -> None:
        assert code(entry(limit_price=D(price)), 13) == expected

    @pytest.mark.parametrize(("price", "expected"), [("102.00", ""), ("102.01", "PRICE_OFF_COLLAR")])
    def test_allows_other_stocks_the_wide_one(self, price: str, expected: str) -> None:
        exposure = replace(ACCOUNT, instrument=facts(average_volume=D("1000000")))

        assert code(case(proposed=replace(case().proposed, limit_price=D(price)), exposure=exposure), 13) == expected

    def test_takes_the_narrow_one_when_the_volume_is_not_known(self) -> None:
        exposure = replace(ACCOUNT, instrument=facts(average_volume=None))

        assert code(case(proposed=replace(case().proposed, limit_price=D("101.50")), exposure=exposure), 13) != ""

    @pytest.mark.parametrize(
        ("before", "expected"),
        [(D("97.10"), ""), (D("97.08"), "PRICE_DRIFTED"), (None, "INPUT_MISSING"), (D("NaN"), "INPUT_MISSING")],
    )
    def test_denies_after_a_fast_move(self, before: Any, expected: str) -> None:
        assert code(account(mid_before=before), 13) == expected

    def test_measures_a_market_order_by_its_reference(self) -> None:
        market = {"order_type": "market", "limit_price": None}

        assert code(entry(**market, reference_price=D("101.01")), 13) == "PRICE_OFF_COLLAR"
        assert code(entry(**market, reference_price=None), 13) == "INPUT_MISSING"


class TestQuote:
    @pytest.mark.parametrize(
        ("quote", "expected"),
        [
            (None, "INPUT_MISSING"),
            (quoted("99.98", "100.02", age=5), ""),
            (quoted("99.98", "100.02", age=5.001), "QUOTE_STALE"),
            (quoted("99.98", "100.02", age=-1), ""),
            (quoted("99.98", "100.02", age=-1.5), "QUOTE_INVALID"),
            (quoted("100", "100"), ""),
            (quoted("100.01", "100"), "QUOTE_INVALID"),
            (quoted("0", "100"), "INPUT_MISSING"),
            (quoted("NaN", "100"), "INPUT_MISSING"),
            (quoted("100", "Infinity"), "INPUT_MISSING"),
            (quoted("99.75", "100.25"), ""),
            (quoted("99.74", "100.25"), "QUOTE_WIDE"),
            (quoted("99.98", "100.02", symbol="IBM"), "QUOTE_INVALID"),
        ],
    )
    def test_is_fresh_narrow_and_of_the_symbol(self, quote: Quote | None, expected: str) -> None:
        assert code(account(quote=quote), 15) == expected

    def test_ages_by_the_venues_clock(self) -> None:
        assert code(account(now=NOW + timedelta(hours=3), quote=quoted("99.98", "100.02")), 15) == ""


class TestAllowList:
    def test_denies_a_symbol_nobody_has_put_there(self) -> None:
        without = Limits({name: limit for name, limit in POLICY.by_name.items() if name != "allowed"})

        assert code(case(limits=without), 17) == "SYMBOL_NOT_ALLOWED"
        assert code(case(limits=with_limit("allowed", "0")), 17) == "SYMBOL_NOT_ALLOWED"
        assert code(case(), 17) == ""

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"tradable": False}, "SYMBOL_NOT_TRADABLE"),
            ({"tradable": None}, "INPUT_MISSING"),
            ({"leveraged": True}, "SYMBOL_LEVERAGED"),
            ({"leveraged": None}, "INPUT_MISSING"),
            ({"exchange": "OTC"}, "SYMBOL_OTC"),
            ({"exchange": ""}, "INPUT_MISSING"),
            ({"symbol": "IBM"}, "ORDER_MALFORMED"),
        ],
    )
    def test_denies_what_is_no_plain_listed_stock(self, changes: dict[str, Any], expected: str) -> None:
        assert code(account(instrument=facts(**changes)), 17) == expected


class TestRestricted:
    def test_denies_on_a_day_of_restriction(self) -> None:
        assert code(account(instrument=facts(restricted=True)), 18) == "SYMBOL_RESTRICTED"
        assert code(account(instrument=None), 18) == "INPUT_MISSING"
        assert code(case(), 18) == ""


class TestSession:
    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            (OPEN_AT + timedelta(minutes=5), ""),
            (OPEN_AT + timedelta(minutes=5, microseconds=-1), "SESSION_TOO_EARLY"),
            (CLOSE_AT - timedelta(minutes=10), ""),
            (CLOSE_AT - timedelta(minutes=10, microseconds=-1), "SESSION_TOO_LATE"),
        ],
    )
    def test_denies_near_the_open_and_the_close(self, now: datetime, expected: str) -> None:
        assert code(account(market_now=now), 19) == expected

    def test_denies_outside_and_where_it_is_not_known(self) -> None:
        window = ACCOUNT.session
        assert window is not None

        assert code(account(session=replace(window, is_open=False)), 19) == "SESSION_CLOSED"
        assert code(account(session=None), 19) == "INPUT_MISSING"
        assert code(account(session=replace(window, close_at=None)), 19) == "INPUT_MISSING"
        assert code(entry(extended_hours=True), 19) == "SESSION_EXTENDED"


class TestBlockedSymbol:
    @pytest.mark.parametrize(("symbol", "expected"), [("AAPL", "SYMBOL_BLOCKED"), ("*", "SYMBOL_BLOCKED"), ("IBM", "")])
    def test_denies_the_symbol_or_all(self, symbol: str, expected: str) -> None:
        assert code(account(blocked_symbols={symbol: "an unknown order"}), 43) == expected
