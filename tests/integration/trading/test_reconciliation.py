"""Books against the broker's: each kind of difference becomes a case, and nothing is ever put right by itself."""

import uuid
from decimal import Decimal

import pytest

from audit.models import AuditEvent
from tests.integration.trading.hands import (
    Altered,
    by_hand,
    compare,
    enter,
    lose_the_answer,
    move_cash,
    open_cases,
    open_desk,
)
from tests.robot import WISHES
from trading.broker import gateway as port
from trading.models import AccountState, Fill, Order, OrderIntent, Position, ReconciliationBreak

pytestmark = pytest.mark.django_db


class TestCompare:
    def test_finds_equal_books_equal(self) -> None:
        with open_desk(minutes=3) as desk:
            WISHES.by_minute["AAPL", 4] = "long"
            desk.minutes(4)

            run = compare(desk)

            assert open_cases() == []
            assert (run.outcome, run.positions, run.orders, run.cash_difference) == ("clean", 1, 2, Decimal(0))
            assert not ReconciliationBreak.objects.exists()

    def test_opens_a_case_for_an_order_of_somebody_else(self) -> None:
        with open_desk() as desk:
            by_hand(desk, price="90")

            run = compare(desk)

            assert run.outcome == "breaks"
            assert open_cases() == [("order", "AAPL", "no open order", "open, 0 filled")]
            event = AuditEvent.objects.get(event="reconciliation.break_opened")
            assert (event.severity, event.subject) == ("critical", "AAPL")
            assert not Order.objects.exists()

    def test_opens_cases_for_a_purchase_of_somebody_else_and_never_trades_it(self) -> None:
        with open_desk(minutes=3) as desk:
            by_hand(desk)
            desk.minute()

            compare(desk)

            assert {kind: (symbol, expected) for kind, symbol, expected, _ in open_cases()} == {
                "position": ("AAPL", "0 shares"),
                "cash": ("", "100000.00 USD"),
                "fill": ("AAPL", "no order of ours"),
            }
            assert not Position.objects.exclude(quantity=0).exists()
            assert not Fill.objects.exists()
            desk.minutes(2)
            assert not OrderIntent.objects.exists()
            assert desk.gateway.positions()[0].quantity == 5

    def test_opens_a_case_for_cash_that_was_moved(self) -> None:
        with open_desk() as desk:
            move_cash(desk, "-250.01")

            run = compare(desk)

            assert run.cash_difference == Decimal("250.01")
            assert open_cases() == [("cash", "", "100000.00 USD", "99749.99 USD")]
            assert AccountState.objects.get().ledger_cash == 100_000

    def test_opens_a_case_for_a_fill_the_broker_has_not_told(self) -> None:
        with open_desk(minutes=3) as desk:
            entry = enter(desk, fills_told=False)

            compare(desk, Altered(desk.gateway, fills_since=lambda _: ()))

            assert ("fill", "AAPL", "0 shares booked", f"{entry.filled_quantity:.0f} shares filled") in open_cases()
            assert compare(desk).outcome == "clean"
            assert open_cases() == []

    def test_believes_no_difference_that_a_second_read_does_not_tell(self) -> None:
        with open_desk() as desk:
            real = desk.gateway
            stranger = port.PositionReport("MSFT", Decimal(7), Decimal(100), None, None)
            reads = iter([(stranger,), real.positions()])

            run = compare(desk, Altered(real, positions=lambda: next(reads)))

            assert run.outcome == "clean"
            assert next(reads, "both reads were made") == "both reads were made"

    def test_changes_no_case_when_the_broker_cannot_be_read(self) -> None:
        with open_desk() as desk:
            move_cash(desk, "-250")
            compare(desk)
            desk.venue.stop()

            run = compare(desk)

            assert run.outcome == "unreadable"
            assert run.note
            assert [kind for kind, *_ in open_cases()] == ["cash"]

    def test_leaves_the_order_of_a_drill_alone(self) -> None:
        with open_desk() as desk:
            by_hand(desk, price="50", client_id=f"drill-{uuid.uuid4()}")

            assert compare(desk).outcome == "clean"

    def test_leaves_an_order_alone_whose_answer_is_not_in(self) -> None:
        with open_desk(minutes=3) as desk:
            WISHES.by_minute["AAPL", 4] = "long"
            real = desk.gateway
            desk.gateway = Altered(real, submit=lambda order: lose_the_answer(real, order))
            desk.minutes(2)
            assert Order.objects.get().status == "unknown"

            run = compare(desk, real)

            assert run.outcome == "clean"
            assert len(real.open_orders()) == 1
