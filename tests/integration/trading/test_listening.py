"""The desk's ears on a running venue: what is heard is applied, what is not understood asks for a heal."""

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from audit.models import AuditEvent
from tests.integration.trading.ears import Ears, hearing_desk, send
from tests.integration.trading.threads import until
from tests.orderpath import going
from tests.robot import Robot, robot
from trading import healing, orders
from trading.choices import OrderStatus
from trading.models import Bar, Fill, Order

pytestmark = pytest.mark.django_db(transaction=True)


def _has_asked(ears: Ears, passes: int) -> bool:
    return len(ears.passes) >= passes


@pytest.fixture
def desk() -> Iterator[Robot]:
    with robot() as made:
        made.minute()
        yield made


@pytest.fixture
def ears(desk: Robot) -> Iterator[Ears]:
    with hearing_desk(desk) as made:
        yield made


def publish(desk: Robot, update: dict[str, object]) -> None:
    venue = desk.venue.venue
    desk.venue.call(lambda: venue.trade_updates.publish(desk.account.number, update))


class TestOrderUpdates:
    def test_are_applied_as_they_are_heard(self, desk: Robot, ears: Ears) -> None:
        order = send(desk)
        desk.venue.step()

        until(lambda: Fill.objects.filter(order=order).exists())

        until(lambda: Order.objects.get(pk=order.pk).status == OrderStatus.FILLED)
        order.refresh_from_db()
        assert (order.booked_quantity, order.filled_average_price) == (10, Fill.objects.get().price)
        assert ears.heals == []

    def test_that_can_not_be_read_are_told_and_passed_over(self, desk: Robot, ears: Ears) -> None:
        publish(desk, {"event": "fill", "order": "not an order", "timestamp": "never"})
        order = send(desk)
        desk.venue.step()

        until(lambda: Fill.objects.filter(order=order).exists())

        assert AuditEvent.objects.filter(event="stream.poison").exists()
        assert ears.heals == [desk.account.number]

    def test_whose_work_fails_do_not_end_the_listening(
        self, desk: Robot, ears: Ears, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        apply, failed = orders.apply_report, threading.Event()

        def once(*arguments: object, **named: object) -> object:
            if named["heard"] == orders.Heard.STREAM and not failed.is_set():
                failed.set()
                raise RuntimeError("poison")
            return apply(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(orders, "apply_report", once)
        order = send(desk)
        desk.venue.step()

        until(failed.is_set)
        until(lambda: Fill.objects.filter(order=order).exists())

        assert desk.account.number in ears.heals

    def test_of_an_order_that_is_not_ours_ask_for_a_heal(self, desk: Robot, ears: Ears) -> None:
        from dataclasses import replace

        saved = going(desk.account, quantity=1, limit="90", at=desk.gateway.clock().at, now=desk.now)
        desk.gateway.submit(replace(saved.wire, client_order_id="by hand"))

        until(lambda: ears.heals)

        assert Order.objects.get().status == OrderStatus.SUBMITTED

    def test_ask_for_a_heal_after_each_reconnection(self, desk: Robot, ears: Ears) -> None:
        order = send(desk, limit="90")
        desk.venue.call(desk.venue.venue.trade_updates.close)
        until(lambda: AuditEvent.objects.filter(event="stream.disconnected").exists())
        desk.gateway.cancel(order.broker_order_id or "")  # said while nobody listens

        until(lambda: len(ears.joined) == 2)

        until(lambda: ears.heals)
        healing.heal(desk.account, desk.gateway, now=desk.now, market_now=desk.gateway.clock().at)
        order.refresh_from_db()
        assert order.status == OrderStatus.CANCELED


class TestBars:
    def test_are_kept_and_start_one_pass_a_minute(self, desk: Robot, ears: Ears) -> None:
        known = Bar.objects.count()

        for number in range(1, 4):
            desk.venue.step()
            until(partial(_has_asked, ears, number))

        assert Bar.objects.count() == known + 6
        starts = [bar_at for _, bar_at in ears.passes]
        assert len(starts) == len(set(starts)) == 3
        assert starts == sorted(starts)
