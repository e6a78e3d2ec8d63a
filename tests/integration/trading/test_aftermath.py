"""What follows a trade, watched on a running desk: late comparisons, old cases, strangers."""

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from risk.models import Breach, Halt
from risk.post_trade.values import Finding
from tests.integration.trading.hands import by_hand, compare, move_cash, open_desk
from tests.robot import Robot
from trading import duties
from trading.models import ReconciliationRun
from trading.reconciling import aftermath
from trading.watching import heartbeats

pytestmark = pytest.mark.django_db


def watch(desk: Robot, later: float = 0) -> list[Finding]:
    now = desk.now + timedelta(seconds=later)
    return aftermath.watch(desk.account, now=now, market_now=desk.venue.venue.clock.now())


def halts() -> list[tuple[str, str, str]]:
    return list(Halt.objects.open().values_list("level", "scope_key", "engaged_by"))


class TestWatch:
    def test_leaves_equal_books_alone(self) -> None:
        with open_desk() as desk:
            compare(desk)

            assert watch(desk) == []
            assert halts() == []

    def test_stops_entries_for_an_order_that_is_not_ours(self) -> None:
        with open_desk() as desk:
            by_hand(desk, price="90")
            compare(desk)

            assert [each.code for each in watch(desk)] == ["NOT_OURS"]

            assert halts() == [("H1", desk.account.number, "aftermath")]
            breach = Breach.objects.get()
            assert (breach.control, breach.stage, breach.limit_version) == (44, "BROKEN", 0)
            assert AuditEvent.objects.get(event="halt.engaged").severity == "critical"

    def test_stops_entries_for_shares_that_are_not_ours(self) -> None:
        with open_desk() as desk:
            by_hand(desk)
            desk.minute()
            compare(desk)

            assert [each.code for each in watch(desk)] == ["NOT_OURS"]

    def test_stops_entries_when_a_case_waits_too_long(self) -> None:
        with open_desk() as desk:
            move_cash(desk, "-3")
            compare(desk)

            assert watch(desk, 29) == []
            codes = [each.code for each in watch(desk, 901)]

            assert codes == ["COMPARISON_LATE", "BREAK_AGED"]
            assert halts() == [("H1", desk.account.number, "aftermath")]

    def test_keeps_the_halt_when_the_case_is_gone(self) -> None:
        with open_desk() as desk:
            order = by_hand(desk, price="90")
            compare(desk)
            watch(desk)
            desk.gateway.cancel(order)
            compare(desk)

            assert watch(desk) == []
            assert len(halts()) == 1

    def test_acts_once(self) -> None:
        with open_desk() as desk:
            by_hand(desk, price="90")
            compare(desk)

            assert [len(watch(desk)) for _ in range(3)] == [1, 0, 0]
            assert Breach.objects.count() == 1

    def test_tells_once_what_it_cannot_judge(self) -> None:
        with open_desk() as desk:
            for _ in range(2):
                assert watch(desk) == []

            event = AuditEvent.objects.get(event="monitor.blind")
            assert "when the books were compared last" in event.sentence

    def test_asks_as_often_whatever_is_open(self, django_assert_num_queries: object) -> None:
        with open_desk() as desk:
            for price in ("90", "91", "92"):
                by_hand(desk, price=price)
            compare(desk)
            watch(desk)

            with django_assert_num_queries(6):  # type: ignore[operator]
                watch(desk)


class TestReconcile:
    def test_compares_when_it_is_due(self) -> None:
        with open_desk() as desk:
            for later in (0, 5, 59, 60, 65):
                duties.reconcile_if_due(desk.account, now=desk.now + timedelta(seconds=later))

            assert ReconciliationRun.objects.count() == 2

    def test_counts_lateness_from_the_start_of_a_worker(self) -> None:
        with open_desk() as desk:
            heartbeats.beat("worker", now=desk.now, worked=True)

            found = [watch(desk, later) for later in (179, 181)]

            assert [[each.code for each in some] for some in found] == [[], ["COMPARISON_LATE"]]
