"""What the database refuses, whatever the program says: every statement here is sent as the program's own role."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.orderpath import CASH, WALL, execution, open_account, report, sent
from trading import orders
from trading.choices import LEGAL_MOVES, OrderStatus, Side
from trading.models import Account, Order, Strategy
from trading.orders import Heard
from trading.targets import Target

pytestmark = pytest.mark.django_db

ILLEGAL = [(a, b) for a in OrderStatus for b in OrderStatus if a != b and b not in LEGAL_MOVES[a]]
RECORD = ("trading_orderintent", "trading_signal", "trading_fill", "trading_fillsighting", "trading_lotclosing")


@pytest.fixture
def account() -> Account:
    return open_account()


def refusal(statement: str, *values: Any) -> str:
    """What the database says to a raw statement; fails where it says nothing."""
    with pytest.raises(DatabaseError) as said, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(said.value)


def refused(do: Callable[[], object]) -> str:
    with pytest.raises(DatabaseError) as said, transaction.atomic():
        do()
    return str(said.value)


def set_status(order: Order, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trading_order SET status = %s WHERE id = %s", [status, order.pk])


class TestOrder:
    def test_makes_no_move_that_is_not_in_the_table(self, account: Account) -> None:
        rows = {}
        for status in OrderStatus:
            # A state is reached by a legal road, for no other one is open.
            order = sent(account)
            if status != OrderStatus.SUBMITTED:
                set_status(order, status)
            rows[status] = order

        accepted = [(a, b) for a, b in ILLEGAL if not _is_refused(rows[a], b)]

        assert accepted == []

    def test_makes_every_move_that_is(self, account: Account) -> None:
        for before, moves in LEGAL_MOVES.items():
            for after in moves:
                order = sent(account)
                if before != OrderStatus.SUBMITTED:
                    set_status(order, before)

                set_status(order, after)

    def test_never_fills_less_than_it_did(self, account: Account) -> None:
        order = sent(account)
        orders.apply_report(account, execution(order, 40, "100", 40), now=WALL, heard=Heard.STREAM)

        said = refusal("UPDATE trading_order SET filled_quantity = 39 WHERE id = %s", order.pk)

        assert "Cannot update" in said

    def test_never_fills_more_than_was_ordered(self, account: Account) -> None:
        order = sent(account)

        said = refusal("UPDATE trading_order SET filled_quantity = 101 WHERE id = %s", order.pk)

        assert "order_filled_between_zero_and_quantity" in said

    @pytest.mark.parametrize(
        "change", ["side = 'sell'", "client_order_id = 'other'", "mode = 'live'", "instrument_id = instrument_id + 1"]
    )
    def test_never_becomes_another_order(self, account: Account, change: str) -> None:
        order = sent(account)

        said = refusal(f"UPDATE trading_order SET {change} WHERE id = %s", order.pk)  # noqa: S608 words of this test

        assert "Cannot update" in said or "foreign key" in said

    def test_is_never_deleted(self, account: Account) -> None:
        order = sent(account)

        said = refusal("DELETE FROM trading_order WHERE id = %s", order.pk)

        assert "Cannot delete" in said or "permission denied" in said

    def test_is_the_only_root_of_its_intent(self, account: Account) -> None:
        order = sent(account)
        again = Order.objects.get(pk=order.pk)
        again.pk, again.client_order_id = None, "another id"

        assert "order_one_root_per_intent" in refused(again.save)

    def test_has_a_client_id_and_a_broker_id_of_its_own(self, account: Account) -> None:
        first, second = sent(account), sent(account)
        orders.apply_report(account, report(first, OrderStatus.ACCEPTED), now=WALL, heard=Heard.ANSWER)
        first.refresh_from_db()

        said = refusal("UPDATE trading_order SET broker_order_id = %s WHERE id = %s", first.broker_order_id, second.pk)

        assert "broker_order_id" in said

    def test_belongs_to_the_world_of_its_account(self, account: Account) -> None:
        order = sent(account)
        intent = order.intent
        intent.pk, intent.mode = None, "live"
        intent._state.adding = True

        def write() -> None:
            from uuid import uuid4

            intent.id = uuid4()
            intent.save(force_insert=True)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        assert "mode_of_its_account" in refused(write)


def _is_refused(order: Order, status: OrderStatus) -> bool:
    try:
        with transaction.atomic():
            set_status(order, status)
            transaction.set_rollback(True)
    except DatabaseError:
        return True
    return False


class TestTheRecord:
    @pytest.fixture(autouse=True)
    def _filled(self, account: Account) -> None:
        """A signal, two orders, two fills with their sightings, and a closing."""
        strategy = Strategy.objects.create(
            account=account, name="s", rule="r", symbols=["AAPL"], risk_fraction="0.001", created_at=WALL
        )
        bought, sold = sent(account), sent(account, side=Side.SELL)
        orders.record_signal(
            strategy, bought.instrument, Target("AAPL", "flat", CASH / CASH, "why"), bar_at=WALL, now=WALL
        )
        for order in (bought, sold):
            orders.apply_report(account, execution(order, 100, "100", 100), now=WALL, heard=Heard.STREAM)

    @pytest.mark.parametrize("table", RECORD)
    def test_is_never_changed_removed_or_emptied(self, table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 words of this test
            assert cursor.fetchone()[0] > 0
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608
            said = refusal(statement)
            assert "permission denied" in said or "Cannot" in said

    @pytest.mark.parametrize("table", [*RECORD, "trading_order"])
    def test_has_triggers_that_the_program_can_not_switch_off(self, table: str) -> None:
        assert "must be owner" in refusal(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        assert "permission denied" in refusal("SET session_replication_role = replica")

    def test_has_each_fill_of_an_order_once(self) -> None:
        from trading.models import Fill

        fill = Fill.objects.order_by("pk").first()
        assert fill is not None
        fill.pk = None
        fill._state.adding = True

        assert "fill_once" in refused(fill.save)
