"""Parameters: ranges hold, refusals say what to do, JSON loses nothing, and the hash pins the meaning."""

import hashlib
import json
from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.strategies import parameters, registry
from trading.strategies.consensus import ConsensusParameters
from trading.strategies.mean_reversion import ReversionParameters
from trading.strategies.parameters import Parameters, UnableToUseParameters
from trading.strategies.trend_following import TrendParameters

RULES = registry.HOUSE.names()


def parse(rule: str, raw: dict[str, Any]) -> Parameters:
    return registry.HOUSE.parse(rule, raw)[1]


class TestRanges:
    @pytest.mark.parametrize("rule", RULES)
    def test_hold_their_bounds_and_refuse_beyond_them(self, rule: str) -> None:
        for name, limits in parameters.ranges(registry.HOUSE.get(rule).parameters_type).items():
            step = 1 if isinstance(limits.low, int) else Decimal("0.000001")
            assert limits.refuse(name, limits.low) == ""
            assert limits.refuse(name, limits.high) == ""
            assert limits.refuse(name, limits.low - step).startswith(f"{name} is ")
            assert limits.refuse(name, limits.high + step).startswith(f"{name} is ")

    @pytest.mark.parametrize(
        ("raw", "sentence"),
        [
            ({"fast_period": 1}, "fast_period is 1; it must be a whole number from 2 to 100 (bars)."),
            ({"fast_period": "10"}, "fast_period is 10; it must be a whole number from 2 to 100 (bars)."),
            ({"fast_period": True}, "fast_period is True; it must be a whole number from 2 to 100 (bars)."),
            (
                {"stop_loss": "0.5"},
                "stop_loss is 0.5; it must be a decimal number from 0.005 to 0.03 (fraction below the entry price).",
            ),
            (
                {"stop_loss": "NaN"},
                "stop_loss is NaN; it must be a decimal number from 0.005 to 0.03 (fraction below the entry price).",
            ),
            (
                {"stop_loss": 0.02},
                "stop_loss is 0.02; it must be a decimal number from 0.005 to 0.03 (fraction below the entry price).",
            ),
            ({"slow_period": 10}, "fast_period is 10; it must be below slow_period, which is 10."),
            ({"fast_perod": 9}, "There is no parameter 'fast_perod'; did you mean fast_period?"),
        ],
    )
    def test_refuse_with_name_value_and_range(self, raw: dict[str, Any], sentence: str) -> None:
        with pytest.raises(UnableToUseParameters) as refused:
            parse("trend_following", raw)

        assert str(refused.value) == f"trend_following: {sentence}"

    def test_refuse_an_exit_where_the_entry_is(self) -> None:
        with pytest.raises(UnableToUseParameters, match="exit_score is -3; it must be above -2"):
            ReversionParameters(entry_score=Decimal(2), exit_score=Decimal(-3))


class TestParameters:
    def test_cannot_be_changed(self) -> None:
        with pytest.raises(FrozenInstanceError):
            TrendParameters().fast_period = 5  # type: ignore[misc]

    @pytest.mark.parametrize("rule", RULES)
    def test_survive_json(self, rule: str) -> None:
        before = parse(rule, {})

        after = parse(rule, json.loads(json.dumps(before.to_json())))

        assert after.to_json() == before.to_json()
        assert parameters.parameters_hash(rule, after) == parameters.parameters_hash(rule, before)

    @given(st.decimals("0.005", "0.03", places=9), st.integers(2, 29))
    def test_survive_json_to_the_last_digit(self, stop: Decimal, fast: int) -> None:
        before = TrendParameters(stop_loss=stop, fast_period=fast)

        assert parse("trend_following", json.loads(json.dumps(before.to_json()))) == before


class TestParametersHash:
    def test_is_sha_256_over_canonical_json(self) -> None:
        canonical = (
            b'{"parameters":{"adx_least":"30","adx_period":10,"exit_margin":"0.0005","fast_period":10,"fresh_bars":5,'
            b'"slow_period":30,"stop_loss":"0.02","take_profit":"0.03"},"rule":"trend_following"}'
        )

        assert parameters.parameters_hash("trend_following", TrendParameters()) == hashlib.sha256(canonical).hexdigest()

    def test_does_not_mind_how_a_number_was_written(self) -> None:
        written = TrendParameters(stop_loss=Decimal("0.0200"))

        assert parameters.parameters_hash("x", written) == parameters.parameters_hash("x", TrendParameters())

    def test_changes_with_any_parameter_and_with_the_rule(self) -> None:
        changed = TrendParameters(stop_loss=Decimal("0.021"))
        hashes = {
            parameters.parameters_hash("x", TrendParameters()),
            parameters.parameters_hash("y", TrendParameters()),
            parameters.parameters_hash("x", changed),
            parameters.parameters_hash("x", ConsensusParameters()),
        }

        assert len(hashes) == 4
