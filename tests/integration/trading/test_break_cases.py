"""A reconciliation break as a case: what it blocks, how often it is opened, how it ends."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from audit.models import AuditEvent
from tests.integration.trading.hands import by_hand, compare, move_cash, open_cases, open_desk
from tests.robot import WISHES
from trading.broker import factory
from trading.models import OrderIntent, ReconciliationBreak, ReconciliationRun
from trading.reading import standing

pytestmark = pytest.mark.django_db


class TestOpenCase:
    def test_blocks_its_symbol_at_the_gate(self) -> None:
        with open_desk(minutes=3) as desk:
            by_hand(desk, price="90")
            compare(desk)
            minute = desk.account.passes.count() + 1
            WISHES.by_minute["AAPL", minute] = WISHES.by_minute["MSFT", minute] = "long"

            desk.minutes(2)

            assert codes() == {"AAPL": "SYMBOL_BLOCKED", "MSFT": ""}

    def test_blocks_every_symbol_when_it_is_cash(self) -> None:
        with open_desk(minutes=3) as desk:
            move_cash(desk, "-1")
            compare(desk)
            minute = desk.account.passes.count() + 1
            WISHES.by_minute["AAPL", minute] = WISHES.by_minute["MSFT", minute] = "long"

            desk.minutes(2)

            assert codes() == {"AAPL": "SYMBOL_BLOCKED", "MSFT": "SYMBOL_BLOCKED"}
            assert "*" in standing.read(desk.account.pk, "AAPL", marks="{}", market_now=desk.now).blocked

    def test_is_opened_once_however_often_it_is_seen(self) -> None:
        with open_desk() as desk:
            move_cash(desk, "-1")

            for _ in range(3):
                compare(desk)

            assert ReconciliationBreak.objects.count() == 1
            assert ReconciliationRun.objects.count() == 3
            assert AuditEvent.objects.filter(event__startswith="reconciliation.").count() == 2

    def test_ends_when_both_sides_are_equal_again(self) -> None:
        with open_desk() as desk:
            order_id = by_hand(desk, price="90")
            move_cash(desk, "-1")
            compare(desk)
            desk.gateway.cancel(order_id)
            move_cash(desk, "1")

            run = compare(desk)

            assert run.outcome == "clean"
            assert open_cases() == []
            assert set(ReconciliationBreak.objects.values_list("resolved_by", flat=True)) == {"reconciliation"}
            assert AuditEvent.objects.filter(event="reconciliation.break_resolved").count() == 2
            assert AuditEvent.objects.filter(event="reconciliation.clean").count() == 1

    def test_of_a_strangers_fill_outlasts_the_window_it_was_read_through(self) -> None:
        with open_desk(minutes=3) as desk:
            by_hand(desk)
            desk.minute()
            compare(desk)

            desk.minutes(8)
            compare(desk)

            assert "fill" in [kind for kind, *_ in open_cases()]

    def test_of_a_strangers_fill_stays_closed_once_a_person_has_closed_it(self) -> None:
        with open_desk() as desk:
            by_hand(desk)
            desk.minute()
            compare(desk)
            fills = ReconciliationBreak.objects.filter(kind="fill")
            fills.update(status="resolved", resolved_at=desk.now, resolved_by="ann", resolution="explained")

            compare(desk)

            assert fills.get().status == "resolved"


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_open_one_case_between_them(self) -> None:
        with open_desk() as desk:
            by_hand(desk, price="90")
            move_cash(desk, "-1")
            together = threading.Barrier(4)

            def look() -> str:
                gateway = factory.gateway_for(desk.account.number)
                together.wait(10)
                try:
                    return compare(desk, gateway).outcome
                finally:
                    gateway.close()
                    connection.close()

            with ThreadPoolExecutor(4) as threads:
                outcomes = [each.result() for each in [threads.submit(look) for _ in range(4)]]

            assert outcomes == ["breaks"] * 4
            assert sorted(kind for kind, *_ in open_cases()) == ["cash", "order"]
            assert AuditEvent.objects.filter(event="reconciliation.break_opened").count() == 2


def codes() -> dict[str, str]:
    return dict(OrderIntent.objects.values_list("instrument__symbol", "denial_code"))
