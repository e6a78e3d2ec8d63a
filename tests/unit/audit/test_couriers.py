from typing import Any

import pytest
from pytest_django import Settings

from audit import couriers
from audit.severity import Severity
from config.env.secret import Secret


class TestConfigured:
    @pytest.mark.parametrize(
        ("addresses", "labels"),
        [
            (None, ["console"]),
            (Secret(""), ["console"]),
            ("console://", ["console"]),
            (Secret("mailto://bob:pw@mail.test, slack://TokenA/TokenB/TokenC"), ["mailto at mail.test", "slack"]),
            (
                ["mailto://mail.test?to=a@b.test,c@d.test", Secret("mailtos://mail.test")],
                ["mailto at mail.test", "mailtos at mail.test"],
            ),
            (["slack://A/B/C", "slack://D/E/F"], ["slack", "slack (2)"]),
        ],
    )
    def test_names_every_channel_without_its_secrets(
        self, settings: Settings, addresses: Any, labels: list[str]
    ) -> None:
        settings.ALERT_URLS = addresses

        found = couriers.configured()

        assert [courier.label for courier in found] == labels
        assert not any(secret in repr(found) for secret in ("pw", "TokenA", "bob"))


class TestCarry:
    def test_says_that_an_address_is_not_understood(self) -> None:
        courier = couriers.AppriseCourier("odd", "no-such-kind://somewhere")

        outcome = courier.carry(couriers.Message("t", "b", Severity.INFO))

        assert not outcome.delivered
        assert "ALERT_URLS" in outcome.said
