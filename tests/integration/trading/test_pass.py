"""One pass, from a bar at the venue to a fill in the books."""

from decimal import Decimal

import pytest

from audit.models import AuditEvent
from tests.robot import WISHES, robot
from trading.models import AccountState, Fill, Lot, Order, OrderIntent, Position, Signal

pytestmark = pytest.mark.django_db


class TestRunPass:
    def test_turns_a_bar_into_a_protected_position(self) -> None:
        with robot() as desk:
            WISHES.by_minute["AAPL", 6] = "long"

            desk.minutes(9)

            assert Signal.objects.count() == 1
            intent = OrderIntent.objects.get()
            assert intent.approved, intent.denial_sentence
            entry, *legs = Order.objects.order_by("pk")
            assert entry.status == "filled"
            assert {leg.purpose for leg in legs} == {"stop", "target"}
            assert Fill.objects.get().quantity == entry.quantity
            assert Position.objects.get().quantity == entry.quantity
            assert Lot.objects.get().remaining == entry.quantity
            account = desk.gateway.account()
            state = AccountState.objects.get()
            assert state.ledger_cash == account.cash
            assert desk.gateway.positions()[0].quantity == entry.quantity
            words = set(AuditEvent.objects.values_list("event", flat=True))
            assert {"intent.approved", "order.submitted", "order.filled", "fill.booked"} <= words

    def test_makes_no_second_order_when_it_runs_again(self) -> None:
        with robot() as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            made = desk.minutes(7)[-1]

            again = desk.run_pass(made.bar_at)

            assert again.pk == made.pk
            assert OrderIntent.objects.count() == 1
            assert len(desk.gateway.orders_since(made.bar_at.replace(hour=0))) == 1

    def test_leaves_a_position_when_the_rule_turns(self) -> None:
        with robot() as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            WISHES.by_minute["AAPL", 10] = "flat"

            desk.minutes(13)

            assert Position.objects.get().quantity == Decimal(0)
            assert desk.gateway.positions() == ()
            assert not Order.objects.working().exists()
            assert AccountState.objects.get().ledger_cash == desk.gateway.account().cash
