"""The desk sends an order and the wire fails it: adopted or withdrawn by evidence, never sent twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.integration.trading import faulty_desk
from tests.integration.trading.faulty_desk import assert_settled, converge, planned, status, wish
from tests.robot import Robot
from trading import healing
from trading.broker import alpaca_http
from trading.choices import OrderStatus
from trading.models import Fill, Order

pytestmark = pytest.mark.django_db

CARRIED_OUT = ("timeout_after_accept", "reset_after_accept", "server_error_after_accept", "html_body", "empty_body",
               "truncated_body", "slow_bytes")  # fmt: skip
NOT_CARRIED_OUT = ("timeout_before_accept", "reset_before_accept", "server_error_before_accept", "redirect")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Robot]:
    monkeypatch.setattr(alpaca_http, "READ_SECONDS", 0.2)
    monkeypatch.setattr(alpaca_http, "ANSWER_SECONDS", 0.6)
    with faulty_desk.faulty_desk() as made:
        yield made


class TestAnAnswerThatIsLost:
    @pytest.mark.parametrize("name", CARRIED_OUT)
    def test_leaves_the_order_unknown_until_it_is_found_and_adopted(self, desk: Robot, name: str) -> None:
        planned(desk, name, on=["submit"])
        wish(desk, "long")

        desk.minute()
        at_once = status()
        converge(desk)

        assert (at_once, status()) == (OrderStatus.UNKNOWN, OrderStatus.FILLED)
        assert Fill.objects.get().quantity == Order.objects.get(purpose="entry").quantity
        assert faulty_desk.hits(desk, name) == 1
        assert_settled(desk)

    def test_waits_for_an_order_that_look_ups_do_not_show_yet(self, desk: Robot) -> None:
        planned(desk, "reset_after_accept", on=["submit"])
        planned(desk, "late_visibility", lookups=3)
        wish(desk, "long")

        desk.minute()
        healing.heal(
            desk.account, desk.gateway, now=desk.now + timedelta(seconds=5), market_now=desk.gateway.clock().at
        )
        early = status()
        converge(desk)

        assert (early, status()) == (OrderStatus.UNKNOWN, OrderStatus.FILLED)
        assert_settled(desk)


class TestAnOrderThatNeverArrived:
    @pytest.mark.parametrize("name", NOT_CARRIED_OUT)
    def test_is_withdrawn_once_its_absence_is_proof_and_not_sent_again(self, desk: Robot, name: str) -> None:
        planned(desk, name, on=["submit"])
        wish(desk, "long")

        desk.minute()
        at_once = status()
        converge(desk, minutes=6)

        assert (at_once, status()) == (OrderStatus.UNKNOWN, OrderStatus.WITHDRAWN)
        assert not Fill.objects.exists()
        assert_settled(desk)


class TestAnAnswerThatIsOdd:
    @pytest.mark.parametrize("name", ["unknown_status", "null_fields", "poison_text"])
    def test_is_taken_for_what_can_be_read_of_it(self, desk: Robot, name: str) -> None:
        planned(desk, name, on=["submit"])
        wish(desk, "long")

        desk.minute()
        converge(desk)

        assert status() is OrderStatus.FILLED
        assert faulty_desk.hits(desk, name) == 1
        assert_settled(desk)


class TestARefusal:
    @pytest.mark.parametrize(("name", "ends"), [("rate_limited", "withdrawn"), ("keys_refused", "rejected")])
    def test_is_final_where_nothing_was_done(self, desk: Robot, name: str, ends: str) -> None:
        planned(desk, name, on=["submit"])
        wish(desk, "long")

        desk.minute()

        exchange = desk.venue.venue.exchange
        assert status() == ends
        assert desk.venue.call(lambda: exchange.orders(desk.account.number, status="all")) == []
