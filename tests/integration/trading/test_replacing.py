"""What took an order's place at the broker is ours by evidence, told in whatever order and however often."""

from dataclasses import replace
from decimal import Decimal

import pytest

from audit.models import AuditEvent
from tests.orderpath import WALL, activity, execution, leg, open_account, report, sent
from trading import orders
from trading.broker.gateway import OrderReport
from trading.choices import OrderStatus
from trading.models import Account, Fill, Order, Position
from trading.orders import Heard, Outcome
from trading.proposing import protection
from trading.reading import books

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return open_account()


@pytest.fixture
def old(account: Account) -> Order:
    """A working entry of 100 shares at 101."""
    order = sent(account)
    hear(order.account, report(order, OrderStatus.ACCEPTED))
    order.refresh_from_db()
    return order


def hear(account: Account, *said: OrderReport, heard: Heard = Heard.STREAM) -> list[Outcome]:
    return [orders.apply_report(account, each, now=WALL, heard=heard) for each in said]


def replaced(old: Order, by: str = "b-new", filled: int = 0) -> OrderReport:
    return report(old, OrderStatus.REPLACED, filled, "100" if filled else None, replaced_by=by)


def successor(
    old: Order, status: OrderStatus = OrderStatus.ACCEPTED, *, name: str = "b-new", replaces: str = "", **other: object
) -> OrderReport:
    told = {"broker_order_id": name, "client_order_id": f"c-{name}", "replaces": replaces or old.broker_order_id}
    return report(old, status, **{**told, "limit_price": Decimal(100), **other})  # type: ignore[arg-type]


def the(name: str = "b-new") -> Order:
    return Order.objects.get(broker_order_id=name)


def on_its_way(account: Account) -> Decimal:
    """Shares that count against the limits."""
    return sum((line.remaining for line in books.read(account.pk).orders), Decimal(0))


class TestAReplacedOrder:
    def test_is_followed_by_its_successor_whose_fill_is_booked_once(self, account: Account, old: Order) -> None:
        hear(account, replaced(old), successor(old))
        new = the()
        exposed = on_its_way(account)

        hear(account, replace(execution(new, 100, "100", 100), replaces=old.broker_order_id or ""))
        orders.apply_fills(account, [activity(new, 100, "100", 100)], now=WALL)

        old.refresh_from_db()
        new.refresh_from_db()
        assert (exposed, old.status, new.status) == (100, OrderStatus.REPLACED, OrderStatus.FILLED)
        assert (new.intent_id, new.purpose, new.limit_price) == (old.intent_id, old.purpose, 100)
        assert (Fill.objects.count(), Position.objects.get().quantity) == (1, 100)
        assert AuditEvent.objects.get(event="order.followed").severity == "warning"

    @pytest.mark.parametrize("sequence", ["ons", "osn", "nos", "nso", "son", "sno", "oosnn", "nnoos"])
    def test_is_followed_whatever_is_heard_first_or_twice(self, account: Account, old: Order, sequence: str) -> None:
        """o: replaced; n: the new one works; s: the old one was asked to be replaced."""
        told = {"o": replaced(old), "n": successor(old), "s": report(old, OrderStatus.PENDING_REPLACE)}

        hear(account, *(told[each] for each in sequence))

        old.refresh_from_db()
        assert (old.status, the().status) == (OrderStatus.REPLACED, OrderStatus.ACCEPTED)
        assert on_its_way(account) == 100

    def test_holds_its_exposure_until_the_broker_tells_what_took_its_place(self, account: Account, old: Order) -> None:
        hear(account, replaced(old))

        assert the().status == OrderStatus.UNKNOWN
        assert on_its_way(account) == 100
        assert [order.pk for order in orders.unresolved(account, now=WALL)] == [the().pk]

    def test_holds_its_exposure_where_no_successor_is_named(self, account: Account, old: Order) -> None:
        hear(account, replaced(old, by=""))

        old.refresh_from_db()
        assert old.status == OrderStatus.PENDING_REPLACE

    def test_counts_by_its_larger_successor(self, account: Account, old: Order) -> None:
        hear(account, replaced(old), successor(old, quantity=Decimal(150)))

        assert on_its_way(account) == 150

    def test_keeps_the_part_filled_before(self, account: Account, old: Order) -> None:
        hear(account, execution(old, 40, "101", 40), replaced(old, filled=40), successor(old, quantity=Decimal(60)))
        hear(account, replace(execution(the(), 60, "100", 60), replaces=old.broker_order_id or ""))

        old.refresh_from_db()
        assert (old.status, old.booked_quantity, the().booked_quantity) == (OrderStatus.REPLACED, 40, 60)
        assert Position.objects.get().quantity == 100

    def test_is_filled_where_the_fill_won_the_race(self, account: Account, old: Order) -> None:
        hear(account, report(old, OrderStatus.PENDING_REPLACE), successor(old))

        hear(account, execution(old, 100, "101", 100), successor(old, OrderStatus.REJECTED))

        old.refresh_from_db()
        assert (old.status, the().status) == (OrderStatus.FILLED, OrderStatus.REJECTED)
        assert on_its_way(account) == 0
        assert Position.objects.get().quantity == 100

    def test_works_on_where_its_replacement_was_refused(self, account: Account, old: Order) -> None:
        hear(account, report(old, OrderStatus.PENDING_REPLACE), successor(old, OrderStatus.REJECTED))

        hear(account, report(old, OrderStatus.ACCEPTED, event="order_replace_rejected"))

        old.refresh_from_db()
        assert (old.status, the().status) == (OrderStatus.ACCEPTED, OrderStatus.REJECTED)
        assert on_its_way(account) == 100

    def test_may_be_replaced_twice(self, account: Account, old: Order) -> None:
        last = successor(old, name="b-last", replaces="b-new")

        outcome = hear(account, last)[0]
        hear(account, replaced(old), successor(old, OrderStatus.REPLACED, replaced_by="b-last"), last)

        assert outcome == Outcome.UNRECOGNISED
        assert [order.status for order in Order.objects.order_by("pk")] == ["replaced", "replaced", "accepted"]
        assert the("b-last").replaces == the()
        assert on_its_way(account) == 100

    def test_is_told_of_by_an_answer_that_bears_its_words(self, account: Account, old: Order) -> None:
        """The broker may give the new order the old one's client id."""
        hear(account, successor(old, client_order_id=old.client_order_id))

        old.refresh_from_db()
        assert (old.broker_order_id != "b-new", the().status) == (True, OrderStatus.ACCEPTED)

    def test_is_followed_by_reports_taken_at_once(self, account: Account, old: Order) -> None:
        told = [replaced(old), successor(old, OrderStatus.REPLACED, replaced_by="b-last")]
        told.append(successor(old, name="b-last", replaces="b-new"))

        strangers = orders.apply_reports(account, told, now=WALL, heard=Heard.POLL)

        assert strangers == []
        assert [order.status for order in Order.objects.order_by("pk")] == ["replaced", "replaced", "accepted"]


class TestAReplacedStop:
    def test_goes_on_covering_the_shares(self, account: Account) -> None:
        entry = sent(account, bracket=True)
        stop = leg(entry, "stop", OrderStatus.ACCEPTED)
        hear(account, report(entry, OrderStatus.ACCEPTED, legs=(stop,)), execution(entry, 100, "100", 100))
        moved = replace(stop, broker_order_id="b-moved", client_order_id="c-m", stop_price=Decimal(97))

        hear(
            account,
            replace(stop, status=OrderStatus.REPLACED, replaced_by="b-moved"),
            replace(moved, replaces=stop.broker_order_id),
        )

        row = the("b-moved")
        assert (row.purpose, row.parent, row.stop_price, row.quantity) == ("stop", entry, 97, 100)
        assert protection.naked(books.read(account.pk)) == {}
