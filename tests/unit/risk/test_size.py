"""Controls 4 to 8, on both sides of each bound."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.risk.cases import (
    ACCOUNT,
    ENTRY,
    D,
    account,
    case,
    code,
    codes,
    entry,
    held,
    refusal,
    with_limit,
    working,
)

EQUITY = 100_000


class TestPosition:
    @pytest.mark.parametrize(("shares", "expected"), [("50", ""), ("51", "POSITION_FRACTION_EXCEEDED")])
    def test_denies_beyond_its_share_of_equity(self, shares: str, expected: str) -> None:
        assert code(entry(quantity=D(shares)), 4) == expected

    @pytest.mark.parametrize(("usd", "expected"), [("4000", ""), ("3999.99", "POSITION_USD_EXCEEDED")])
    def test_denies_beyond_its_dollars(self, usd: str, expected: str) -> None:
        assert code(case(limits=with_limit("position_usd", usd)), 4) == expected

    @pytest.mark.parametrize(("held_shares", "expected"), [("5", ""), ("6", "POSITION_FRACTION_EXCEEDED")])
    def test_counts_filled_and_working_together(self, held_shares: str, expected: str) -> None:
        exposure = replace(ACCOUNT, holdings=(held(held_shares),), working=(working("5"),))

        assert code(case(exposure=exposure), 4) == expected

    def test_does_not_let_working_exits_make_room(self) -> None:
        leaving = working("50", side="sell", purpose="exit")
        exposure = replace(ACCOUNT, holdings=(held("50"),), working=(leaving,))

        assert code(case(exposure=exposure), 4) == "POSITION_FRACTION_EXCEEDED"

    @pytest.mark.parametrize("equity", [None, D("0"), D("-1"), D("NaN"), D("Infinity")])
    def test_denies_without_equity(self, equity: object) -> None:
        assert code(account(equity=equity), 4) == "INPUT_MISSING"

    @pytest.mark.parametrize("price", [None, "NaN", "0"])
    def test_denies_while_a_holding_has_no_price(self, price: str | None) -> None:
        denial = refusal(account(holdings=(held("5", "IBM", price),)), 4)

        assert denial is not None
        assert denial.code == "INPUT_MISSING"
        assert "IBM" in denial.sentence

    def test_names_the_limit_and_its_version(self) -> None:
        denial = refusal(case(limits=with_limit("position_fraction", "0.01")), 4)

        assert denial is not None
        assert (denial.control, denial.limit_name, denial.limit, denial.limit_version) == (
            4,
            "position_fraction",
            "0.01",
            2,
        )
        assert denial.sentence == "AAPL would be worth 4 % of equity; at most 1 % is allowed."

    @given(st.integers(0, 80), st.integers(0, 80), st.integers(1, 80))
    def test_never_approves_more_than_its_share(self, filled: int, on_way: int, asked: int) -> None:
        exposure = replace(ACCOUNT, holdings=(held(str(filled)),), working=(working(str(on_way)),))

        approved = code(case(proposed=replace(ENTRY, quantity=D(str(asked))), exposure=exposure), 4) == ""

        assert approved == ((filled + on_way + asked) * 100 <= EQUITY * 0.05)


class TestOrder:
    @pytest.mark.parametrize(("shares", "expected"), [("50", ""), ("51", "ORDER_FRACTION_EXCEEDED")])
    def test_denies_beyond_its_share_of_equity(self, shares: str, expected: str) -> None:
        assert code(entry(quantity=D(shares)), 5) == expected

    @pytest.mark.parametrize(("usd", "expected"), [("4000", ""), ("3999.99", "ORDER_USD_EXCEEDED")])
    def test_denies_beyond_its_dollars(self, usd: str, expected: str) -> None:
        assert code(case(limits=with_limit("order_usd", usd)), 5) == expected

    def test_takes_a_market_order_at_the_dearest_price_known(self) -> None:
        market = entry(order_type="market", limit_price=None, quantity=D("50"))

        assert code(market, 5) == "ORDER_FRACTION_EXCEEDED"  # the ask is 100.02

    def test_denies_an_order_without_any_price(self) -> None:
        proposed = replace(ENTRY, order_type="market", limit_price=None, reference_price=None)

        assert code(case(proposed=proposed, exposure=replace(ACCOUNT, quote=None)), 5) == "INPUT_MISSING"


class TestGross:
    @pytest.mark.parametrize(("shares", "expected"), [("560", ""), ("561", "GROSS_FRACTION_EXCEEDED")])
    def test_adds_every_symbol(self, shares: str, expected: str) -> None:
        exposure = replace(ACCOUNT, holdings=(held(shares, "IBM", sector="Other"),))

        assert code(case(exposure=exposure), 6) == expected

    def test_adds_shorts_instead_of_netting_them(self) -> None:
        exposure = replace(ACCOUNT, holdings=(held("-561", "IBM", sector="Other"),))

        assert code(case(exposure=exposure), 6) == "GROSS_FRACTION_EXCEEDED"

    @pytest.mark.parametrize(("usd", "expected"), [("14000", ""), ("13999.99", "GROSS_USD_EXCEEDED")])
    def test_denies_beyond_its_dollars(self, usd: str, expected: str) -> None:
        exposure = replace(ACCOUNT, working=(working("100", "IBM"),))

        assert code(case(exposure=exposure, limits=with_limit("gross_usd", usd)), 6) == expected


class TestPositions:
    @pytest.mark.parametrize(("others", "expected"), [(11, ""), (12, "POSITIONS_EXCEEDED")])
    def test_counts_symbols_held_and_being_entered(self, others: int, expected: str) -> None:
        names = [f"S{number}" for number in range(others)]
        exposure = replace(
            ACCOUNT,
            holdings=tuple(held("1", name, sector=name) for name in names[:6]),
            working=tuple(working("1", name, sector=name) for name in names[6:]),
        )

        assert code(case(exposure=exposure), 7) == expected

    def test_does_not_count_the_same_symbol_twice(self) -> None:
        exposure = replace(ACCOUNT, holdings=(held("1"),), working=(working("1"),))

        assert code(case(exposure=exposure, limits=with_limit("positions", "1")), 7) == ""


class TestSector:
    @pytest.mark.parametrize(("shares", "expected"), [("110", ""), ("111", "SECTOR_EXCEEDED")])
    def test_adds_the_symbols_of_a_sector(self, shares: str, expected: str) -> None:
        exposure = replace(ACCOUNT, holdings=(held(shares, "IBM"),))

        assert code(case(exposure=exposure), 8) == expected

    def test_leaves_other_sectors_out(self) -> None:
        exposure = replace(ACCOUNT, holdings=(held("400", "XOM", sector="Energy"),))

        assert code(case(exposure=exposure), 8) == ""

    def test_counts_the_unclassified_as_one_sector(self) -> None:
        facts = ACCOUNT.instrument
        assert facts is not None
        exposure = replace(ACCOUNT, instrument=replace(facts, sector=""), holdings=(held("111", "XYZ", sector=""),))

        assert code(case(exposure=exposure), 8) == "SECTOR_EXCEEDED"


class TestExits:
    def test_are_not_held_back_by_any_bound_of_size(self) -> None:
        exposure = replace(
            ACCOUNT,
            holdings=(held("5000"), held("5000", "IBM", None)),
            equity=None,
            cash=None,
            quote=None,
            session=None,
            instrument=None,
            entries_today=99,
            last_equity=None,
            blocked_symbols={"*": "a break"},
            state_known_at=None,
        )
        leaving = replace(ENTRY, side="sell", purpose="exit", quantity=D("5000"), order_class="simple")

        assert codes(case(proposed=leaving, exposure=exposure)) == []
