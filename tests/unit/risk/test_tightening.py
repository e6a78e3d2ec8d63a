"""Tightening is free, loosening is not: a change tightens only where every field does, and unknown ones never."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk import policy, tightening
from risk.tightening import PERSON, STRATEGY

people = st.fixed_dictionaries({"active": st.booleans(), "approves": st.booleans()})
strategies = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(["trend_following", "mean_reversion"]),
        "parameters": st.dictionaries(st.sampled_from(["fast", "slow"]), st.integers(1, 3), max_size=2),
        "symbols": st.lists(st.sampled_from(["AAPL", "IBM", "FB"]), unique=True),
        "risk_fraction": st.decimals("0.00001", "0.02", places=5).map(str),
        "active": st.booleans(),
    }
)
Document = dict[str, Any]
documents = st.one_of(st.tuples(st.just(PERSON), people, people), st.tuples(st.just(STRATEGY), strategies, strategies))


def allows(what: str, state: Document) -> set[Any]:
    """What a state lets happen; tightening must never let anything new happen."""
    if not state["active"]:
        return set()
    if what == PERSON:
        return {"asks", "votes"} if state["approves"] else {"asks"}
    signals = (state["rule"], *sorted(state["parameters"].items()))
    return {(signals, symbol) for symbol in state["symbols"]}


class TestIsTightening:
    @given(documents)
    def test_lets_nothing_happen_that_could_not_before(self, change: tuple[str, Document, Document]) -> None:
        what, old, new = change

        if tightening.is_tightening(what, old, new):
            assert allows(what, new) <= allows(what, old)
            if what == STRATEGY and new["active"]:
                assert Decimal(new["risk_fraction"]) <= Decimal(old["risk_fraction"])

    @given(strategies, strategies)
    def test_never_goes_both_ways_between_two_that_act(self, first: Document, second: Document) -> None:
        for state in (first, second):
            state |= {"active": True, "symbols": sorted(state["symbols"])}

        both = all(tightening.is_tightening(STRATEGY, old, new) for old, new in ((first, second), (second, first)))

        assert both == (first == second)

    @given(strategies, st.sampled_from(["venue", "leverage", "kind"]), st.integers())
    def test_takes_an_unknown_field_for_loosening(self, old: dict[str, Any], name: str, value: int) -> None:
        acting = {**old, "active": True}

        assert not tightening.is_tightening(STRATEGY, acting, {**acting, name: value})
        assert not tightening.is_tightening(STRATEGY, {**acting, name: value}, acting)

    @given(strategies)
    def test_takes_a_mixed_change_for_loosening(self, old: dict[str, Any]) -> None:
        acting = {**old, "active": True, "symbols": ["IBM"], "risk_fraction": "0.002"}

        assert tightening.is_tightening(STRATEGY, acting, {**acting, "risk_fraction": "0.001"})
        assert not tightening.is_tightening(STRATEGY, acting, {**acting, "risk_fraction": "0.001", "symbols": ["FB"]})

    @pytest.mark.parametrize("risk", ["NaN", "-1", "Infinity", "much", None])
    def test_takes_a_figure_it_cannot_read_for_loosening(self, risk: Any) -> None:
        old = {"active": True, "risk_fraction": "0.01"}

        assert not tightening.is_tightening(STRATEGY, old, {"active": True, "risk_fraction": risk})

    def test_knows_nothing_of_other_things(self) -> None:
        assert not tightening.is_tightening("venue", {"active": True}, {"active": False})

    @given(st.sampled_from(sorted(policy.BOUNDS)), st.decimals(0, 100, places=4), st.decimals(0, 100, places=4))
    def test_of_a_limit_never_goes_both_ways(self, name: str, old: Decimal, new: Decimal) -> None:
        both = policy.is_tightening(name, old, new) and policy.is_tightening(name, new, old)

        assert both == (old == new)


class TestChanged:
    def test_names_what_differs(self) -> None:
        assert tightening.changed({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ["b", "c"]
