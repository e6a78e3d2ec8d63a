"""Stopping with one hand at a real venue: the latch first, then what the level cancels, as it was confirmed."""

import pytest
from django.db import transaction

from audit.models import AuditEvent
from risk import halts
from risk.models import Halt, HaltReceipt
from tests.integration.trading.busy_desk import at_the_venue, busy_desk, gateway, pull, thin, working
from tests.integration.trading.hands import Altered, lose_the_answer
from tests.robot import WISHES, robot
from trading.halting import sweeping
from trading.models import Account, Order, OrderIntent

pytestmark = pytest.mark.django_db


class TestH1:
    def test_cancels_nothing_and_lets_nothing_new_in(self) -> None:
        with busy_desk() as desk:
            before = working()

            receipt = pull(desk, "H1")

            assert (receipt.complete, receipt.lines) == (True, ())
            assert working() == before
            WISHES.by_minute["AAPL", 9] = "flat"
            WISHES.by_minute["MSFT", 9] = "long"
            desk.minutes(1)
            latest = {row.purpose: row for row in OrderIntent.objects.order_by("pk")}
            assert latest["exit"].approved, latest["exit"].denial_sentence


class TestH2:
    def test_cancels_entries_and_leaves_the_protection(self) -> None:
        with busy_desk() as desk:
            receipt = pull(desk, "H2")

            assert receipt.complete
            assert [(line.action, line.confirmed, line.detail) for line in receipt.lines] == [
                ("cancel", True, "canceled, 20 filled"),
                ("keep", True, "48 held under a live stop"),
                ("keep", True, "20 held, 20 of them without a live stop: the next pass arms them"),
            ]
            assert Order.objects.get(instrument__symbol="MSFT", purpose="entry").status == "canceled"
            assert {("AAPL", "stop"), ("AAPL", "target")} <= working()
            assert at_the_venue(desk) == {("AAPL", "sell")}
            rows = HaltReceipt.objects.all()
            assert {(row.halt, row.outcome) for row in rows} == {(receipt.halt, "CONFIRMED")}

    def test_denies_entries_from_then_on(self) -> None:
        with robot() as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            pull(desk, "H2", firm=True)

            desk.minutes(7)

            denied = OrderIntent.objects.get()
            assert denied.denial_code == "HALTED"
            assert "it trades nonsense" in denied.denial_sentence
            assert desk.gateway.open_orders() == ()

    def test_cancels_an_order_whose_answer_was_lost(self) -> None:
        with robot(thin("AAPL")) as desk:
            real = desk.gateway
            WISHES.by_minute["AAPL", 6] = "long"
            desk.gateway = Altered(real, submit=lambda order: lose_the_answer(real, order))
            desk.minutes(7)
            assert Order.objects.get().status == "unknown"

            receipt = pull(desk, "H2")

            assert receipt.complete, receipt.lines
            assert Order.objects.get(purpose="entry").status == "canceled"
            assert real.open_orders() == ()

    def test_says_what_is_open_when_the_broker_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "PATIENCE", 0.2)
        with busy_desk() as desk:
            desk.venue.stop()

            receipt = pull(desk, "H2")

            assert not receipt.complete
            assert [(line.action, line.confirmed) for line in receipt.lines] == [("cancel", False), ("keep", False)]
            assert Halt.objects.open().get().level == "H2"
            assert {row.outcome for row in HaltReceipt.objects.all()} == {"STILL_OPEN"}
            assert AuditEvent.objects.get(event="halt.incomplete").severity == "critical"
            assert halts.state(account=desk.account.number).refusal("entry")

    def test_of_the_firm_reaches_an_account_that_rests(self) -> None:
        with busy_desk() as desk:
            Account.objects.update(active=False)

            receipt = pull(desk, "H2", firm=True)

            assert [line.action for line in receipt.lines] == ["cancel", "keep", "keep"]


class TestPull:
    def test_latches_before_it_calls_the_broker(self) -> None:
        with busy_desk() as desk:
            latched: list[bool] = []

            def cancel(broker_order_id: str) -> None:
                latched.append(Halt.objects.open().exists())
                desk.gateway.cancel(broker_order_id)

            with gateway(desk, cancel=cancel):
                pull(desk, "H2")

            assert latched == [True]

    def test_is_refused_without_a_reason(self) -> None:
        with busy_desk() as desk:
            with pytest.raises(halts.HaltRefused, match="Say why"):
                pull(desk, "H2", reason=" ")

            assert ("MSFT", "entry") in working()

    def test_again_is_the_same_halt_with_new_lines(self) -> None:
        with busy_desk() as desk:
            first = pull(desk, "H2")

            again = pull(desk, "H2")

            assert again.halt == first.halt
            assert [line.action for line in again.lines] == ["keep", "keep"]


@pytest.mark.django_db(transaction=True)
class TestLatch:
    def test_is_committed_when_the_broker_is_asked(self) -> None:
        with busy_desk() as desk:
            seen: list[bool] = []

            def cancel(broker_order_id: str) -> None:
                seen.append(transaction.get_connection().in_atomic_block)
                desk.gateway.cancel(broker_order_id)

            with gateway(desk, cancel=cancel):
                pull(desk, "H2")

            assert seen == [False]

    def test_is_not_pulled_where_it_could_be_rolled_back(self) -> None:
        with busy_desk() as desk, pytest.raises(RuntimeError, match="durable"), transaction.atomic():
            pull(desk, "H2")
