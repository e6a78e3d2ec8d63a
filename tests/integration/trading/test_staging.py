"""A live account on the ramp: what it has to show, what puts it lower at once, and what that does to its orders."""

from datetime import date, datetime, timedelta
from itertools import count

import pytest
from django.db import transaction

from audit import trail
from risk import breaches, ramp
from risk.models import StageMove
from risk.post_trade.values import in_code
from risk.stages import Stage
from tests import voting
from tests.integration.trading.live_desk import NUMBER, LiveDesk, live_desk
from trading import duties, staging
from trading.models import Account, DailyReport, EnginePass, LiveArming

pytestmark = pytest.mark.django_db

_minutes = count(1)


def trade_days(desk: LiveDesk, days: int, equal: bool = True) -> datetime:
    """So many further sessions with a pass and a report each; returns a moment after the last."""
    last = EnginePass.objects.filter(account=desk.account).order_by("started_at").last()
    at = max(desk.robot.now, last.started_at) if last else desk.robot.now
    for day in range(1, days + 1):
        on, at = date(2027, 1, 1) + timedelta(days=next(_minutes)), at + timedelta(days=1)
        EnginePass.objects.create(account=desk.account, bar_at=at, session_date=on, outcome="done", started_at=at)
        DailyReport.objects.create(
            account=desk.account, session_date=on, figures={}, books_equal_broker=equal or day > 1, created_at=at
        )
    return at + timedelta(hours=1)


def broken(code: str, at: datetime) -> None:
    seen = breaches.Sighting(
        account=NUMBER, mode="live", code=code, control=30, limit=in_code("day_loss_fraction", 0), seen="0.01",
        sentence="The account has lost too much.", done="stopped", session_date=at.date(), broken=True,
    )  # fmt: skip
    breaches.open_sighting(seen, by="monitors", now=at)


class TestGoingLive:
    def test_is_what_lets_it_into_the_first_stage(self) -> None:
        with live_desk() as desk:
            asked = desk.approve(desk.ask())
            assert (asked.payload["stage"], ramp.held(NUMBER).name) == ("S1", "S0")

            desk.arm(asked)

            move = StageMove.objects.get()
            assert (move.to_stage, move.change) == ("S1", asked)


class TestRising:
    def test_takes_ten_sessions_two_people_and_a_new_go_live(self) -> None:
        with live_desk() as desk:
            desk.go_live()
            trade_days(desk, 9)
            with pytest.raises(ramp.StageRefused, match="9 of 10 so far"):
                staging.request(desk.account, reason="soon", by_user=desk.people.ann, now=desk.robot.now)
            now = trade_days(desk, 1)

            asked = staging.request(desk.account, reason="ten good days", by_user=desk.people.ann, now=now)
            voting.cast(asked.pk, by=desk.people.ben, now=now)
            moved = staging.carry_out(asked, by_user=desk.people.ann, now=now)

            assert (moved.to_stage, len(moved.evidence["sessions"].split(","))) == ("S2", 10)
            assert LiveArming.objects.get().revoked_because.startswith("it rose to stage S2")
            assert staging.ramped(desk.account).sessions == (), "the next stage counts anew"

    @pytest.mark.parametrize("fault", ["critical", "difference"])
    def test_begins_to_count_again_after_a_fault(self, fault: str) -> None:
        with live_desk() as desk:
            desk.go_live()
            now = trade_days(desk, 2, equal=fault != "difference")
            if fault == "critical":
                with transaction.atomic():
                    trail.record(
                        event="process.silent", sentence="the worker is gone", by="watchdog", now=now, account=NUMBER
                    )

            why = staging.why_not(desk.account)

            assert ("0 of 10" if fault == "critical" else "1 of 10") in why
            assert ("critical event" if fault == "critical" else "books differed") in why

    def test_does_not_count_what_a_person_did_as_a_fault(self) -> None:
        with live_desk() as desk:
            desk.go_live()
            now = trade_days(desk, 10)
            with transaction.atomic():
                trail.record(event="halt.engaged", sentence="halted to look", by="ann", now=now, account=NUMBER)

            assert staging.why_not(desk.account) == ""


class TestFalling:
    @pytest.mark.parametrize(("code", "to"), [("LOSS_DAY_HALTED", "S1"), ("DRAWDOWN_HALTED", "S0")])
    def test_follows_a_broken_limit_at_once_and_only_once(self, code: str, to: str) -> None:
        with live_desk() as desk:
            desk.go_live()
            now = trade_days(desk, 10)
            asked = staging.request(desk.account, reason="ten good days", by_user=desk.people.ann, now=now)
            voting.cast(asked.pk, by=desk.people.ben, now=now)
            staging.carry_out(asked, by_user=desk.people.ann, now=now)
            later = now + timedelta(seconds=1)
            broken(code, later)

            moved = staging.follow(desk.account, now=later)

            assert moved is not None
            assert (moved.from_stage, moved.to_stage, moved.by) == ("S2", to, "ramp")
            assert staging.follow(desk.account, now=later + timedelta(minutes=1)) is None

    def test_is_part_of_every_look_at_the_account(self) -> None:
        with live_desk() as desk:
            desk.go_live()
            broken("LOSS_WEEK_HALTED", desk.robot.now + timedelta(seconds=1))

            duties.watch(desk.account, now=desk.robot.now + timedelta(seconds=2))

            assert ramp.held(NUMBER).name == Stage.PAPER
            assert desk.reasons()

    def test_is_a_persons_word_too(self) -> None:
        with live_desk() as desk:
            desk.go_live()

            staging.lower(desk.account, Stage.PAPER, reason="look first", by_user=desk.people.ann, now=desk.robot.now)

            assert ramp.held(NUMBER).name == Stage.PAPER
            with pytest.raises(ramp.StageRefused, match="no lower"):
                staging.lower(desk.account, Stage.PAPER, reason="again", by_user=desk.people.ann, now=desk.robot.now)

    def test_is_nothing_for_a_paper_account(self) -> None:
        with live_desk() as desk:
            paper = Account(number="PA9", name="Paper", mode="paper")

            assert staging.follow(paper, now=desk.robot.now) is None
            with pytest.raises(ramp.StageRefused, match="paper account"):
                staging.request(paper, reason="up", by_user=desk.people.ann, now=desk.robot.now)
