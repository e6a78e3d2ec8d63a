"""Catching up by REST after crashes, lost answers and silence, against a running venue."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.orderpath import Blind, Killed, Wrapped, going, raising, sent
from tests.robot import Robot, robot, script
from trading import healing, leases, orders
from trading.broker.gateway import BrokerError, FillReport, OrderReport, OutcomeUnknown
from trading.choices import OrderStatus
from trading.models import AccountState, Fill, Order, Position

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[Robot]:
    """Books open, one minute played; the market stands at 100."""
    with robot() as made:
        made.minute()
        yield made


class Nothing(Blind):
    """A broker that has lost sight of every order."""

    hidden_orders = True
    asked = 0

    def order(self, broker_order_id: str) -> None:
        self.asked += 1


def wanted(desk: Robot, **other: object) -> orders.Going:
    return going(desk.account, at=desk.gateway.clock().at, now=desk.now, **{"quantity": 10, **other})  # type: ignore[arg-type]


def submit(desk: Robot, saved: orders.Going, wire: Wrapped) -> None:
    with leases.held(desk.account.pk, holder="test", now=desk.now) as held:
        assert held is not None
        orders.send(saved, gateway=wire, lease=held, now=desk.now)


def heal(desk: Robot, *, after: float = 0, wire: Wrapped | None = None) -> healing.Healed:
    desk.now += timedelta(seconds=after)
    gateway = wire or desk.gateway
    return healing.heal(desk.account, gateway, now=desk.now, market_now=desk.gateway.clock().at)


def books_equal(desk: Robot) -> bool:
    theirs = {held.symbol: held.quantity for held in desk.gateway.positions()}
    ours = dict(Position.objects.exclude(quantity=0).values_list("instrument__symbol", "quantity"))
    return ours == theirs and AccountState.objects.get().ledger_cash == desk.gateway.account().cash


class TestRecovery:
    def test_adopts_an_order_whose_sender_was_killed_after_the_wire(self, desk: Robot) -> None:
        saved = wanted(desk, limit="90")
        order = saved.order
        with pytest.raises(Killed):
            submit(desk, saved, Wrapped(desk.gateway, after=raising(Killed())))
        order.refresh_from_db()
        before = order.status

        heal(desk, after=2)

        order.refresh_from_db()
        assert (before, order.status) == (OrderStatus.SUBMITTED, OrderStatus.ACCEPTED)
        assert len(desk.gateway.open_orders()) == 1

    def test_withdraws_an_order_whose_sender_was_killed_before_the_wire_only_with_proof(self, desk: Robot) -> None:
        saved = wanted(desk)
        order = saved.order
        with pytest.raises(Killed):
            submit(desk, saved, Wrapped(desk.gateway, before=raising(Killed())))
        statuses = []

        for seconds in (2, 4, 8, 16, 29, 3):
            heal(desk, after=seconds)
            order.refresh_from_db()
            statuses.append(order.status)

        assert statuses[:-1] == [OrderStatus.UNKNOWN] * 5
        assert statuses[-1] == OrderStatus.WITHDRAWN

    def test_takes_no_single_look_for_proof_however_late(self, desk: Robot) -> None:
        """The clock of a sender may have stood still between its reading and the wire."""
        saved = wanted(desk)
        order = saved.order
        with pytest.raises(Killed):
            submit(desk, saved, Wrapped(desk.gateway, before=raising(Killed())))

        heal(desk, after=600)

        order.refresh_from_db()
        assert order.status == OrderStatus.UNKNOWN

    def test_adopts_an_order_that_is_shown_late(self, desk: Robot) -> None:
        saved = wanted(desk)
        order = saved.order
        submit(desk, saved, Wrapped(desk.gateway, after=raising(OutcomeUnknown("no answer"))))
        late = Blind(desk.gateway)
        late.hidden_orders = late.hidden_fills = True
        heal(desk, after=2, wire=late)
        order.refresh_from_db()
        unknown = order.status

        desk.venue.step()
        heal(desk, after=10)

        order.refresh_from_db()
        assert unknown == OrderStatus.UNKNOWN
        assert (order.status, order.booked_quantity) == (OrderStatus.FILLED, 10)
        assert books_equal(desk)

    def test_takes_a_working_order_that_is_shown_nowhere_for_no_news(self, desk: Robot) -> None:
        saved = wanted(desk, limit="60")
        order = saved.order
        submit(desk, saved, Wrapped(desk.gateway))
        hidden = Nothing(desk.gateway)

        heal(desk, after=90, wire=hidden)

        order.refresh_from_db()
        assert (hidden.asked, order.status) == (1, OrderStatus.ACCEPTED)

    def test_asks_with_growing_delay(self, desk: Robot) -> None:
        sent(desk.account, at=desk.gateway.clock().at, now=desk.now)
        asked = []

        for second in range(1, 80):
            for order in orders.unresolved(desk.account, now=desk.now + timedelta(seconds=second)):
                orders.ask_about(order, gateway=desk.gateway, now=desk.now + timedelta(seconds=second))
                asked.append(second)

        assert asked == [2, 6, 14, 30, 60]

    def test_books_a_fill_that_no_report_announced(self, desk: Robot) -> None:
        saved = wanted(desk)
        order = saved.order
        submit(desk, saved, Wrapped(desk.gateway))
        desk.venue.step()

        heal(desk)

        order.refresh_from_db()
        assert (order.status, order.booked_quantity) == (OrderStatus.FILLED, 10)
        assert books_equal(desk)
        assert not Order.objects.fill_missing().exists()

    def test_finds_the_order_of_a_fill_told_before_its_answer(self, desk: Robot) -> None:
        """The order is UNKNOWN and not to be asked about yet; its fill must not become somebody else's."""
        saved = wanted(desk)
        order = saved.order
        submit(desk, saved, Wrapped(desk.gateway, after=raising(OutcomeUnknown("no answer"))))
        Order.objects.filter(pk=order.pk).update(asked_at=desk.now, times_asked=5)
        desk.venue.step()

        healed = heal(desk, after=1)

        order.refresh_from_db()
        assert healed.stranger_fills == []
        assert (order.status, order.booked_quantity) == (OrderStatus.FILLED, 10)
        assert books_equal(desk)

    def test_finds_a_leg_that_filled_before_it_was_known(self) -> None:
        falls = script(lambda symbol, minute: "100" if minute < 3 else "94")
        with robot(falls) as desk:
            desk.minute()
            submit(desk, wanted(desk, bracket=True), Wrapped(desk.gateway, after=raising(OutcomeUnknown("no answer"))))
            for _ in range(5):
                desk.venue.step()

            heal(desk, after=1)
            healed = heal(desk, after=10)

            assert healed.stranger_fills == []
            assert Fill.objects.count() == 2
            assert books_equal(desk)

    def test_asks_by_id_for_legs_where_the_list_shows_their_order_late(self) -> None:
        class Late(Wrapped):
            def orders_since(self, *_: object, **__: object) -> tuple[OrderReport, ...]:
                return ()

        with robot(script(lambda symbol, minute: "100" if minute < 3 else "94")) as desk:
            desk.minute()
            saved = wanted(desk, bracket=True)
            submit(desk, saved, Wrapped(desk.gateway, after=raising(OutcomeUnknown("no answer"))))
            for _ in range(5):
                desk.venue.step()
            report = desk.gateway.order_by_client_id(saved.wire.client_order_id)
            assert report is not None
            orders.apply_report(desk.account, replace(report, legs=()), now=desk.now, heard=orders.Heard.STREAM)

            healed = heal(desk, after=10, wire=Late(desk.gateway))

            assert healed.stranger_fills == []
            assert books_equal(desk)

    def test_hands_back_what_somebody_else_did(self, desk: Robot) -> None:
        elsewhere = wanted(desk)
        desk.gateway.submit(replace(elsewhere.wire, client_order_id="by hand"))
        desk.venue.step()

        healed = heal(desk)

        assert [fill.quantity for fill in healed.stranger_fills] == [10]
        assert not Fill.objects.exists()

    def test_reads_fills_again_from_where_one_is_missing(self, desk: Robot) -> None:
        """Activities may come later than the five minutes that are read twice anyway."""
        saved = wanted(desk)
        order = saved.order
        slow = Blind(desk.gateway)
        slow.hidden_fills = True
        submit(desk, saved, slow)
        for _ in range(9):
            desk.venue.step()
            heal(desk, after=60, wire=slow)
        order.refresh_from_db()
        hole = (order.filled_quantity, order.booked_quantity)

        heal(desk)

        order.refresh_from_db()
        assert hole == (10, 0)
        assert order.booked_quantity == 10
        assert books_equal(desk)

    def test_keeps_what_was_applied_when_the_broker_goes_away(self, desk: Robot) -> None:
        saved = wanted(desk)
        order = saved.order
        submit(desk, saved, Wrapped(desk.gateway))
        desk.venue.step()

        class Leaves(Wrapped):
            def fills_since(self, after: object) -> tuple[FillReport, ...]:
                raise BrokerError("gone")

        with pytest.raises(BrokerError):
            heal(desk, wire=Leaves(desk.gateway))

        order.refresh_from_db()
        assert order.status == OrderStatus.FILLED
        heal(desk)
        assert books_equal(desk)
