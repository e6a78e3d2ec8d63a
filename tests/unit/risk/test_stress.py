"""Controls 9 and 10, on both sides of each bound, and the sums they stand on."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.exposure import Holding, Working
from risk.pre_trade import stress, totals
from tests.unit.risk.cases import ACCOUNT, ENTRY, D, account, case, code, entry, held, refusal, with_limit, working


def stop(shares: str, price: str | None, symbol: str = "AAPL", **changes: Any) -> Working:
    """A protective stop the broker has."""
    resting = working(shares, symbol, side="sell", purpose="stop", order_type="stop")
    own: dict[str, Any] = {"intent_id": f"s-{symbol}", "stop_price": None if price is None else D(price)}
    return replace(resting, **{**own, **changes})


def risk_of(holdings: tuple[Holding, ...] = (), orders: tuple[Working, ...] = ()) -> Decimal:
    return totals.of(replace(ACCOUNT, holdings=holdings, working=orders)).open_risk


class TestOpenRisk:
    @pytest.mark.parametrize(("shares", "expected"), [("500", ""), ("501", "OPEN_RISK_EXCEEDED")])
    def test_denies_when_its_own_stop_could_lose_too_much(self, shares: str, expected: str) -> None:
        assert code(entry(quantity=D(shares)), 9) == expected  # 2 USD a share, 1 % of 100,000

    @pytest.mark.parametrize(("stop_at", "expected"), [("97.70", ""), ("97.69", "OPEN_RISK_EXCEEDED")])
    def test_adds_what_all_the_other_stops_could_lose(self, stop_at: str, expected: str) -> None:
        judged = account(holdings=(held("400", "IBM"),), working=(stop("400", stop_at, "IBM"),))

        assert code(judged, 9) == expected  # 80 of the entry and 920 of IBM

    def test_says_what_would_be_lost(self) -> None:
        denial = refusal(case(limits=with_limit("open_risk_fraction", "0.0005")), 9)

        assert denial is not None
        assert denial.sentence == (
            "If every stop were hit, the account would lose 0.08 % of equity; at most 0.05 % is allowed."
        )

    def test_takes_an_order_without_a_stop_whole(self) -> None:
        assert code(entry(stop_loss_price=None), 9) == "OPEN_RISK_EXCEEDED"

    def test_denies_while_a_holding_has_no_price(self) -> None:
        assert code(account(holdings=(held("1", price=None),)), 9) == "INPUT_MISSING"


class TestTotalsRisk:
    def test_takes_a_holding_without_a_stop_whole(self) -> None:
        assert risk_of((held("10"),)) == D("1000")

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            (stop("10", "98"), "20"),
            (stop("4", "98"), "608"),  # 4 down to the stop, 6 whole
            (stop("20", "98"), "20"),  # more guarded than held
            (stop("10", "101"), "0"),  # beyond the price: hit at once, at no loss
            (stop("10", None), "1000"),
            (stop("10", "98", status="submitted"), "1000"),
            (stop("10", "98", status="pending_cancel"), "1000"),
            (stop("10", "98", side="buy"), "1000"),
            (stop("10", "98", "IBM"), "1000"),
            (stop("10", "98", status="held"), "20"),
        ],
    )
    def test_counts_only_what_a_live_stop_guards(self, order: Working, expected: str) -> None:
        assert risk_of((held("10"),), (order,)) == D(expected)

    def test_does_not_trust_a_brackets_stop_before_its_entry_is_done(self) -> None:
        filling = working("30", stop_loss_price=D("98"), status="partially_filled")
        waiting = stop("40", "98", status="held", intent_id=filling.intent_id)

        assert risk_of((held("10"),), (filling, waiting)) == D("1000") + D("60")

    def test_counts_a_working_entry_down_to_its_stop(self) -> None:
        assert risk_of((), (working("10", stop_loss_price=D("97")),)) == D("30")
        assert risk_of((), (working("10"),)) == D("1000")

    def test_counts_a_short_up_to_its_stop(self) -> None:
        assert risk_of((held("-10"),), (stop("10", "103", side="buy"),)) == D("30")

    @given(st.integers(1, 200), st.lists(st.tuples(st.integers(1, 99), st.integers(1, 120)), max_size=4))
    def test_is_never_below_nothing_nor_above_the_whole(self, shares: int, stops: list[tuple[int, int]]) -> None:
        orders = tuple(stop(str(quantity), str(price)) for quantity, price in stops)

        assert 0 <= risk_of((held(str(shares)),), orders) <= shares * 100


class TestOvernightGap:
    @pytest.mark.parametrize(("others", "expected"), [("240", ""), ("241", "GAP_STRESS_EXCEEDED")])
    def test_denies_when_a_bad_night_could_cost_too_much(self, others: str, expected: str) -> None:
        # 20 % of 4,000 (800) and 5 % of the others, in positions of at most 4,000.
        rest = tuple(held(part, f"S{index}") for index, part in enumerate(["40"] * 5 + [str(int(others) - 200)]))

        assert code(account(holdings=rest), 10) == expected

    @pytest.mark.parametrize(("shares", "expected"), [("90", ""), ("91", "GAP_STRESS_EXCEEDED")])
    def test_takes_the_largest_wherever_it_is(self, shares: str, expected: str) -> None:
        assert code(account(holdings=(held(shares, "IBM"),)), 10) == expected  # and 5 % of the entry, 200

    def test_names_the_limit(self) -> None:
        denial = refusal(case(limits=with_limit("gap_fraction", "0.005")), 10)

        assert denial is not None
        assert (denial.limit_name, denial.limit, denial.limit_version) == ("gap_fraction", "0.005", 2)
        assert "20 % in the largest position and 5 % in the others would cost 0.8 %" in denial.sentence

    @given(st.lists(st.integers(1, 300), max_size=6), st.integers(1, 300))
    def test_costs_what_every_choice_of_the_largest_cannot_exceed(self, sizes: list[int], asked: int) -> None:
        holdings = tuple(held(str(size), f"S{index}", "1") for index, size in enumerate(sizes))
        sums = totals.of(replace(ACCOUNT, holdings=holdings))

        lost = stress.gap(sums, "AAPL", Decimal(asked))

        values = [*map(Decimal, sizes), Decimal(asked)]
        assert lost == max(stress.LARGEST_GAP * each + stress.OTHERS_GAP * (sum(values) - each) for each in values)

    def test_adds_the_order_to_what_is_held_of_its_symbol(self) -> None:
        sums = totals.of(replace(ACCOUNT, holdings=(held("10"), held("11", "IBM"))))

        assert stress.gap(sums, ENTRY.symbol, D("200")) == D("240") + D("55")
