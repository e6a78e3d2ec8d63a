"""Controls 51 and 52: what is due when, on both sides, for live and for paper; what is not known does not pass."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from risk.at_trade.values import Action
from risk.post_trade import upkeep
from risk.post_trade.upkeep import Kept, Secret
from risk.post_trade.values import FindingCode
from risk.standing import Limits, Unjudgeable

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
NONE = Limits()
SECOND = timedelta(seconds=1)


def kept(**changes: object) -> Kept:
    known = Kept("live", NOW, NOW, NOW, 40, 20, (Secret("ALPACA_SECRET_KEY", NOW),), NOW)
    return replace(known, **changes)  # type: ignore[arg-type]


DUE = [
    (upkeep.assessment, "assessed_at", timedelta(days=365), FindingCode.ASSESSMENT_OLD),
    (upkeep.stress, "stressed_at", timedelta(days=365), FindingCode.STRESS_OLD),
    (upkeep.restore, "restored_at", timedelta(days=30), FindingCode.RESTORE_OLD),
]


class TestWhatIsDue:
    @pytest.mark.parametrize(("judge", "field", "lasts", "code"), DUE)
    def test_is_told_from_its_last_second_on(self, judge: object, field: str, lasts: timedelta, code: str) -> None:
        def ask(at: datetime | None) -> list[str]:
            return [each.code for each in judge(kept(**{field: at}), NONE)]  # type: ignore[operator]

        assert ask(NOW - lasts) == []
        assert ask(NOW - lasts - SECOND) == [code]
        assert ask(None) == [code]
        assert ask(NOW + SECOND) == [code], "what is yet to come was not done"

    @pytest.mark.parametrize(("mode", "action"), [("live", Action.H1), ("paper", Action.WARN)])
    def test_stops_live_and_warns_paper(self, mode: str, action: Action) -> None:
        nothing = kept(mode=mode, assessed_at=None, stressed_at=None, restored_at=None, secrets=(Secret("A", None),))
        judges = (upkeep.assessment, upkeep.stress, upkeep.secrets, upkeep.restore)

        assert {each.action for judge in judges for each in judge(nothing, NONE)} == {action}


class TestStress:
    @pytest.mark.parametrize(
        ("carried", "peak", "short"), [(40, 20, False), (39, 20, True), (None, 1, True), (0, 0, False)]
    )
    def test_carries_twice_the_highest_load(self, carried: int | None, peak: int, short: bool) -> None:
        found = upkeep.stress(kept(stress_carried=carried, peak=peak), NONE)

        assert [each.code for each in found] == [FindingCode.STRESS_SHORT] * short

    def test_is_not_judged_without_the_highest_load(self) -> None:
        with pytest.raises(Unjudgeable, match="highest count"):
            upkeep.stress(kept(peak=None), NONE)


class TestSecrets:
    def test_each_old_one_is_named(self) -> None:
        young, old = Secret("YOUNG", NOW - timedelta(days=90)), Secret("OLD", NOW - timedelta(days=90) - SECOND)

        (found,) = upkeep.secrets(kept(secrets=(young, old)), NONE)

        assert found.sentence.startswith("OLD has been the same since 2025-12-04")

    @pytest.mark.parametrize("unknown", [None, ()])
    def test_are_not_judged_where_nobody_knows_them(self, unknown: object) -> None:
        with pytest.raises(Unjudgeable, match="which secrets"):
            upkeep.secrets(kept(secrets=unknown), NONE)
