"""Running sums equal the orders they stand for after whatever happens to those, and the database alone writes them."""

import random
from decimal import Decimal

import pytest
from django.db import connections

from audit.models import AuditEvent
from tests.integration.risk import raw
from tests.integration.trading.hands import compare, open_cases, open_desk
from tests.orderpath import MARKET, leg, open_account, sent
from trading.choices import LEGAL_MOVES, OrderStatus, Purpose, Side
from trading.models import Account, DayCount, OpenSum, Order
from trading.orders import legs
from trading.reading import standing, sums

STEPS = 60


def bracket(account: Account, draw: random.Random) -> None:
    """An entry with the legs the broker holds back for it, or a lone order of some purpose."""
    symbol, quantity = draw.choice(("AAPL", "MSFT")), draw.randrange(1, 50)
    if draw.random() < 0.4:
        sent(
            account, symbol=symbol, quantity=quantity, purpose=draw.choice(list(Purpose)), side=draw.choice(list(Side))
        )
        return
    entry = sent(account, symbol=symbol, quantity=quantity, bracket=draw.random() < 0.8)
    for name in ("stop", "target"):
        legs.find_or_open(entry, leg(entry, name, OrderStatus.HELD), now=MARKET)


def moved(order: Order, draw: random.Random) -> dict[str, object]:
    """Some change that the table's triggers let pass."""
    filled = order.filled_quantity + draw.choice((0, 0, order.quantity - order.filled_quantity))
    return {
        "status": draw.choice([order.status, *sorted(LEGAL_MOVES[OrderStatus(order.status)])]),
        "filled_quantity": filled,
        "booked_quantity": draw.choice((order.booked_quantity, filled)),
        "stop_price": draw.choice((order.stop_price, Decimal(draw.randrange(80, 99)), None)),
    }


def change_together(rows: list[Order], draw: random.Random) -> None:
    """Several rows in one statement, as the orders of an intent are when a halt reads them back."""
    for row in rows:
        for name, value in moved(row, draw).items():
            setattr(row, name, value)
    Order.objects.bulk_update(rows, ["status", "filled_quantity", "booked_quantity", "stop_price"])


@pytest.mark.django_db
class TestDisagreements:
    @pytest.mark.parametrize("seed", range(12))
    def test_are_none_whatever_happens_to_orders(self, seed: int) -> None:
        draw, account = random.Random(seed), open_account()
        for _ in range(STEPS):
            rows = list(Order.objects.order_by("pk"))
            if not rows or draw.random() < 0.3:
                bracket(account, draw)
            elif draw.random() < 0.5:
                one = draw.choice(rows)
                Order.objects.filter(pk=one.pk).update(**moved(one, draw))
            else:
                intent = draw.choice(rows).intent_id
                change_together([row for row in rows if row.intent_id == intent], draw)

            assert sums.disagreements(account.pk) == []

        assert OpenSum.objects.filter(account=account).exists()

    def test_are_of_one_account_alone(self) -> None:
        first, second = open_account(), open_account("PA0000002")

        sent(first, quantity=7)

        assert [each.entries for each in OpenSum.objects.filter(account=first)] == [1]
        assert not OpenSum.objects.filter(account=second).exists()


@pytest.mark.django_db
class TestDayCount:
    def test_counts_what_was_approved_and_may_be_sent(self) -> None:
        account = open_account()
        sent(account, symbol="AAPL")
        sent(account, symbol="AAPL", purpose=Purpose.EXIT, side=Side.SELL)
        sent(account, symbol="MSFT", purpose=Purpose.ADJUST)

        counted = [(row.instrument.symbol, row.entries, row.messages) for row in DayCount.objects.all()]

        assert counted == [("AAPL", 1, 2)]

    def test_is_what_a_decision_reads(self) -> None:
        account = open_account()
        for symbol in ("AAPL", "AAPL", "MSFT"):
            sent(account, symbol=symbol)

        found = standing.read(account.pk, "AAPL", marks="{}", market_now=MARKET)

        assert (found.entries_today, found.entries_today_symbol, found.messages_today) == (3, 2, 3)


@pytest.mark.django_db
class TestTheProgramsRole:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE trading_opensum SET value = 0",
            "DELETE FROM trading_opensum",
            "INSERT INTO trading_daycount SELECT * FROM trading_daycount",
            "UPDATE trading_daycount SET entries = 0",
        ],
    )
    def test_writes_no_sum(self, sql: str) -> None:
        sent(open_account())

        raw.refused(sql, match="permission denied")


def forge(account: Account) -> None:
    """What no code of ours can do: a sum is put wrong by the owner of the database."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE trading_opensum SET value = value + 1 WHERE account_id = %s", [account.pk])


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
class TestCompare:
    def test_opens_a_case_that_blocks_every_symbol_and_adds_up_anew(self) -> None:
        with open_desk() as desk:
            sent(desk.account, quantity=3, limit="50")
            forge(desk.account)

            compare(desk)

            (case,) = [each for each in open_cases() if each[0] == "sums"]
            told = AuditEvent.objects.filter(event="reconciliation.break_opened", sentence__contains="running sums")
            blocked = standing.read(desk.account.pk, "MSFT", marks="{}", market_now=MARKET).blocked
            assert case == ("sums", "", "value 151", "value 150")
            assert told.get().severity == "critical"
            assert blocked["*"] == "an open reconciliation break (sums)"
            assert sums.disagreements(desk.account.pk) == []

    def test_closes_the_case_once_they_are_equal(self) -> None:
        with open_desk() as desk:
            sent(desk.account, quantity=3, limit="50")
            forge(desk.account)
            compare(desk)

            compare(desk)

            assert [each for each in open_cases() if each[0] == "sums"] == []
