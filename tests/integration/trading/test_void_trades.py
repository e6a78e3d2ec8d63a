"""A trade the broker declares void or corrects becomes a case, and books follow by appended entries."""

from decimal import Decimal

import pytest

from tests.integration.trading.hands import compare, enter, open_cases
from tests.integration.trading.test_cases import accepted, carry_out, peopled, settle, the
from tests.robot import Robot
from trading.models import AccountState, AdjustingEntry, Fill, Position
from trading.reconciling import cases
from trading.venue.incidents import Incident

pytestmark = pytest.mark.django_db


def happen(desk: Robot, what: str, figure: str = "0") -> None:
    """Let the venue void or correct its last trade."""
    exchange = desk.venue.venue.exchange
    last = exchange._account(desk.account.number).executions[-1]
    incident = Incident(what, desk.account.number, last.execution_id, Decimal(figure))
    desk.venue.call(lambda: exchange.happen(incident))


class TestVoidTrade:
    def test_becomes_a_case_and_is_taken_back_by_an_opposite_entry(self) -> None:
        with peopled(minutes=3) as (desk, people):
            bought = enter(desk)
            settle(desk)
            cash = AccountState.objects.get().ledger_cash
            happen(desk, "bust")

            compare(desk)

            assert "no such fill" in [seen for *_, seen in open_cases()]
            with pytest.raises(cases.NotClosed, match="fill of AAPL explains this"):
                cases.request(the("position"), reason="x", by=people.ann, now=desk.now)
            fill = Fill.objects.get(order=bought)
            carry_out(desk, people, accepted(desk, people, the("fill")))
            assert Fill.objects.get(pk=fill.pk).quantity == fill.quantity
            assert Position.objects.get().quantity == 0
            assert AccountState.objects.get().ledger_cash == (cash or 0) + fill.quantity * fill.price
            assert AdjustingEntry.objects.get().reverses == fill
            compare(desk)
            assert {kind for kind, *_ in open_cases()} <= {"order"}

    def test_corrected_in_price_is_booked_again(self) -> None:
        with peopled(minutes=3) as (desk, people):
            enter(desk)
            settle(desk)
            happen(desk, "correct", "0.25")
            compare(desk)

            carry_out(desk, people, accepted(desk, people, the("fill")))

            assert AdjustingEntry.objects.count() == 2
            assert compare(desk).outcome == "clean"
            assert AccountState.objects.get().ledger_cash == desk.gateway.account().cash
            assert open_cases() == []
