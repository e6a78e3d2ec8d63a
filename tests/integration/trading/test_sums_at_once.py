"""Running sums stay equal to the orders while several connections change orders of one account at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection, transaction

from tests.integration.trading import crowd
from tests.orderpath import WALL, leg, report, sent
from trading import leases, orders
from trading.choices import OrderStatus
from trading.models import Account, DayCount, Instrument, Order, OrderIntent
from trading.orders import legs
from trading.reading import sums

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, SYMBOL = 6, "S00"


class TestDisagreements:
    def test_are_none_after_connections_changed_one_bracket_at_once(self) -> None:
        rows = crowd.market()
        account = crowd.furnished("PA1")
        lease = crowd.leased(account)

        with crowd.roomy():
            for number in range(ROUNDS):
                at_once(*changes(account, rows[f"S{number + 1:02d}"], lease, number))

                assert sums.disagreements(account.pk) == [], number

        decided = OrderIntent.objects.filter(account=account, approved=True)
        counted = DayCount.objects.filter(account=account).values_list("messages", flat=True)
        assert sum(counted) == decided.count() == 3 * ROUNDS
        assert Order.objects.filter(purpose="stop", stop_price__lt=95).count() == ROUNDS


def changes(account: Account, instrument: Instrument, lease: leases.Lease, number: int) -> list[Callable[[], object]]:
    """The entry ends, a person moves its stop at the broker, and two new entries are decided.

    A held stop guards only once its entry is done: what one of the first two adds rests on what the other has written.
    """
    entry = sent(account, symbol=SYMBOL, quantity=20, bracket=True)
    held = leg(entry, "stop", OrderStatus.HELD)
    legs.open_all([(entry, held)], now=WALL)
    ended = report(entry, OrderStatus.CANCELED)
    moved = replace(held, stop_price=Decimal(94) - number)
    return [
        lambda: orders.apply_report(account, ended, now=WALL, heard=orders.Heard.STREAM),
        lambda: orders.apply_reports(account, [moved], now=WALL, heard=orders.Heard.POLL),
        lambda: accepted(crowd.entry(account, instrument, quantity=1), lease),
        lambda: accepted(crowd.entry(account, instrument, quantity=2), lease),
    ]


def accepted(proposal: orders.Proposal, lease: leases.Lease) -> None:
    """Decided on, and answered: an order without an answer would block its symbol."""
    with transaction.atomic():
        decided = crowd.decide(proposal, lease)
        assert decided.going is not None, decided.intent.denial_sentence
        Order.objects.filter(pk=decided.going.order.pk).update(status=OrderStatus.ACCEPTED)


def at_once(*acts: Callable[[], object]) -> None:
    """Each over a connection of its own, begun together."""
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            together.wait(20)
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))
