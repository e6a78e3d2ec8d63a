"""A person replaces our order at the broker: the desk follows by REST, and acts on what goes on working there."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditEvent
from tests.integration.trading.faulty_desk import planned
from tests.integration.trading.hands import compare, open_cases
from tests.orderpath import Blind, going
from tests.robot import WISHES, Robot, robot
from trading import healing, leases, orders
from trading.broker.gateway import Replacement
from trading.choices import OrderStatus, Purpose
from trading.halting import kill_switch
from trading.halting.reach import Reach
from trading.models import AccountState, Fill, Order, Position
from trading.proposing import guarding

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[Robot]:
    """Books open; the market stands at 100."""
    with robot() as made:
        made.minutes(2)
        yield made


def rests(desk: Robot) -> Order:
    """An entry of ours that rests far below the market."""
    order = going(desk.account, at=desk.gateway.clock().at, now=desk.now, quantity=10, limit="90")
    with leases.held(desk.account.pk, holder="test", now=desk.now) as held:
        assert held is not None
        return orders.send(order, gateway=desk.gateway, lease=held, now=desk.now)


def by_a_person(desk: Robot, broker_order_id: str, number: int = 1, **change: object) -> str:
    """Replace an order at the broker's own page; returns the new one's id."""
    wanted = Replacement(f"by-hand-{number}", **change)  # type: ignore[arg-type]
    return desk.gateway.replace(broker_order_id, wanted).broker_order_id


def heal(desk: Robot) -> healing.Healed:
    return healing.heal(desk.account, desk.gateway, now=desk.now, market_now=desk.gateway.clock().at)


def statuses() -> list[str]:
    return list(Order.objects.order_by("pk").values_list("status", flat=True))


def assert_equal_books(desk: Robot) -> None:
    assert compare(desk).outcome == "clean"
    assert open_cases() == []
    assert AccountState.objects.get().ledger_cash == desk.gateway.account().cash


class TestHeal:
    def test_takes_up_the_order_that_goes_on_and_books_its_fill(self, desk: Robot) -> None:
        order = rests(desk)
        by_a_person(desk, order.broker_order_id or "", limit_price=Decimal(101), quantity=Decimal(15))
        desk.venue.step()

        healed = heal(desk)

        assert (healed.stranger_orders, healed.stranger_fills) == ([], [])
        assert statuses() == ["replaced", "filled"]
        assert (Fill.objects.get().quantity, Position.objects.get().quantity) == (15, 15)
        assert_equal_books(desk)

    def test_follows_a_chain_of_which_nothing_was_heard(self, desk: Robot) -> None:
        order = rests(desk)
        second = by_a_person(desk, order.broker_order_id or "", 1, limit_price=Decimal(91))
        by_a_person(desk, second, 2, limit_price=Decimal(92))

        heal(desk)

        assert statuses() == ["replaced", "replaced", "accepted"]
        assert Order.objects.working().get().limit_price == 92
        assert_equal_books(desk)

    def test_traces_an_open_order_back_to_one_that_had_ended_in_our_books(self, desk: Robot) -> None:
        order = rests(desk)
        second = by_a_person(desk, order.broker_order_id or "", 1, limit_price=Decimal(91))
        last = by_a_person(desk, second, 2, limit_price=Decimal(92))
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELED)

        healed = heal(desk)

        assert healed.stranger_orders == []
        assert Order.objects.get(broker_order_id=last).intent == order.intent

    def test_finds_the_chain_behind_a_fill(self, desk: Robot) -> None:
        order = rests(desk)
        by_a_person(desk, order.broker_order_id or "", limit_price=Decimal(101))
        desk.venue.step()
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELED)

        healed = heal(desk)

        assert healed.stranger_fills == []
        assert Fill.objects.get().order.replaces == order

    def test_lets_an_order_work_on_whose_replacement_was_refused_later(self, desk: Robot) -> None:
        order = rests(desk)
        planned(desk, "replace_refused_later", on=["replace"])
        by_a_person(desk, order.broker_order_id or "", limit_price=Decimal(91))

        heal(desk)

        assert statuses() == ["accepted"]
        assert_equal_books(desk)

    def test_waits_for_an_order_that_is_not_shown_yet(self, desk: Robot) -> None:
        order = rests(desk)
        by_a_person(desk, order.broker_order_id or "", limit_price=Decimal(91))
        late = Blind(desk.gateway)
        late.hidden_orders = True
        real, desk.gateway = desk.gateway, late
        late.order = lambda name: real.order(name) if name == order.broker_order_id else None  # type: ignore[attr-defined]

        heal(desk)
        unseen = statuses()
        desk.gateway = real
        heal(desk)

        assert unseen == ["replaced", "unknown"]
        assert statuses() == ["replaced", "accepted"]


class TestAnEntry:
    def look(self, desk: Robot) -> bool:
        heal(desk)
        market_now = desk.gateway.clock().at
        return guarding.look(desk.account, desk.gateway, holder="test", now=desk.now, market_now=market_now)

    @pytest.mark.parametrize("change", [{"quantity": Decimal(11)}, {"limit_price": Decimal("90.01")}])
    def test_made_more_of_than_was_approved_is_canceled_at_once(self, desk: Robot, change: dict[str, Any]) -> None:
        order = rests(desk)
        by_a_person(desk, order.broker_order_id or "", **change)

        assert self.look(desk)
        heal(desk)

        assert statuses() == ["replaced", "canceled"]
        assert AuditEvent.objects.filter(
            event="order.cancel_requested", sentence__endswith="made larger or dearer at the broker than was approved"
        ).exists()

    @pytest.mark.parametrize("change", [{"quantity": Decimal(9)}, {"limit_price": Decimal("89.99")}])
    def test_made_less_of_works_on(self, desk: Robot, change: dict[str, Any]) -> None:
        order = rests(desk)
        by_a_person(desk, order.broker_order_id or "", **change)

        assert not self.look(desk)
        assert statuses() == ["replaced", "accepted"]

    def test_replaced_after_a_part_was_filled_may_not_fill_the_whole_once_more(self, desk: Robot) -> None:
        """The broker's new order may carry the quantity of the old one, not what was left of it."""
        order = rests(desk)
        Order.objects.filter(pk=order.pk).update(filled_quantity=4)
        by_a_person(desk, order.broker_order_id or "", limit_price=Decimal(89))

        assert self.look(desk)
        heal(desk)

        assert Order.objects.get(replaces=order).status == OrderStatus.CANCELED


class TestAHalt:
    def test_cancels_what_goes_on_working(self, desk: Robot) -> None:
        """The desk has heard nothing of the replacement when the halt is pulled."""
        order = rests(desk)
        by_a_person(desk, order.broker_order_id or "", limit_price=Decimal(91))

        receipt = kill_switch.pull(account=desk.account, level="H2", reason="stop", by="ann", now=desk.now)

        assert receipt.complete
        assert desk.gateway.open_orders() == ()
        assert statuses() == ["replaced", "canceled"]

    def test_of_one_symbol_cancels_it_by_its_new_id(self, desk: Robot) -> None:
        order = rests(desk)
        by_a_person(desk, order.broker_order_id or "", limit_price=Decimal(91))
        reach = Reach(symbol=order.instrument.symbol)

        receipt = kill_switch.pull(reach=reach, level="H2", reason="stop", by="ann", now=desk.now)

        assert receipt.complete
        assert desk.gateway.open_orders() == ()
        assert statuses() == ["replaced", "canceled"]


class TestAStop:
    def test_moved_by_a_person_goes_on_protecting(self, desk: Robot) -> None:
        WISHES.by_minute["AAPL", 6] = "long"
        desk.minutes(7)
        stop = Order.objects.working().get(purpose=Purpose.STOP)
        by_a_person(desk, stop.broker_order_id or "", stop_price=Decimal(97))

        desk.minutes(2)

        (moved,) = Order.objects.working().filter(purpose=Purpose.STOP)
        assert (moved.replaces, moved.stop_price) == (stop, 97)
        assert Position.objects.get().naked_since is None
        assert_equal_books(desk)
