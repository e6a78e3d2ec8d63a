"""What the broker says of an order, in every order and as often as it likes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from audit.models import AuditEvent
from tests.orderpath import WALL, execution, leg, open_account, report, sent
from trading import orders
from trading.broker.gateway import OrderReport
from trading.choices import OrderStatus
from trading.models import Account, Fill, Order
from trading.orders import Heard, Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return open_account()


def hear(order: Order, said: OrderReport, heard: Heard = Heard.STREAM) -> Outcome:
    outcome = orders.apply_report(order.account, said, now=WALL, heard=heard)
    order.refresh_from_db()
    return outcome


class TestApplyReport:
    def test_moves_the_order_and_tells_it_once(self, account: Account) -> None:
        order = sent(account)
        said = report(order, OrderStatus.ACCEPTED)

        first, second = hear(order, said), hear(order, said)

        assert (first, second) == (Outcome.APPLIED, Outcome.NOTHING_NEW)
        assert order.status == OrderStatus.ACCEPTED
        assert order.broker_order_id == said.broker_order_id
        assert AuditEvent.objects.filter(event="order.accepted").count() == 1

    def test_finds_the_order_by_our_id_before_the_answer_is_in(self, account: Account) -> None:
        order = sent(account)

        hear(order, execution(order, 100, "100.5", 100))
        answered = hear(order, report(order, OrderStatus.ACCEPTED), Heard.ANSWER)

        assert answered == Outcome.NOTHING_NEW
        assert order.status == OrderStatus.FILLED
        assert order.filled_average_price == Decimal("100.5")

    def test_takes_an_unknown_word_for_a_sign_of_life_and_no_more(self, account: Account) -> None:
        order, partly = sent(account), sent(account)
        hear(partly, execution(partly, 40, "100", 40))

        hear(order, report(order, None))
        hear(partly, report(partly, None, 40))

        assert order.status == OrderStatus.ACCEPTED
        assert order.broker_status == "from the future"
        assert partly.status == OrderStatus.PARTIALLY_FILLED

    @pytest.mark.parametrize(
        "late", [OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_CANCEL, OrderStatus.CANCELED]
    )
    def test_lets_no_older_snapshot_undo_a_fill(self, account: Account, late: OrderStatus) -> None:
        order = sent(account)
        hear(order, execution(order, 100, "100", 100))

        outcome = hear(order, report(order, late, 0), Heard.POLL)

        assert outcome == Outcome.NOTHING_NEW
        assert (order.status, order.filled_quantity) == (OrderStatus.FILLED, 100)

    def test_lets_no_older_snapshot_take_back_a_part(self, account: Account) -> None:
        order = sent(account)
        hear(order, execution(order, 70, "100", 70))

        hear(order, report(order, OrderStatus.PARTIALLY_FILLED, 40, "100"), Heard.POLL)

        assert (order.status, order.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, 70)

    def test_books_a_fill_that_overtook_its_cancel(self, account: Account) -> None:
        order = sent(account)
        hear(order, report(order, OrderStatus.CANCELED, 0))

        hear(order, execution(order, 100, "100", 100))

        assert (order.status, order.booked_quantity) == (OrderStatus.FILLED, 100)

    def test_keeps_a_cancel_that_overtook_a_partial_fill(self, account: Account) -> None:
        order = sent(account)
        hear(order, report(order, OrderStatus.CANCELED, 40, "100"))

        outcome = hear(order, execution(order, 40, "100", 40))

        assert outcome == Outcome.APPLIED
        assert (order.status, order.filled_quantity, order.booked_quantity) == (OrderStatus.CANCELED, 40, 40)

    def test_keeps_the_part_of_an_order_canceled_later(self, account: Account) -> None:
        order = sent(account)
        hear(order, execution(order, 40, "100", 40))

        hear(order, report(order, OrderStatus.CANCELED, 40, "100"))

        assert (order.status, order.booked_quantity) == (OrderStatus.CANCELED, 40)
        assert order.finished_at is not None
        assert not Order.objects.working().exists()

    def test_ends_a_replaced_order_and_still_takes_its_fill(self, account: Account) -> None:
        order = sent(account)
        hear(order, report(order, OrderStatus.ACCEPTED))
        hear(order, report(order, OrderStatus.REPLACED, replaced_by="b-new"))

        hear(order, execution(order, 100, "100", 100))

        assert order.status == OrderStatus.FILLED

    def test_does_not_know_an_order_of_another_account(self, account: Account) -> None:
        stranger = sent(open_account("PA0000002"))
        said = report(stranger, OrderStatus.FILLED, 100, "100")

        outcome = orders.apply_report(account, said, now=WALL, heard=Heard.STREAM)

        stranger.refresh_from_db()
        assert outcome == Outcome.UNRECOGNISED
        assert stranger.status == OrderStatus.SUBMITTED

    def test_says_that_a_fill_is_missing(self, account: Account) -> None:
        order = sent(account)

        outcome = hear(order, report(order, OrderStatus.FILLED, 100, "100"), Heard.POLL)

        assert outcome == Outcome.FILL_MISSING
        assert not Fill.objects.exists()

    def test_revives_an_order_withdrawn_for_want_of_proof(self, account: Account) -> None:
        order = sent(account, status=OrderStatus.WITHDRAWN)

        hear(order, report(order, OrderStatus.ACCEPTED), Heard.POLL)

        assert order in Order.objects.working()
        assert AuditEvent.objects.get(event="order.accepted").severity == "critical"


class TestLegs:
    def test_become_orders_of_the_same_intent(self, account: Account) -> None:
        order = sent(account, bracket=True)
        legs = (leg(order, "target", OrderStatus.HELD), leg(order, "stop", OrderStatus.HELD))

        hear(order, report(order, OrderStatus.ACCEPTED, legs=legs), Heard.ANSWER)
        hear(order, report(order, OrderStatus.ACCEPTED, legs=legs), Heard.POLL)

        assert [(row.purpose, row.status) for row in order.legs.order_by("pk")] == [
            ("target", "held"),
            ("stop", "held"),
        ]
        assert {row.intent_id for row in order.legs.all()} == {order.intent_id}

    def test_told_before_their_parent_are_not_recognised_and_then_are(self, account: Account) -> None:
        order = sent(account, bracket=True)
        first = orders.apply_report(account, leg(order, "stop", OrderStatus.HELD), now=WALL, heard=Heard.STREAM)

        hear(order, report(order, OrderStatus.ACCEPTED, legs=(leg(order, "stop", OrderStatus.HELD),)), Heard.ANSWER)
        second = orders.apply_report(account, leg(order, "stop", OrderStatus.ACCEPTED), now=WALL, heard=Heard.STREAM)

        assert (first, second) == (Outcome.UNRECOGNISED, Outcome.APPLIED)
        assert order.legs.get().status == OrderStatus.ACCEPTED

    def test_are_kept_without_a_client_id_or_with_one_that_is_taken(self, account: Account) -> None:
        order = sent(account, bracket=True)
        nameless = replace(leg(order, "stop", OrderStatus.HELD), client_order_id="")
        borrowed = replace(leg(order, "target", OrderStatus.HELD), client_order_id=order.client_order_id)

        hear(order, report(order, OrderStatus.ACCEPTED, legs=(nameless, borrowed)), Heard.ANSWER)

        assert set(order.legs.values_list("client_order_id", flat=True)) == {
            nameless.broker_order_id,
            borrowed.broker_order_id,
        }

    def test_shrink_with_what_the_other_leg_sold_and_never_grow_again(self, account: Account) -> None:
        order = sent(account, bracket=True)
        whole, smaller = leg(order, "stop", OrderStatus.ACCEPTED), leg(order, "stop", OrderStatus.ACCEPTED, quantity=60)

        nothing = leg(order, "stop", OrderStatus.CANCELED, quantity=0)
        for stop in (whole, smaller, whole, nothing):
            hear(order, report(order, OrderStatus.FILLED, 100, "100", legs=(stop,)), Heard.POLL)

        assert (order.legs.get().quantity, order.legs.get().status) == (60, "canceled")

    def test_replaced_at_the_broker_are_followed_by_a_new_row(self, account: Account) -> None:
        order = sent(account, bracket=True)
        old, new = leg(order, "stop", OrderStatus.ACCEPTED), leg(order, "stop", OrderStatus.ACCEPTED)
        new = replace(new, broker_order_id="b-moved", client_order_id="c-moved", stop_price=Decimal(97))
        gone = replace(old, status=OrderStatus.REPLACED, replaced_by="b-moved")
        hear(order, report(order, OrderStatus.FILLED, 0, legs=(old,)), Heard.POLL)

        hear(order, report(order, OrderStatus.FILLED, 0, legs=(gone, new)))

        rows = dict(order.legs.values_list("broker_order_id", "status"))
        assert rows == {old.broker_order_id: "replaced", "b-moved": "accepted"}
