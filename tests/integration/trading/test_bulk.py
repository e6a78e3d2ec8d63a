"""Many reports at once mean the same as one after the other, legs seen for the first time among them."""

import pytest

from tests.orderpath import WALL, leg, open_account, report, sent
from trading import orders
from trading.choices import OrderStatus
from trading.models import Order

pytestmark = pytest.mark.django_db


class TestApplyReports:
    def test_takes_legs_up_beside_orders_that_have_filled(self) -> None:
        account = open_account()
        filled, fresh = sent(account, bracket=True), sent(account, bracket=True)
        told = [
            report(filled, OrderStatus.FILLED, filled.quantity, "100"),
            report(fresh, OrderStatus.ACCEPTED, legs=(leg(fresh, "stop", OrderStatus.PENDING_CANCEL),)),
        ]

        strangers = orders.apply_reports(account, told, now=WALL, heard=orders.Heard.POLL)

        assert strangers == []
        assert list(Order.objects.order_by("pk").values_list("purpose", "status")) == [
            ("entry", "filled"),
            ("entry", "accepted"),
            ("stop", "pending_cancel"),
        ]
