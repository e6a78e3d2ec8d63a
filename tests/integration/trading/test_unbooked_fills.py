"""A fill the broker shows and does not tell yet: what it brings counts as on its way."""

from decimal import Decimal

import pytest

from tests.orderpath import Blind, open_account, sent
from tests.robot import NOW, WISHES, robot
from trading.choices import OrderStatus
from trading.models import Order
from trading.reading import books, standing

pytestmark = pytest.mark.django_db


class TestAFillThatIsNotBookedYet:
    def test_counts_as_on_its_way_and_blocks_its_symbol(self) -> None:
        account = open_account()
        order = sent(account, status=OrderStatus.FILLED)
        Order.objects.filter(pk=order.pk).update(filled_quantity=100)

        held = books.read(account.pk)

        assert [order.remaining for order in held.orders] == [Decimal(100)]
        blocked = standing.read(account.pk, "AAPL", marks="{}", market_now=NOW).blocked
        assert blocked["AAPL"] == "a fill there is not booked yet"
        assert books.read(open_account("PA0000002").pk).orders == ()

    def test_makes_the_robot_buy_no_second_time(self) -> None:
        with robot() as desk:
            desk.minutes(6)
            slow = Blind(desk.gateway)
            slow.hidden_fills = True
            desk.gateway = slow
            for minute in range(6, 10):
                WISHES.by_minute["AAPL", minute] = "long"

            desk.minutes(4)

            assert Order.objects.filter(purpose="entry").count() == 1
