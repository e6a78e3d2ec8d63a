"""People work off a case: one closes what agrees, two accept the broker's side, and nobody overwrites or trades."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User

from audit.models import AuditEvent
from risk import signoff
from risk.models import ChangeRequest
from tests import desk_people, voting
from tests.integration.trading.hands import by_hand, compare, move_cash, open_cases, open_desk
from tests.robot import WISHES, Robot
from trading.models import AccountState, AdjustingEntry, Fill, OrderIntent, Position, ReconciliationBreak
from trading.reconciling import cases

pytestmark = pytest.mark.django_db


@contextmanager
def peopled(minutes: int = 1) -> Iterator[tuple[Robot, desk_people.People]]:
    with open_desk(minutes) as desk:
        people = desk_people.three(desk.now)
        for user in (people.ann, people.ben):
            user.user_permissions.add(Permission.objects.get(codename="change_reconciliationbreak"))
        yield desk, desk_people.People(*(User.objects.get(pk=each.pk) for each in (people.ann, people.ben, people.eve)))


def the(kind: str) -> ReconciliationBreak:
    return ReconciliationBreak.objects.get(kind=kind, status="open")


def accepted(desk: Robot, people: desk_people.People, case: ReconciliationBreak, price: str = "") -> ChangeRequest:
    asked = cases.request(case, reason="the broker is right", price=price, by=people.ann, now=desk.now)
    return voting.cast(asked.pk, by=people.ben, now=desk.now)


def carry_out(desk: Robot, people: desk_people.People, asked: ChangeRequest) -> ReconciliationBreak:
    return cases.carry_out(asked, by_user=people.ben, now=desk.now)


def settle(desk: Robot) -> None:
    """Old enough for its fills to be compared with the activities."""
    desk.minutes(3)


class TestClose:
    def test_refuses_while_both_sides_differ(self) -> None:
        with peopled() as (desk, people):
            move_cash(desk, "-5")
            compare(desk)

            with pytest.raises(cases.NotClosed, match="still differ"):
                cases.close(the("cash"), reason="looks fine", by=people.ann, now=desk.now)

            assert len(open_cases()) == 1
            assert AuditEvent.objects.filter(event="reconciliation.closing_refused").count() == 1

    def test_closes_what_went_by_itself_and_frees_the_symbol(self) -> None:
        with peopled(minutes=3) as (desk, people):
            order = by_hand(desk, price="90")
            compare(desk)
            desk.gateway.cancel(order)

            cases.close(the("order"), reason="canceled by its owner", by=people.ann, now=desk.now)

            case = ReconciliationBreak.objects.get()
            assert (case.status, case.resolved_by) == ("resolved", "ann")
            assert "canceled by its owner" in case.resolution
            WISHES.by_minute["AAPL", desk.account.passes.count() + 1] = "long"
            desk.minutes(2)
            assert OrderIntent.objects.get().approved

    @pytest.mark.parametrize(
        ("who", "reason", "sentence"),
        [("ann", "  ", "without a reason"), ("eve", "because", "eve may not close cases")],
    )
    def test_takes_a_reason_and_the_permission(self, who: str, reason: str, sentence: str) -> None:
        with peopled() as (desk, people):
            move_cash(desk, "-5")
            compare(desk)

            for act in (cases.close, cases.request):
                with pytest.raises(cases.NotClosed, match=sentence):
                    act(the("cash"), reason=reason, by=getattr(people, who), now=desk.now)

            assert AuditEvent.objects.filter(event="reconciliation.closing_refused").count() == 2

    def test_happens_once(self) -> None:
        with peopled() as (desk, people):
            move_cash(desk, "-5")
            compare(desk)
            case = the("cash")
            move_cash(desk, "5")
            cases.close(case, reason="came back", by=people.ann, now=desk.now)

            with pytest.raises(cases.NotClosed, match="closed already, by ann"):
                cases.close(case, reason="again", by=people.ben, now=desk.now)

    def test_changes_nothing_when_the_broker_is_away(self) -> None:
        with peopled() as (desk, people):
            move_cash(desk, "-5")
            compare(desk)
            desk.venue.stop()

            with pytest.raises(cases.NotClosed, match="could not be asked"):
                cases.close(the("cash"), reason="x", by=people.ann, now=desk.now)

            assert len(open_cases()) == 1


class TestAccept:
    def test_moves_the_cash_ledger_by_two_people(self) -> None:
        with peopled() as (desk, people):
            move_cash(desk, "12.34")
            compare(desk)

            carry_out(desk, people, accepted(desk, people, the("cash")))

            assert AccountState.objects.get().ledger_cash == Decimal("100012.34")
            assert AdjustingEntry.objects.get().cash == Decimal("12.34")
            assert AuditEvent.objects.get(event="books.adjusted").severity == "critical"
            assert (compare(desk).outcome, open_cases()) == ("clean", [])

    def test_takes_a_strangers_order_into_the_books(self) -> None:
        with peopled() as (desk, people):
            by_hand(desk)
            settle(desk)
            compare(desk)
            resting = len(desk.gateway.open_orders())

            carry_out(desk, people, accepted(desk, people, the("fill")))

            held, fill = Position.objects.get(), Fill.objects.get()
            assert (held.quantity, held.average_price, fill.order.purpose) == (5, fill.price, "adjust")
            assert AccountState.objects.get().ledger_cash == desk.gateway.account().cash
            assert len(desk.gateway.open_orders()) == resting
            assert compare(desk).outcome == "clean"
            assert open_cases() == []

    def test_books_shares_without_a_trade_at_the_price_given(self) -> None:
        with peopled() as (desk, people):
            ledger = desk.venue.venue.exchange._account(desk.account.number).ledger
            desk.venue.call(lambda: ledger.trade("MSFT", Decimal(4), Decimal(50)))
            compare(desk)

            carry_out(desk, people, accepted(desk, people, the("position"), price="50"))

            assert (Position.objects.get().quantity, Position.objects.get().average_price) == (4, 50)
            assert compare(desk).outcome == "clean"

    @pytest.mark.parametrize("price", ["-1", "0", "NaN", "a lot", "1.0000001"])
    def test_refuses_what_is_no_price(self, price: str) -> None:
        with peopled() as (desk, people):
            ledger = desk.venue.venue.exchange._account(desk.account.number).ledger
            desk.venue.call(lambda: ledger.trade("MSFT", Decimal(4), Decimal(50)))
            compare(desk)

            with pytest.raises(cases.NotClosed, match="is not a price"):
                cases.request(the("position"), reason="x", price=price, by=people.ann, now=desk.now)

            assert not ChangeRequest.objects.exists()

    def test_takes_a_second_person(self) -> None:
        with peopled() as (desk, people):
            move_cash(desk, "-5")
            compare(desk)
            asked = cases.request(the("cash"), reason="a fee", by=people.ann, now=desk.now)

            with pytest.raises(signoff.NotAllowed, match="not approved"):
                cases.carry_out(asked, by_user=people.ann, now=desk.now)

            assert AccountState.objects.get().ledger_cash == 100_000

    def test_is_void_when_figures_moved_since(self) -> None:
        with peopled() as (desk, people):
            move_cash(desk, "-5")
            compare(desk)
            asked = accepted(desk, people, the("cash"))
            move_cash(desk, "-1")

            with pytest.raises(signoff.NotAllowed, match="moved on since"):
                carry_out(desk, people, asked)

            assert AccountState.objects.get().ledger_cash == 100_000
            assert not AdjustingEntry.objects.exists()
            assert AuditEvent.objects.filter(event="signoff.refused").exists()

    def test_happens_once(self) -> None:
        with peopled() as (desk, people):
            move_cash(desk, "-5")
            compare(desk)
            asked = accepted(desk, people, the("cash"))
            carry_out(desk, people, asked)

            with pytest.raises(cases.NotClosed, match="closed already"):
                carry_out(desk, people, asked)

            assert AccountState.objects.get().ledger_cash == 99_995

    def test_of_an_order_is_refused_with_the_remedy(self) -> None:
        with peopled() as (desk, people):
            by_hand(desk, price="90")
            compare(desk)

            with pytest.raises(cases.NotClosed, match="Cancel it at the broker"):
                cases.request(the("order"), reason="x", by=people.ann, now=desk.now)
