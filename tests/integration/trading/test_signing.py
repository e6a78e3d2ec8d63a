"""A day's report is signed by a person, once, over the figures that were shown; preflight asks for it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError, transaction

from audit.models import AuditEvent
from tests.integration.trading.test_closing import close, play_out
from tests.robot import Robot, robot, script
from trading import drill
from trading.models import DailyReport, ReportSignature
from trading.preflight import governance
from trading.preflight.items import Context, Item
from trading.reconciling import signing

pytestmark = pytest.mark.django_db


def rita(name: str = "rita") -> User:
    user = User.objects.create_user(name)
    user.user_permissions.add(Permission.objects.get(codename="add_reportsignature"))
    return user


def closed(desk: Robot) -> DailyReport:
    play_out(desk, 9)
    return close(desk)


def item(desk: Robot, later: timedelta) -> Item:
    at = desk.venue.venue.clock.now() + later
    return governance.last_session_signed(Context(desk.account, desk.gateway, desk.now, at))


class TestSign:
    def test_keeps_who_when_and_over_what(self) -> None:
        with robot(script(lambda s, m: "100", minutes=9)) as desk:
            report = closed(desk)

            made = signing.sign(report, shown=signing.digest(report), by=rita(), now=desk.now)

            assert (made.signed_by, made.signed_at, made.digest) == ("rita", desk.now, signing.digest(report))
            assert AuditEvent.objects.get(event="report.signed").data["digest"] == made.digest
            with pytest.raises(DatabaseError, match=r"permission denied|Cannot update"), transaction.atomic():
                ReportSignature.objects.update(signed_by="somebody")

    def test_is_refused_and_recorded(self) -> None:
        with robot(script(lambda s, m: "100", minutes=9)) as desk:
            report, user = closed(desk), rita()
            shown = signing.digest(report)

            with pytest.raises(signing.NotSigned, match="may not sign"):
                signing.sign(report, shown=shown, by=User.objects.create_user("olga"), now=desk.now)
            with pytest.raises(signing.NotSigned, match="not what was shown"):
                signing.sign(report, shown="0" * 64, by=user, now=desk.now)
            signing.sign(report, shown=shown, by=user, now=desk.now)
            with pytest.raises(signing.NotSigned, match="signed already"):
                signing.sign(report, shown=shown, by=rita("adam"), now=desk.now)

            assert AuditEvent.objects.filter(event="report.signing_refused").count() == 3
            assert ReportSignature.objects.get().signed_by == "rita"


class TestPreflightItem:
    def test_warns_of_a_paper_account_once_it_is_due(self) -> None:
        with robot(script(lambda s, m: "100", minutes=9)) as desk:
            report = closed(desk)

            assert item(desk, timedelta(0)).result == "pass"
            due = item(desk, timedelta(hours=1))
            signing.sign(report, shown=signing.digest(report), by=rita(), now=desk.now)

            assert (due.result, "was signed by nobody" in due.detail) == ("warning", True)
            assert item(desk, timedelta(hours=1)).result == "pass"

    def test_fails_a_live_account(self) -> None:
        with robot(script(lambda s, m: "100", minutes=9)) as desk:
            closed(desk)
            desk.account.mode = "live"

            assert item(desk, timedelta(hours=1)).result == "fail"

    def test_fails_for_a_session_that_was_never_reported(self) -> None:
        with robot(script(lambda s, m: "100", minutes=9)) as desk:
            play_out(desk, 9)

            assert "was never written" in item(desk, timedelta(hours=1)).detail

    def test_has_nothing_to_ask_before_the_first_session(self) -> None:
        with robot(script(lambda s, m: "100", minutes=9)) as desk:
            assert item(desk, timedelta(0)).detail == "no session was traded yet"


class TestStopExercisedLately:
    def test_warns_until_a_drill_passed(self) -> None:
        with robot(script(lambda s, m: "100", minutes=9)) as desk:
            desk.minute()
            context = Context(desk.account, desk.gateway, desk.now, desk.now)
            assert governance.stop_exercised_lately(context).result == "warning"
            drill.exercise(desk.account, desk.gateway, now=desk.now)

            assert governance.stop_exercised_lately(context).result == "pass"
            later = Context(desk.account, desk.gateway, desk.now + timedelta(days=8), desk.now)
            assert governance.stop_exercised_lately(later).result == "warning"
