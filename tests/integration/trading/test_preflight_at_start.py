"""At the real market a live account's entries need a preflight from fifteen minutes before the open on (control 47)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from trading import arming, sessions
from trading.choices import Mode
from trading.models import Account, PreflightRun

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def reasons(before_open: float, *, passed: bool = True, venue: str = "") -> list[str]:
    session = sessions.session_at(NOW)
    assert session is not None
    account = Account.objects.create(number="LV1", name="live", mode=Mode.LIVE, created_at=NOW)
    PreflightRun.objects.create(
        account=account, mode="live", passed=passed, items=[], build="test", by="beat", seconds=1,
        ran_at=session.open_at - timedelta(minutes=before_open),
    )  # fmt: skip
    with override_settings(VENUE_CONTROL_URL=venue):
        return arming._preflight_missing(account, NOW)


class TestPreflightAtTheStart:
    @pytest.mark.parametrize("before", [15, 0, -20])
    def test_counts_from_fifteen_minutes_before_the_open(self, before: float) -> None:
        assert reasons(before) == []

    def test_does_not_count_when_older(self) -> None:
        assert reasons(15.1) == ["no preflight ran within 15 minutes before the start of trading: run it"]

    def test_does_not_count_when_red(self) -> None:
        assert "is red" in reasons(5, passed=False)[0]

    def test_lasts_a_day_at_a_simulated_venue(self) -> None:
        assert reasons(300, venue="http://127.0.0.1:1") == []
