"""A week of live beside paper by the same rule: told once, for a person to close; blind where it tells nothing."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

import pytest

from audit.models import AuditEvent
from risk.models import Breach
from tests.robot import NOW
from trading.models import Account, Instrument, Order, OrderIntent, Strategy
from trading.watching import against_paper

pytestmark = pytest.mark.django_db

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)
_ids = count(1)


def account(mode: str, rule: str = "trend") -> Account:
    made = Account.objects.create(number=f"{mode}{next(_ids)}", name=mode, mode=mode, created_at=NOW)
    Strategy.objects.create(
        account=made, name="one", rule=rule, symbols=["AAPL"], risk_fraction="0.001", active=True, created_at=NOW
    )
    return made


def trade(of: Account, price: str, on: date, filled: str = "10") -> None:
    """An entry of ten shares, decided at 100."""
    instrument, _ = Instrument.objects.get_or_create(symbol="AAPL")
    terms = {"account": of, "mode": of.mode, "instrument": instrument, "purpose": "entry", "side": "buy"}
    terms |= {"quantity": 10, "limit_price": 100}
    intent = OrderIntent.objects.create(
        id=uuid4(), strategy=of.strategies.get(), type="limit", time_in_force="day", order_class="simple",
        reference_price=100, approved=True, by="test", session_date=on, decided_at=NOW,
        created_at=NOW, **terms,
    )  # fmt: skip
    Order.objects.create(
        intent=intent, type="limit", time_in_force="day", client_order_id=str(intent.pk), status="filled",
        filled_quantity=Decimal(filled), booked_quantity=Decimal(filled), filled_average_price=Decimal(price),
        session_date=on, created_at=NOW, **terms,
    )  # fmt: skip


def week(live: Account, paper: Account, live_price: str) -> None:
    for day in range(5):
        trade(paper, ("100", "100.1", "100.2", "100.3", "100.4")[day], MONDAY - timedelta(days=14 - day))
        trade(live, live_price, MONDAY + timedelta(days=day))


class TestCompare:
    def test_tells_a_person_once_when_live_slips_otherwise(self) -> None:
        live, paper = account("live"), account("paper")
        week(live, paper, "100.5")

        found = against_paper.compare(live, FRIDAY, now=NOW)

        assert [each.code for each in found] == ["LIVE_SLIPS_OTHERWISE"]
        breach = Breach.objects.get()
        assert (breach.control, breach.stage, breach.closed_at) == (46, "WARNED", None)
        assert "0.5 % live and 0.2 % on paper" in breach.sentence
        assert against_paper.compare(live, FRIDAY, now=NOW) == []

    def test_is_content_where_live_does_as_paper(self) -> None:
        live, paper = account("live"), account("paper")
        week(live, paper, "100.2")

        assert against_paper.compare(live, FRIDAY, now=NOW) == []

    def test_says_that_it_is_blind_where_nothing_is_like_it(self) -> None:
        live, other = account("live"), account("paper", rule="another")
        week(live, other, "100.5")

        assert against_paper.compare(live, FRIDAY, now=NOW) == []
        assert AuditEvent.objects.filter(sentence__contains="tells nothing of live against paper").exists()

    @pytest.mark.parametrize(("mode", "day"), [("paper", FRIDAY), ("live", FRIDAY - timedelta(days=1))])
    def test_leaves_paper_and_a_week_that_goes_on(self, mode: str, day: date) -> None:
        assert against_paper.compare(account(mode), day, now=NOW) == []
        assert not AuditEvent.objects.exists()


class TestLastOfItsWeek:
    @pytest.mark.parametrize(
        ("day", "last"),
        [(FRIDAY, True), (date(2026, 4, 2), True), (date(2026, 4, 1), False), (date(2026, 12, 31), True)],
    )
    def test_knows_a_holiday_on_friday(self, day: date, last: bool) -> None:
        assert against_paper.is_last_of_its_week(day) is last
