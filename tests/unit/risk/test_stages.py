"""The stages of the ramp: a stage only ever tightens, and a breach only ever lowers."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk import policy, pre_trade, stages
from risk.exposure import DenialCode
from risk.models import stage as rows
from risk.policy import BOUNDS
from risk.stages import CAPS, Stage
from risk.standing import LimitInForce, Limits, StageInForce
from tests.unit.risk.cases import ACCOUNT, ENTRY, POLICY, case

STAGES = st.sampled_from(list(Stage))
CONFIGURED = st.decimals(0, 10**6, places=4)


def limits(values: dict[str, Decimal]) -> Limits:
    return Limits({name: LimitInForce(name, value, 7, "account PA1") for name, value in values.items()})


def held(stage: str, version: int = 3) -> StageInForce:
    return StageInForce(stage, version)


class TestCapped:
    @given(st.dictionaries(st.sampled_from(list(BOUNDS)), CONFIGURED), STAGES)
    def test_is_the_strictest_of_configuration_and_stage(self, values: dict[str, Decimal], stage: Stage) -> None:
        found = stages.capped(limits(values), held(stage))

        assert found.keys() == values.keys()
        for name, limit in found.items():
            most = stages.cap(stage, name)
            assert limit.value == (values[name] if most is None else BOUNDS[name].strictest(values[name], most))

    @given(st.dictionaries(st.sampled_from(list(CAPS)), CONFIGURED), STAGES, STAGES)
    def test_never_allows_less_at_a_higher_stage(self, values: dict[str, Decimal], one: Stage, other: Stage) -> None:
        low, high = sorted((one, other))
        before, after = stages.capped(limits(values), held(low)), stages.capped(limits(values), held(high))

        assert all(before[name].value <= after[name].value for name in values)

    def test_names_the_move_that_judged(self) -> None:
        found = stages.capped(limits({"positions": Decimal(12)}), held("S2"))

        assert found["positions"] == LimitInForce("positions", Decimal(5), 3, "stage S2")
        assert found.versions == {"positions@stage S2": 3}

    def test_keeps_a_stricter_row_and_its_version(self) -> None:
        assert stages.capped(limits({"positions": Decimal(4)}), held("S2"))["positions"].version == 7

    def test_leaves_a_paper_account_alone(self) -> None:
        assert stages.capped(limits({"positions": Decimal(12)}), None)["positions"].value == 12

    def test_makes_no_limit_of_a_cap(self) -> None:
        assert "positions" not in stages.capped(limits({}), held("S1"))


class TestCaps:
    def test_lie_within_the_ceilings_and_name_limits(self) -> None:
        assert all(policy.within_ceiling(BOUNDS[n], stages.cap(s, n) or Decimal(0)) for n in CAPS for s in Stage)

    def test_allow_nothing_on_paper(self) -> None:
        assert {stages.cap(Stage.PAPER, name) for name in CAPS} == {Decimal(0)}

    def test_are_for_the_stages_the_database_knows(self) -> None:
        assert [each for each, _ in rows.STAGES] == list(Stage)

    def test_refuse_an_unknown_stage(self) -> None:
        with pytest.raises(ValueError, match="S9"):
            stages.cap("S9", "positions")


class TestAfter:
    @given(STAGES, st.sets(st.sampled_from(["LOSS_DAY_HALTED", "BREAK_AGED", "DRAWDOWN_HALTED"]), min_size=1))
    def test_a_breach_is_lower_or_paper(self, stage: Stage, breaches: set[str]) -> None:
        after = stages.after(stage, breaches)

        assert after < stage or stage is after is Stage.PAPER
        assert after == (Stage.PAPER if "DRAWDOWN_HALTED" in breaches else stages.below(stage))

    def test_nothing_is_the_same(self) -> None:
        assert stages.after("S3", ()) is Stage.THIRD


class TestAbove:
    def test_is_one_further_and_ends(self) -> None:
        assert [stages.above(each) for each in Stage] == ["S1", "S2", "S3", "S4", None]


class TestControlOne:
    @pytest.mark.parametrize(
        ("stage", "code"),
        [(None, DenialCode.STAGE_NOT_LIVE), ("S0", DenialCode.STAGE_NOT_LIVE), ("S1", None), ("S4", None)],
    )
    def test_lets_live_entries_through_from_the_first_stage_on(self, stage: str | None, code: str | None) -> None:
        live = Limits(POLICY, stage=held(stage) if stage else None)
        proposed = replace(ENTRY, mode="live")

        found = pre_trade.ask(pre_trade.CONTROLS[0], case(proposed=proposed, exposure=ACCOUNT, limits=live))

        assert (found.code if found else None) == code

    def test_never_holds_an_exit_back(self) -> None:
        leaving = replace(ENTRY, mode="live", purpose="stop", side="sell")

        assert pre_trade.ask(pre_trade.CONTROLS[0], case(proposed=leaving, limits=Limits(POLICY))) is None
