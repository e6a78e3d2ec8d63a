"""The end of a session: compared, reported once, in figures that the books and the broker share."""

from decimal import Decimal

import pytest

from audit.models import AuditEvent, StateSnapshot
from tests.integration.trading.hands import move_cash
from tests.robot import WISHES, Robot, robot, script
from tests.venue import DAYS
from trading.models import AccountState, DailyReport, EquityMark, Position, ReconciliationRun
from trading.reconciling import closing, reconciliation

pytestmark = pytest.mark.django_db

DAY = DAYS[0].date


def rising(symbol: str, minute: int) -> str:
    return "100" if minute < 9 else "101"


def play_out(desk: Robot, minutes: int) -> None:
    desk.minutes(minutes)
    while desk.gateway.clock().is_open:
        desk.venue.step_once()


def close(desk: Robot) -> DailyReport:
    at = desk.venue.venue.clock.now()
    return closing.close_day(desk.account, desk.gateway, session_date=DAY, now=desk.now, market_now=at)


class TestCloseDay:
    def test_reports_what_was_traded(self) -> None:
        with robot(script(rising, minutes=14)) as desk:
            WISHES.by_minute["AAPL", 6], WISHES.by_minute["AAPL", 11] = "long", "flat"
            WISHES.by_minute["MSFT", 2] = "long"
            play_out(desk, 14)

            report = close(desk)

            figures, account = report.figures, desk.gateway.account()
            assert report.books_equal_broker
            assert (figures["passes"], figures["signals"], figures["intents"]) == (14, 3, 3)
            assert sum(figures["denied"].values()) == 1
            assert (figures["fills"], figures["closed_trades"]) == (2, {"won": 1, "all": 1})
            assert Decimal(figures["realised_pnl"]) > 0
            assert (figures["day_pnl"], figures["unrealised_pnl"]) == (figures["realised_pnl"], "0.00")
            assert (figures["equity"], figures["cash"]) == (f"{account.equity:.2f}", f"{account.cash:.2f}")
            assert figures["positions"] == 0
            event = AuditEvent.objects.get(event="day.closed")
            assert (event.subject, event.severity) == ("2026-01-05", "info")

    def test_keeps_a_snapshot_of_the_state_once(self) -> None:
        with robot(script(lambda s, m: "100", minutes=9)) as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            play_out(desk, 9)

            close(desk)
            close(desk)

            kept = StateSnapshot.objects.get()
            held = Position.objects.get()
            assert [row["instrument__symbol"] for row in kept.positions] == ["AAPL"]
            assert Decimal(kept.positions[0]["quantity"]) == held.quantity
            assert {row["side"] for row in kept.orders} == {"sell"}
            assert kept.limits

    def test_counts_what_was_filled_after_the_last_pass(self) -> None:
        with robot(script(lambda s, m: "100" if m < 12 else ("95", "95", "95", "95"), minutes=13)) as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            play_out(desk, 12)
            assert AccountState.objects.get().ledger_cash != desk.gateway.account().cash

            report = close(desk)

            account = desk.gateway.account()
            assert (report.figures["fills"], report.figures["positions"]) == (2, 0)
            assert (report.figures["cash"], report.figures["equity"]) == (
                f"{account.cash:.2f}",
                f"{account.equity:.2f}",
            )
            assert Decimal(report.figures["day_pnl"]) == Decimal(report.figures["realised_pnl"]) < 0

    def test_is_done_once(self) -> None:
        with robot(script(rising, minutes=6)) as desk:
            play_out(desk, 6)
            first = close(desk)
            move_cash(desk, "-5")

            again = close(desk)

            assert again.pk == first.pk
            assert ReconciliationRun.objects.filter(kind="close").count() == 1
            assert AuditEvent.objects.filter(event="day.closed").count() == 1

    def test_says_that_the_books_differ(self) -> None:
        with robot(script(rising, minutes=6)) as desk:
            play_out(desk, 6)
            move_cash(desk, "-5")

            report = close(desk)

            assert not report.books_equal_broker
            assert AuditEvent.objects.get(event="day.closed").severity == "critical"

    def test_leaves_the_day_open_when_the_broker_cannot_be_read(self) -> None:
        with robot(script(rising, minutes=6)) as desk:
            play_out(desk, 6)
            desk.venue.stop()

            with pytest.raises(reconciliation.Unreadable):
                close(desk)

            assert not DailyReport.objects.exists()
            assert EquityMark.objects.count() == 6
