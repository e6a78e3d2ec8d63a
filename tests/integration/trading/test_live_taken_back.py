"""What ends a live arming: a changed build, strategy or limit, a halt, a broken limit, time."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from audit.models import AuditEvent
from risk import limits
from risk.models import Breach
from tests.integration.trading.live_desk import NUMBER, LiveDesk, halt, live_desk
from tests.robot import WISHES
from trading import golive
from trading.models import LiveArming, Order, PreflightRun, Strategy

pytestmark = pytest.mark.django_db


def tighten(desk: LiveDesk) -> None:
    limits.tighten(
        name="positions",
        scope_kind="firm",
        scope_key="",
        value=Decimal(3),
        reason="calmer",
        by="ann",
        now=desk.robot.now,
    )


def change_strategy(desk: LiveDesk) -> None:
    Strategy.objects.update(risk_fraction=Decimal("0.0005"))


def break_limit(desk: LiveDesk) -> None:
    Breach.objects.create(
        account=NUMBER, mode="live", code="DAY_LOSS", control=30, stage=Breach.Stage.BROKEN, seen="-1.2 %",
        limit_name="day_loss", limit_value="0.01", sentence="too much lost", done="denied",
        session_date=desk.robot.now.date(), opened_at=desk.robot.now,
    )  # fmt: skip


def break_and_close(desk: LiveDesk) -> None:
    break_limit(desk)
    Breach.objects.update(closed_at=desk.robot.now, closed_by="ann", closing_reason="seen")


def expire(desk: LiveDesk) -> None:
    desk.robot.now += golive.ARMED_FOR


def restart_on_another_build(desk: LiveDesk) -> None:
    django_settings.BUILD_ID = "other"


class TestTakeBack:
    @pytest.mark.parametrize(
        ("happens", "because"),
        [
            (halt, "a halt is engaged: H1 on firm"),
            (tighten, "the build, a strategy or a limit changed"),
            (change_strategy, "the build, a strategy or a limit changed"),
            (restart_on_another_build, "the build, a strategy or a limit changed"),
            (break_limit, "a limit was broken: DAY_LOSS"),
            (break_and_close, "a limit was broken: DAY_LOSS"),
            (expire, "the go-live approval expired"),
        ],
        ids=lambda value: getattr(value, "__name__", None),
    )
    def test_ends_the_arming_for_good(self, happens: object, because: str) -> None:
        with live_desk() as desk, override_settings(BUILD_ID="test"):
            desk.go_live()
            assert desk.take_back() == []

            happens(desk)  # type: ignore[operator]

            assert because in "; ".join(desk.reasons())
            assert because in "; ".join(desk.take_back())
            gone = LiveArming.objects.get()
            assert gone.revoked_at == desk.robot.now
            assert because in gone.revoked_because
            assert AuditEvent.objects.filter(event="golive.revoked").count() == 1
            assert desk.take_back() == []

    def test_leaves_it_when_a_later_preflight_is_red_but_nothing_is_sent(self) -> None:
        with live_desk(minutes=3) as desk:
            desk.go_live()
            PreflightRun.objects.create(
                account=desk.account, mode="live", passed=False, items=[], build="test", by="beat",
                ran_at=desk.robot.now + timedelta(seconds=1), seconds=Decimal(1),
            )  # fmt: skip

            assert desk.take_back() == []
            assert "is red: run it again" in "; ".join(desk.reasons())
            WISHES.by_minute["AAPL", 6] = "long"
            desk.robot.minutes(4)
            assert not Order.objects.exists()
