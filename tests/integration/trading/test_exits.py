"""Leaving a position, keeping it under a stop, and the turn of the day, against a running venue."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditEvent
from risk import halts
from tests.orderpath import Wrapped, going, raising
from tests.robot import SYMBOLS, WISHES, Robot, Scripted, robot, script
from tests.venue import DAYS, Script, bar
from trading import leases, orders
from trading.broker.gateway import OutcomeUnknown
from trading.choices import OrderStatus, Purpose
from trading.models import Account, AccountState, EnginePass, EquityMark, Order, OrderIntent, Position
from trading.proposing import protection
from trading.reading import books

pytestmark = pytest.mark.django_db


def books_equal(desk: Robot) -> bool:
    theirs = {held.symbol: held.quantity for held in desk.gateway.positions()}
    ours = dict(Position.objects.exclude(quantity=0).values_list("instrument__symbol", "quantity"))
    return ours == theirs and AccountState.objects.get().ledger_cash == desk.gateway.account().cash


def bought(desk: Robot) -> Decimal:
    """Buy AAPL at minute 6 and see it filled and protected."""
    WISHES.by_minute["AAPL", 6] = "long"
    desk.minutes(9)
    held = Position.objects.get().quantity
    assert held > 0
    return held


class TestLeaving:
    def test_cancels_the_legs_and_then_sells_all_of_it(self) -> None:
        with robot() as desk:
            held = bought(desk)
            WISHES.by_minute["AAPL", 9] = "flat"

            desk.minutes(3)

            sold = Order.objects.get(purpose=Purpose.EXIT)
            legs = Order.objects.filter(parent__isnull=False)
            assert (sold.quantity, sold.status) == (held, OrderStatus.FILLED)
            assert {leg.status for leg in legs} == {OrderStatus.CANCELED}
            assert books_equal(desk)

    def test_is_no_repeat_of_the_protection_it_cancels(self) -> None:
        """The pass arms what lies bare and then leaves it: the second order sells what the first no longer does."""
        with robot() as desk:
            bought(desk)
            for leg in Order.objects.working().filter(purpose=Purpose.STOP):
                desk.gateway.cancel(leg.broker_order_id or "")
            WISHES.by_minute["AAPL", 9] = "flat"

            desk.minutes(3)

            assert OrderIntent.objects.filter(purpose=Purpose.EXIT, approved=True).count() == 2
            assert Position.objects.get().quantity == 0

    def test_touches_no_protection_while_a_halt_lets_no_exit_pass(self) -> None:
        with robot() as desk:
            bought(desk)
            number = desk.account.number
            halts.engage(level="H3", scope_kind="account", scope_key=number, reason="test", by="test", now=desk.now)
            WISHES.by_minute["AAPL", 9] = "flat"

            desk.minutes(3)

            assert Order.objects.working().filter(purpose=Purpose.STOP).exists()
            assert not OrderIntent.objects.filter(purpose=Purpose.EXIT).exists()

    def test_sells_nothing_that_a_racing_stop_has_sold(self) -> None:
        """The stop fills while the cancel is on its way: nothing may be sold a second time."""
        with robot(script(lambda symbol, minute: "100" if minute < 10 else "94")) as desk:
            bought(desk)
            WISHES.by_minute["AAPL", 9] = "flat"

            class Races(Wrapped):
                def cancel(self, broker_order_id: str) -> None:
                    if self.sends == 0:
                        desk.venue.step()
                        self.sends = 1
                    self.gateway.cancel(broker_order_id)

            honest, desk.gateway = desk.gateway, Races(desk.gateway)
            desk.minute()
            desk.gateway = honest
            desk.minutes(2)

            assert not OrderIntent.objects.filter(purpose=Purpose.EXIT).exists()
            assert Position.objects.get().quantity == 0
            assert books_equal(desk)

    def test_cancels_nothing_under_a_lease_that_was_taken_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A worker that stood still over its rule wakes up when another one acts for the account."""
        with robot() as desk:
            bought(desk)
            WISHES.by_minute["AAPL", 9] = "flat"
            evaluate = Scripted.evaluate

            def stand_still(*arguments: Any) -> Any:
                leases.acquire(desk.account.pk, holder="other", now=desk.now + 2 * leases.LEASE)
                return evaluate(*arguments)

            monkeypatch.setattr(Scripted, "evaluate", stand_still)
            with pytest.raises(leases.Fenced):
                desk.minute()

            assert not AuditEvent.objects.filter(event="order.cancel_requested").exists()
            assert not Order.objects.filter(purpose=Purpose.EXIT).exists()

    def test_waits_while_an_order_still_holds_the_shares(self) -> None:
        with robot() as desk:
            bought(desk)
            WISHES.by_minute["AAPL", 9] = "flat"

            class Deaf(Wrapped):
                def cancel(self, broker_order_id: str) -> None:
                    """Taken, and not carried out yet."""

            honest, desk.gateway = desk.gateway, Deaf(desk.gateway)
            desk.minute()
            desk.gateway = honest

            assert not Order.objects.filter(purpose=Purpose.EXIT).exists()
            assert protection.naked(books.read(desk.account.pk)) == {}


class TestProtection:
    def test_arms_a_position_whose_stop_is_gone(self) -> None:
        with robot() as desk:
            held = bought(desk)
            for leg in Order.objects.filter(purpose=Purpose.STOP):
                desk.gateway.cancel(leg.broker_order_id or "")

            desk.minute()
            naked = protection.naked(books.read(desk.account.pk))
            desk.minute()

            stop = Order.objects.working().get(purpose=Purpose.STOP)
            assert naked == {}
            assert (stop.quantity, stop.order_class) == (held, "oco")
            assert books_equal(desk)

    def test_arms_it_between_two_decisions_too(self) -> None:
        with robot() as desk:
            bought(desk)
            Account.objects.update(trade_interval_minutes=390)
            desk.account.refresh_from_db()
            for leg in Order.objects.filter(purpose=Purpose.STOP):
                desk.gateway.cancel(leg.broker_order_id or "")

            desk.minutes(2)

            assert Order.objects.working().filter(purpose=Purpose.STOP).exists()

    def test_comes_before_a_strategy_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with robot() as desk:
            bought(desk)
            for leg in Order.objects.filter(purpose=Purpose.STOP):
                desk.gateway.cancel(leg.broker_order_id or "")

            def broken(*_: object) -> None:
                raise ZeroDivisionError

            monkeypatch.setattr(Scripted, "evaluate", broken)
            with pytest.raises(ZeroDivisionError):
                desk.minute()

            assert Order.objects.working().filter(purpose=Purpose.STOP).exists()

    def test_waits_for_an_order_without_an_answer(self) -> None:
        with robot() as desk:
            bought(desk)
            for leg in Order.objects.filter(purpose=Purpose.STOP):
                desk.gateway.cancel(leg.broker_order_id or "")
            honest = desk.gateway
            desk.gateway = Wrapped(honest, before=raising(OutcomeUnknown("no answer")))

            desk.minutes(3)

            assert OrderIntent.objects.filter(order_class="oco").count() == 1

    def test_cancels_an_entry_nobody_took_for_a_minute(self) -> None:
        with robot() as desk:
            desk.minute()
            entry = going(desk.account, limit="80", bracket=False, at=desk.gateway.clock().at, now=desk.now)
            with leases.held(desk.account.pk, holder="test", now=desk.now) as lease:
                assert lease is not None
                sent = orders.send(entry, gateway=desk.gateway, lease=lease, now=desk.now)
            statuses = []

            for _ in range(3):
                desk.minute()
                sent.refresh_from_db()
                statuses.append(sent.status)

            assert statuses[-1] == OrderStatus.CANCELED
            requested = AuditEvent.objects.get(event="order.cancel_requested", order=sent.client_order_id)
            assert "not filled in time" in requested.sentence


class TestTheTurnOfTheDay:
    def test_keeps_the_position_its_stop_and_its_counters(self) -> None:
        def minute(day: int, number: int) -> list[Any]:
            start = DAYS[day].open + timedelta(minutes=number)
            return [bar(symbol, start, "100" if day == 0 else "101") for symbol in SYMBOLS]

        two_days = Script([[minute(day, number) for number in range(12)] for day in range(2)], SYMBOLS)
        with robot(two_days) as desk:
            held = bought(desk)
            desk.minutes(3)
            first_equity = EquityMark.objects.order_by("-at").first()

            desk.now += timedelta(hours=17)
            passes = desk.minutes(3)

            assert {made.session_date for made in passes} == {DAYS[1].date}
            assert all(made.outcome == EnginePass.Outcome.DONE for made in passes)
            assert Position.objects.get().quantity == held
            stop = Order.objects.working().get(purpose=Purpose.STOP)
            assert stop.status == OrderStatus.ACCEPTED
            assert protection.naked(books.read(desk.account.pk)) == {}
            mark = EquityMark.objects.order_by("-at").first()
            assert first_equity is not None
            assert mark is not None
            assert (mark.session_date, mark.realised_pnl) == (DAYS[1].date, 0)
            assert mark.equity == first_equity.equity + held
            assert mark.day_pnl == held
            assert books_equal(desk)
