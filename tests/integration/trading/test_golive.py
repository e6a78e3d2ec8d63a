"""Going live at a live-kind account of the venue: two people, a green preflight, and no other way."""

from datetime import timedelta

import pytest
from django.test import override_settings

from audit.models import AuditEvent
from risk import signoff
from risk.models import ChangeRequest
from tests import desk_people, voting
from tests.integration.trading.live_desk import NUMBER, halt, live_desk, refused
from tests.robot import WISHES, robot
from trading import arming, golive
from trading.broker import factory
from trading.models import Account, LiveArming, OrderIntent, PreflightRun, Strategy

pytestmark = pytest.mark.django_db


class TestLiveAccount:
    def test_sends_orders_only_after_two_people_have_armed_it(self) -> None:
        with live_desk(minutes=3) as desk:
            WISHES.by_minute["AAPL", 6] = WISHES.by_minute["MSFT", 8] = "long"
            desk.robot.minutes(4)
            denied = OrderIntent.objects.get()
            assert denied.denial_code == "STAGE_NOT_LIVE"
            assert "stands on paper (S0)" in denied.denial_sentence
            assert any("no approved go-live is in force" in reason for reason in desk.reasons())
            assert desk.robot.gateway.positions() == ()

            desk.everybody_at_work()
            armed = desk.go_live()
            desk.robot.minutes(3)

            assert desk.reasons() == []
            assert [held.symbol for held in desk.robot.gateway.positions()] == ["MSFT"]
            assert (armed.armed_by, armed.preflight.passed) == ("ann", True)
            assert AuditEvent.objects.filter(event="golive.armed", mode="live").count() == 1

    def test_begins_its_passes_when_it_is_armed(self) -> None:
        with live_desk() as desk:
            Account.objects.filter(number=NUMBER).update(active=False)

            desk.go_live()

            assert desk.account.active
            latest = desk.account.history.latest()
            assert (latest.history_user, latest.history_change_reason) == (desk.people.ann, "armed for live trading")

    def test_may_leave_a_position_after_the_approval_was_taken_back(self) -> None:
        with live_desk(minutes=3) as desk:
            WISHES.by_minute["AAPL", 6], WISHES.by_minute["AAPL", 9] = "long", "flat"
            desk.go_live()
            desk.robot.minutes(5)
            assert desk.robot.gateway.positions()
            LiveArming.objects.update(revoked_at=desk.robot.now, revoked_because="a test")

            desk.robot.minutes(4)

            assert desk.robot.gateway.positions() == ()


class TestRequest:
    def test_names_the_preflight_and_all_it_covers(self) -> None:
        with live_desk() as desk:
            asked = desk.ask()

            run = PreflightRun.objects.get(pk=asked.payload["preflight"])
            assert (run.passed, run.by, run.mode) == (True, "ann", "live")
            covers = asked.payload["covers"]
            assert (covers["account"], covers["build"]) == (NUMBER, "test")
            assert [strategy["name"] for strategy in covers["strategies"]] == ["scripted"]
            assert len(covers["limits"]) > 20
            assert asked.base_version == arming.fingerprint(desk.account)

    def test_is_refused_where_the_number_is_not_typed_as_it_is(self) -> None:
        with live_desk() as desk:
            with pytest.raises(golive.Refused, match="was not typed as it is"):
                desk.ask(typed="PA1")

            assert not ChangeRequest.objects.exists()
            assert refused() == ["The account number was not typed as it is; type it to confirm."]

    @pytest.mark.parametrize(
        ("switch", "missing"),
        [
            ({"TRADING_MODE": "paper"}, "TRADING_MODE is not live"),
            ({"LIVE_TRADING_ENABLED": False}, "LIVE_TRADING_ENABLED"),
        ],
    )
    def test_is_refused_while_a_switch_is_off(self, switch: dict[str, object], missing: str) -> None:
        with live_desk() as desk, override_settings(**switch):
            with pytest.raises(golive.Refused, match=missing):
                desk.ask()

            assert len(refused()) == 1

    def test_is_refused_on_a_red_preflight_that_stays_on_the_record(self) -> None:
        with live_desk() as desk:
            desk.robot.now += timedelta(hours=1)

            with pytest.raises(golive.Refused, match="is red: workers alive"):
                desk.ask()

            assert PreflightRun.objects.get().passed is False
            assert not ChangeRequest.objects.exists()
            assert len(refused()) == 1

    def test_is_refused_under_a_halt(self) -> None:
        with live_desk() as desk:
            halt(desk)

            with pytest.raises(golive.Refused, match=r"A halt is engaged: H1 on firm\. Have it released"):
                desk.ask()

    def test_is_refused_without_keys(self) -> None:
        with live_desk() as desk:
            factory.forget()
            with override_settings(BROKER_ACCOUNTS={}), pytest.raises(golive.Refused, match="no keys are configured"):
                desk.ask()

            assert len(refused()) == 1

    def test_is_refused_for_a_paper_account(self) -> None:
        with robot() as market:
            ann = desk_people.three(market.now).ann

            with pytest.raises(golive.Refused, match="is a paper account"):
                golive.request(
                    account=market.account, reason="why not", by_user=ann, typed_number=NUMBER, now=market.now
                )


class TestArm:
    def test_is_refused_before_another_person_has_approved(self) -> None:
        with live_desk() as desk:
            asked = desk.ask()

            with pytest.raises(signoff.NotAllowed, match="another person decides"):
                voting.cast(asked.pk, by=desk.people.ann, now=desk.robot.now)
            with pytest.raises(signoff.NotAllowed, match="not approved"):
                desk.arm(asked)

            assert not LiveArming.objects.exists()
            assert len(refused()) == 2

    def test_is_refused_when_what_it_covers_has_changed(self) -> None:
        with live_desk() as desk:
            asked = desk.approve(desk.ask())
            Strategy.objects.update(version=2)

            with pytest.raises(signoff.NotAllowed, match="has moved on"):
                desk.arm(asked)

            assert not LiveArming.objects.exists()
            assert ChangeRequest.objects.get().status == "APPROVED"

    def test_is_refused_when_the_approval_has_expired(self) -> None:
        with live_desk() as desk:
            asked = desk.approve(desk.ask())
            desk.robot.now += timedelta(hours=26)
            desk.everybody_at_work()

            with pytest.raises(signoff.NotAllowed, match="expired unused"):
                desk.arm(asked)

    def test_is_refused_for_a_second_time(self) -> None:
        with live_desk() as desk:
            asked = desk.approve(desk.ask())
            desk.arm(asked)

            with pytest.raises(signoff.NotAllowed, match="not approved: it executed"):
                desk.arm(asked)

            assert LiveArming.objects.count() == 1

    def test_wants_the_number_again(self) -> None:
        with live_desk() as desk:
            asked = desk.approve(desk.ask())

            with pytest.raises(golive.Refused, match="was not typed"):
                desk.arm(asked, typed="yes")

            assert not LiveArming.objects.exists()

    def test_replaces_an_older_arming(self) -> None:
        with live_desk() as desk:
            first = desk.go_live()

            second = desk.go_live()

            first.refresh_from_db()
            assert first.revoked_because == "replaced by a newer arming"
            assert arming.in_force(desk.account) == second
