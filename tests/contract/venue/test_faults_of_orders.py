"""Faults of orders at the exchange: seen late, rejected late, filled in a race with their cancel or replacement."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.contract.venue import clients, faulty
from tests.contract.venue.faulty import planned
from tests.venue import RunningVenue
from trading.broker.alpaca import AlpacaGateway
from trading.broker.gateway import BrokerRejected, OrderReport, OutcomeUnknown, Replacement
from trading.venue.faults.plan import When

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def gateway(venue: RunningVenue) -> Iterator[AlpacaGateway]:
    with faulty.gateway(venue) as made:
        yield made


def _read(gateway: AlpacaGateway, report: OrderReport) -> OrderReport:
    found = gateway.order(report.broker_order_id)
    assert found is not None
    return found


def _replacement(price: str = "91") -> Replacement:
    return Replacement(client_order_id="another", limit_price=Decimal(price))


class TestLateVisibility:
    def test_hides_a_new_order_from_look_ups_and_lists_for_so_many_reads(
        self, venue: RunningVenue, gateway: AlpacaGateway
    ) -> None:
        planned(venue, "late_visibility", lookups=3)
        order = faulty.new_order()
        gateway.submit(order)

        seen = [
            gateway.order_by_client_id(order.client_order_id),
            gateway.open_orders(),
            gateway.order_by_client_id(order.client_order_id),
            gateway.order_by_client_id(order.client_order_id),
        ]

        assert seen[:3] == [None, (), None]
        assert seen[3] is not None

    def test_can_last_by_the_venues_clock(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "late_visibility", seconds=timedelta(seconds=90))
        order = faulty.new_order()
        gateway.submit(order)

        before = [gateway.order_by_client_id(order.client_order_id) for _ in range(5)]
        venue.step()
        venue.step()

        assert before == [None] * 5
        assert gateway.order_by_client_id(order.client_order_id) is not None

    def test_makes_a_second_send_unknown_never_refused(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "late_visibility", lookups=1)
        order = faulty.new_order()
        gateway.submit(order)

        with pytest.raises(OutcomeUnknown, match="does not show it yet"):
            gateway.submit(order)


class TestAnOldSnapshot:
    def test_knows_nothing_of_a_fill(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        faulty.bought(venue, gateway)
        (order,) = faulty.known_orders(venue)
        planned(venue, "old_snapshot", when=When(count=3))

        looked_up = gateway.order_by_client_id(order.client_order_id)
        (listed,) = gateway.orders_since(LONG_AGO)
        old = [_read(gateway, listed), listed, looked_up]

        assert [(each.raw_status, each.filled_quantity) for each in old if each] == [("new", 0)] * 3
        assert _read(gateway, listed).filled_quantity == 10


class TestLateReject:
    def test_follows_an_answer_that_said_accepted(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "late_reject")

        report = gateway.submit(faulty.new_order())

        assert (report.raw_status, _read(gateway, report).raw_status) == ("pending_new", "rejected")


class TestPartial207:
    def test_leaves_some_orders_working(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        for _ in range(4):
            gateway.submit(faulty.new_order())
        planned(venue, "partial_207", share=Decimal("0.25"))

        first = gateway.cancel_all()
        second = gateway.cancel_all()

        assert [each.accepted for each in first] == [False, True, True, True]
        assert "internal server error" in first[0].reason
        assert [(each.broker_order_id, each.accepted) for each in second] == [(first[0].broker_order_id, True)]

    def test_leaves_some_positions_open(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        faulty.bought(venue, gateway)
        planned(venue, "partial_207", on=["close_all"])

        answer = clients.trading(venue).close_all_positions()

        assert [(each.symbol, each.status) for each in answer] == [("AAPL", 500)]
        assert gateway.positions()[0].quantity == 10


class TestACancel:
    def test_can_be_refused_while_the_order_works_on(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        report = gateway.submit(faulty.new_order())
        planned(venue, "cancel_refused")

        with pytest.raises(BrokerRejected, match="pending_replace"):
            gateway.cancel(report.broker_order_id)

        assert _read(gateway, report).raw_status == "new"

    def test_can_lose_to_a_fill(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        report = gateway.submit(faulty.new_order(quantity=Decimal(5)))
        planned(venue, "fill_before_cancel")

        with pytest.raises(BrokerRejected, match='already in "filled" state'):
            gateway.cancel(report.broker_order_id)

        assert gateway.positions()[0].quantity == 5
        assert _read(gateway, report).filled_average_price == 90

    def test_can_come_after_a_part_has_filled(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        report = gateway.submit(faulty.new_order(quantity=Decimal(5)))
        planned(venue, "part_fill_before_cancel", share=Decimal("0.5"))

        gateway.cancel(report.broker_order_id)

        after = _read(gateway, report)
        assert (after.raw_status, after.filled_quantity) == ("canceled", 2)

    def test_can_be_followed_by_a_fill(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        report = gateway.submit(faulty.new_order(quantity=Decimal(5)))
        planned(venue, "fill_after_cancel")

        gateway.cancel(report.broker_order_id)
        told = _read(gateway, report).raw_status
        venue.step()

        assert (told, _read(gateway, report).raw_status) == ("canceled", "filled")
        assert gateway.positions()[0].quantity == 5

    @pytest.mark.parametrize(("lasts", "after"), [(1, "canceled"), (0, "pending_cancel")])
    def test_can_linger(self, venue: RunningVenue, gateway: AlpacaGateway, lasts: int, after: str) -> None:
        report = gateway.submit(faulty.new_order())
        planned(venue, "cancel_lingers", lasts=lasts)

        gateway.cancel(report.broker_order_id)
        gateway.cancel(report.broker_order_id)
        told = _read(gateway, report).raw_status
        venue.step()

        assert (told, _read(gateway, report).raw_status) == ("pending_cancel", after)

    def test_that_lingers_is_done_when_the_faults_are_lifted(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        report = gateway.submit(faulty.new_order())
        planned(venue, "cancel_lingers", lasts=0)
        gateway.cancel(report.broker_order_id)

        venue.call(venue.venue.company.lift)

        assert _read(gateway, report).raw_status == "canceled"

    def test_that_lingers_can_still_lose_to_the_market(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        report = gateway.submit(faulty.new_order(limit_price=Decimal(100)))
        if _read(gateway, report).raw_status == "filled":
            pytest.fail("the order must rest: the ask stands a tick above 100")
        planned(venue, "cancel_lingers", lasts=2)

        gateway.cancel(report.broker_order_id)
        venue.step()

        assert _read(gateway, report).raw_status == "filled"


class TestAReplacement:
    def test_can_lose_to_a_fill(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        report = gateway.submit(faulty.new_order(quantity=Decimal(5)))
        planned(venue, "fill_before_replace")

        with pytest.raises(BrokerRejected):
            gateway.replace(report.broker_order_id, _replacement())

        assert gateway.positions()[0].quantity == 5

    def test_can_be_taken_and_then_rejected_while_the_old_order_works_on(
        self, venue: RunningVenue, gateway: AlpacaGateway
    ) -> None:
        report = gateway.submit(faulty.new_order())
        planned(venue, "replace_refused_later")

        new = gateway.replace(report.broker_order_id, _replacement())

        assert new.raw_status == "pending_new"
        assert _read(gateway, new).raw_status == "rejected"
        old = _read(gateway, report)
        assert (old.raw_status, old.replaced_by) == ("new", "")

    def test_can_be_refused_and_have_taken_effect(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        report = gateway.submit(faulty.new_order())
        planned(venue, "replace_refused_yet_done")

        new = gateway.replace(report.broker_order_id, _replacement())

        assert (new.limit_price, new.replaces) == (91, report.broker_order_id)
        assert _read(gateway, report).raw_status == "replaced"


class TestAnOrderThatCannotBeStruck:
    def test_leaves_the_fault_for_the_next_one(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        done = gateway.submit(faulty.new_order())
        gateway.cancel(done.broker_order_id)
        planned(venue, "fill_before_cancel", when=When(count=1))
        gateway.cancel(done.broker_order_id)

        assert faulty.hits(venue, "fill_before_cancel") == 0
        assert gateway.positions() == ()
