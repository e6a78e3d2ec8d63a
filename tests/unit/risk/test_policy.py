"""What tightens and what loosens, for every limit of the policy."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk import policy

ZERO = Decimal(0)

names = st.sampled_from(sorted(policy.BOUNDS))
values = st.decimals(min_value=0, max_value=10**6, places=4, allow_nan=False, allow_infinity=False)


class TestPolicy:
    @pytest.mark.parametrize("bound", policy.BOUNDS.values(), ids=lambda bound: bound.name)
    def test_ships_defaults_within_its_own_ceilings(self, bound: policy.Bound) -> None:
        assert policy.within_ceiling(bound, bound.default)

    def test_caps_a_position_at_five_percent_and_gross_at_all_of_equity(self) -> None:
        assert policy.BOUNDS["position_fraction"].ceiling == Decimal("0.05")
        assert policy.BOUNDS["gross_fraction"].ceiling == Decimal(1)
        assert policy.BOUNDS["long_only"].ceiling == 1
        assert not policy.within_ceiling(policy.BOUNDS["long_only"], ZERO)


class TestIsTightening:
    @given(names, values, values)
    def test_is_never_both_ways_between_two_values(self, name: str, old: Decimal, new: Decimal) -> None:
        there, back = policy.is_tightening(name, old, new), policy.is_tightening(name, new, old)

        assert there is not back or old == new

    @given(names, values, values, values)
    def test_holds_over_a_chain_of_steps(self, name: str, first: Decimal, second: Decimal, third: Decimal) -> None:
        steps = policy.is_tightening(name, first, second) and policy.is_tightening(name, second, third)

        assert not steps or policy.is_tightening(name, first, third)

    @given(names, values, values)
    def test_never_takes_a_value_beyond_a_ceiling_it_was_within(self, name: str, old: Decimal, new: Decimal) -> None:
        bound = policy.BOUNDS[name]

        if policy.within_ceiling(bound, old) and policy.is_tightening(name, old, new):
            assert policy.within_ceiling(bound, new)

    @given(names, values, values)
    def test_agrees_with_the_strictest_of_two(self, name: str, old: Decimal, new: Decimal) -> None:
        assert policy.is_tightening(name, old, new) == (policy.BOUNDS[name].strictest(old, new) == new)

    @given(st.text().filter(lambda name: name not in policy.BOUNDS), values, values)
    def test_is_no_for_every_unknown_name(self, name: str, old: Decimal, new: Decimal) -> None:
        assert not policy.is_tightening(name, old, new)
        assert not policy.is_tightening(name, None, new)

    def test_knows_what_no_row_allows(self) -> None:
        assert not policy.is_tightening("position_fraction", None, Decimal("0.01"), firm=True)
        assert policy.is_tightening("position_fraction", None, Decimal("0.01"))
        assert not policy.is_tightening("allowed", None, Decimal(1))
        assert policy.is_tightening("allowed", Decimal(1), ZERO)
        assert not policy.is_tightening("allowed", ZERO, Decimal(1))
