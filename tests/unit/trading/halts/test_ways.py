"""How entries are canceled: chosen by what rests beside them and by the requests that are left."""

import pytest

from trading.halting.sweeping import READS, Way, way


class TestWay:
    @pytest.mark.parametrize(
        ("entries", "keeps", "alone", "budget", "chosen"),
        [
            (500, False, True, 10, Way.CANCEL_ALL),
            (0, False, True, None, Way.CANCEL_ALL),
            (500, True, True, None, Way.ONE_BY_ONE),
            (90, True, True, 90 + READS, Way.ONE_BY_ONE),
            (91, True, True, 90 + READS, Way.REARM),
            (1, True, True, 0, Way.REARM),
            (500, False, False, 0, Way.ONE_BY_ONE),
            (500, True, False, 0, Way.ONE_BY_ONE),
        ],
    )
    def test_follows_what_rests_and_what_is_left(
        self, entries: int, keeps: bool, alone: bool, budget: int | None, chosen: Way
    ) -> None:
        assert way(entries=entries, keeps=keeps, alone=alone, budget=budget) == chosen
