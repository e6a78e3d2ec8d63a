"""Many reports at once mean the same as one after the other, legs seen for the first time among them."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.orderpath import WALL, leg, open_account, report, sent
from trading import orders
from trading.choices import OrderStatus
from trading.models import Account, Order

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

    def test_opens_the_legs_of_five_with_the_statements_of_one(self) -> None:
        account = open_account()
        told(account, 1)  # what is looked up once per process

        one, five = told(account, 1), told(account, 5)

        assert one == five
        assert Order.objects.filter(purpose="stop", parent__isnull=False).count() == 7

    def test_gives_a_leg_its_own_id_where_its_words_are_taken(self) -> None:
        account = open_account()
        parent = sent(account, bracket=True)
        stop, target = leg(parent, "stop", OrderStatus.HELD), leg(parent, "target", OrderStatus.ACCEPTED)
        same = replace(target, client_order_id=stop.client_order_id)

        orders.apply_reports(
            account, [report(parent, OrderStatus.ACCEPTED, legs=(stop, same))], now=WALL, heard=orders.Heard.POLL
        )

        legs = Order.objects.filter(parent=parent).order_by("pk")
        assert [each.client_order_id for each in legs] == [stop.client_order_id, target.broker_order_id]


def told(account: Account, count: int) -> int:
    """Statements it takes to hear of so many brackets with two legs each for the first time."""
    parents = [sent(account, bracket=True) for _ in range(count)]
    reports = [
        report(each, OrderStatus.ACCEPTED, legs=tuple(leg(each, name, OrderStatus.HELD) for name in ("stop", "target")))
        for each in parents
    ]
    with CaptureQueriesContext(connection) as seen:
        orders.apply_reports(account, reports, now=WALL, heard=orders.Heard.POLL)
    return len(seen)
