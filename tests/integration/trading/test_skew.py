"""Clocks that differ: told from half a second on, a halt from the limit on."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from risk.standing import LimitInForce, Limits
from tests import orderpath
from tests.integration.trading.test_symptoms import POLICY, clock, sentences
from tests.orderpath import MARKET
from trading.watching import symptoms

pytestmark = pytest.mark.django_db

NOW = orderpath.WALL


class TestSkew:
    def test_of_the_brokers_clock_is_told_in_seconds(self) -> None:
        assert sentences(symptoms.skew_of_broker(POLICY, clock(NOW), now=NOW + timedelta(seconds=2.1))) == [
            "this machine's clock is 2.1 s off the broker's; entries stop at 2 seconds (version 1)"
        ]

    @pytest.mark.parametrize(
        ("seconds", "most", "halts"),
        [(0.5, 2, []), (0.51, 2, [False]), (2, 2, [False]), (2.01, 2, [True]), (0.4, "0.3", [True])],
    )
    def test_is_told_before_it_halts(self, seconds: float, most: Any, halts: list[bool]) -> None:
        limits = Limits({"skew_seconds": LimitInForce("skew_seconds", Decimal(most), 2, "firm")})

        found = symptoms.skew_of_broker(limits, clock(NOW), now=NOW + timedelta(seconds=seconds))

        assert [finding.halts for finding in found] == halts

    def test_of_a_simulated_venue_is_none(self, settings: Any) -> None:
        settings.VENUE_CONTROL_URL = "http://127.0.0.1:9"

        assert sentences(symptoms.skew_of_broker(POLICY, clock(MARKET), now=NOW)) == []

    def test_of_the_databases_clock_is_found(self) -> None:
        assert "off the database's" in sentences(symptoms.skew_of_database(POLICY, now=NOW))[0]
