"""A live-kind account at the venue with three people around it, for the tests of going live and of what ends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.test import override_settings

from audit.models import AuditEvent
from risk import attesting, halts
from risk.attesting import Kind
from risk.models import ChangeRequest
from tests import desk_people, voting
from tests.robot import Robot, robot, script
from trading import golive
from trading.models import Account, LiveArming
from trading.watching import heartbeats

NUMBER = "PA0000001"


@dataclass(slots=True)
class LiveDesk:
    robot: Robot
    people: desk_people.People

    @property
    def account(self) -> Account:
        return Account.objects.get(number=NUMBER)

    def ask(self, typed: str = NUMBER) -> ChangeRequest:
        return golive.request(
            account=self.account,
            reason="paper was good",
            by_user=self.people.ann,
            typed_number=typed,
            now=self.robot.now,
        )

    def approve(self, asked: ChangeRequest) -> ChangeRequest:
        return voting.cast(asked.pk, by=self.people.ben, now=self.robot.now)

    def arm(self, asked: ChangeRequest, typed: str = NUMBER) -> LiveArming:
        return golive.arm(
            request_id=asked.pk,
            account=self.account,
            by_user=self.people.ann,
            typed_number=typed,
            now=self.robot.now,
        )

    def go_live(self) -> LiveArming:
        return self.arm(self.approve(self.ask()))

    def reasons(self) -> list[str]:
        return golive.reasons_not_live(self.account, self.robot.now)

    def take_back(self) -> list[str]:
        return golive.take_back(self.account, now=self.robot.now)

    def everything_kept(self) -> None:
        """The year's assessment and stress run are on the record."""
        for kind in (Kind.ASSESSMENT, Kind.STRESS):
            attesting.record(
                kind, subject="all", sentence="done", by="rita", now=self.robot.now, evidence={"carried": 1000}
            )

    def everybody_at_work(self) -> None:
        for process in ("worker", "beat", "stream"):
            heartbeats.beat(process, now=self.robot.now, worked=True)


@contextmanager
def live_desk(minutes: int = 1) -> Iterator[LiveDesk]:
    """A live-kind account at the venue, so many minutes into a session, and everybody at work."""
    switches = override_settings(TRADING_MODE="live", LIVE_TRADING_ENABLED=True, DEBUG=False)
    with switches, robot(script(lambda symbol, minute: "100", minutes=40), kind="live") as market:
        market.minutes(minutes)
        desk = LiveDesk(market, desk_people.three(market.now))
        desk.everybody_at_work()
        desk.everything_kept()
        yield desk


def refused() -> list[str]:
    return list(AuditEvent.objects.filter(event__endswith=".refused").values_list("sentence", flat=True))


def halt(desk: LiveDesk) -> None:
    """Engage H1 for the firm."""
    halts.engage(level="H1", scope_kind="firm", scope_key="", reason="look first", by="olga", now=desk.robot.now)
