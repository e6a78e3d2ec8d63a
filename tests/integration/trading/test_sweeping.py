"""Halts by scope and by way at a running venue: what goes, what stays, and what the receipt says of each."""

import uuid
from decimal import Decimal
from typing import NoReturn

import pytest

from audit.models import AuditEvent
from risk.models import Halt
from tests.integration.trading.busy_desk import at_the_venue, busy_desk, gateway, market_going_on, thin, working
from tests.integration.trading.hands import compare
from tests.robot import WISHES, Robot, robot
from trading import leases
from trading.broker.breaker import Group
from trading.broker.budget import Urgency
from trading.broker.gateway import BrokerUnavailable, NewOrder
from trading.broker.safeguards import Shared
from trading.choices import OrderType, Side, TimeInForce
from trading.halting import hands, kill_switch, stopping
from trading.halting.reach import Reach
from trading.models import Account, OrderIntent, Position

pytestmark = pytest.mark.django_db


def pull(desk: Robot, level: str, reach: Reach, *, suspend: bool = False) -> kill_switch.Receipt:
    return kill_switch.pull(reach=reach, level=level, reason="odd", by="olga", now=desk.now, suspend=suspend)


def stranger(desk: Robot, symbol: str, side: str, price: str) -> str:
    return desk.gateway.submit(
        NewOrder(
            client_order_id=f"by-hand-{uuid.uuid4()}", symbol=symbol, side=Side(side), quantity=Decimal(1),
            type=OrderType.LIMIT, time_in_force=TimeInForce.DAY, limit_price=Decimal(price),
        )
    ).broker_order_id  # fmt: skip


class TestScope:
    def test_of_a_symbol_leaves_the_others_alone(self) -> None:
        with busy_desk() as desk:
            receipt = pull(desk, "H2", Reach(symbol="AAPL"))

            assert ("MSFT", "entry") in working()
            assert (receipt.halt.scope, receipt.complete) == ("symbol AAPL", True)
            assert [(line.subject, line.action) for line in receipt.lines] == [("AAPL", "keep")]

    def test_of_a_strategy_reaches_its_orders_alone(self) -> None:
        with busy_desk() as desk:
            assert pull(desk, "H2", Reach(strategy="another")).lines == ()
            assert ("MSFT", "entry") in working()

            receipt = pull(desk, "H2", Reach(strategy="scripted"))

            assert ("MSFT", "entry") not in working()
            assert {line.action for line in receipt.lines} == {"cancel", "keep"}

    def test_of_a_symbol_at_h3_closes_that_position_alone(self) -> None:
        with busy_desk() as desk, market_going_on(desk):
            receipt = pull(desk, "H3", Reach(symbol="AAPL"))

            assert receipt.complete, receipt.lines
            held = set(Position.objects.exclude(quantity=0).values_list("instrument__symbol", flat=True))
            assert held == {"MSFT"}

    def test_of_two_kinds_at_once_is_refused_and_halts_nothing(self) -> None:
        with busy_desk() as desk:
            with pytest.raises(Exception, match="one account, one strategy or one symbol"):
                pull(desk, "H2", Reach(desk.account, symbol="AAPL"))

            assert not Halt.objects.exists()
            assert AuditEvent.objects.filter(event="halt.refused").exists()


class TestEverything:
    def test_ours_leaves_what_others_have_at_the_broker(self) -> None:
        with busy_desk() as desk:
            stranger(desk, "MSFT", "buy", "50")

            pull(desk, "H2", Reach(desk.account))

            assert ("MSFT", "buy") in at_the_venue(desk)

    def test_ours_leaves_them_where_nothing_of_ours_must_stay(self) -> None:
        with robot(thin("AAPL")) as desk:
            kept = stranger(desk, "MSFT", "buy", "50")
            compare(desk)
            WISHES.by_minute["AAPL", 6] = "long"
            desk.minutes(7)

            receipt = pull(desk, "H2", Reach(desk.account))

            assert receipt.lines[0].action == "cancel"
            assert [report.broker_order_id for report in desk.gateway.open_orders()] == [kept]

    def test_all_cancels_the_entries_of_others_and_leaves_what_protects(self) -> None:
        with busy_desk() as desk:
            stranger(desk, "MSFT", "buy", "50")
            kept = stranger(desk, "MSFT", "sell", "130")

            receipt = pull(desk, "H2", Reach(desk.account, everything=True))

            assert receipt.complete, receipt.lines
            assert "not ours; no longer open at the broker" in {line.detail for line in receipt.lines}
            resting = {report.broker_order_id for report in desk.gateway.open_orders()}
            assert kept in resting
            assert at_the_venue(desk) == {("AAPL", "sell"), ("MSFT", "sell")}

    def test_all_at_h3_closes_what_our_books_do_not_know_and_locks_the_account(self) -> None:
        with busy_desk() as desk, market_going_on(desk):
            Position.objects.filter(instrument__symbol="AAPL").update(quantity=0)

            receipt = pull(desk, "H3", Reach(desk.account, everything=True), suspend=True)

            assert desk.gateway.positions() == ()
            closed = {line.subject: line.detail for line in receipt.lines if line.action == "close"}
            assert closed["AAPL"] == "48 that our books do not know: closed at market"
            assert desk.gateway.account().trade_suspended_by_user
            assert receipt.lines[-1].detail.startswith("locked at the broker")


class TestSuspend:
    def test_waits_until_everything_is_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with busy_desk() as desk, gateway(desk, quotes=lambda _: ()):
            receipt = pull(desk, "H3", Reach(desk.account), suspend=True)

            assert not receipt.complete
            assert receipt.lines[-1].detail == "not locked: something is still open, and must close"
            assert not desk.gateway.account().trade_suspended_by_user


class TestBudget:
    def test_is_the_one_that_is_kept_for_halts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: set[Urgency] = set()
        real = Shared.enter

        def enter(its: Shared, group: Group, how: Urgency) -> None:
            asked.add(how)
            real(its, group, how)

        monkeypatch.setattr(Shared, "enter", enter)
        with busy_desk() as desk, market_going_on(desk):
            asked.clear()

            assert pull(desk, "H3", Reach(desk.account)).complete

            assert asked == {Urgency.URGENT}
            desk.gateway.clock()
            assert asked == set(Urgency)


class TestWay:
    def test_is_one_request_where_nothing_protective_rests(self) -> None:
        with robot(thin("AAPL")) as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            desk.minutes(7)
            asked: list[str] = []

            def cancel_all() -> object:
                asked.append("all")
                return desk.gateway.cancel_all()

            with gateway(desk, cancel_all=cancel_all, cancel=lambda _: asked.append("one")):
                receipt = pull(desk, "H2", Reach(desk.account))

            assert (asked, receipt.complete) == (["all"], True), receipt.lines
            assert AuditEvent.objects.filter(event="order.cancel_all_requested").count() == 1
            assert receipt.entries_final_after > 0

    @pytest.mark.parametrize("few", [4, 0])
    def test_sends_every_stop_anew_where_requests_are_short(self, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
        monkeypatch.setattr(hands, "FEW", few)
        with busy_desk() as desk:
            before = stop_prices(desk)

            with gateway(desk, cancels_left=lambda: 1):
                receipt = pull(desk, "H2", Reach(desk.account))

            again = [line for line in receipt.lines if line.action == "re-arm"]
            assert receipt.complete, receipt.lines
            assert len(again) == 2
            assert all("again, naked for" in line.detail for line in again)
            assert naked_seconds(again[0].detail) <= 2
            assert before <= stop_prices(desk)
            assert at_the_venue(desk) == {("AAPL", "sell"), ("MSFT", "sell")}

    def test_sends_stops_anew_where_prices_and_the_clock_cannot_be_read(self) -> None:
        with busy_desk() as desk:
            before, at = stop_prices(desk), desk.gateway.clock().at

            with gateway(desk, cancels_left=lambda: 1, quotes=away, clock=away):
                receipt = pull(desk, "H2", Reach(desk.account))

            again = [line.detail for line in receipt.lines if line.action == "re-arm" and line.confirmed]
            assert len(again) == 1, receipt.lines
            assert before <= stop_prices(desk)
            assert OrderIntent.objects.get(by="halt").decided_at >= at

    def test_touches_no_stop_while_nobody_may_arm(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stopping, "LEASE_PATIENCE", 0.0)
        with busy_desk() as desk:
            leases.acquire(desk.account.pk, holder="a worker", now=desk.now)

            with gateway(desk, cancels_left=lambda: 1):
                receipt = pull(desk, "H2", Reach(desk.account))

            assert receipt.complete, receipt.lines
            assert at_the_venue(desk) == {("AAPL", "sell")}

    def test_of_more_than_a_few_goes_out_by_several_hands(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hands, "FEW", 0)
        with busy_desk() as desk:
            receipt = pull(desk, "H2", Reach(desk.account))

            assert receipt.complete
            assert at_the_venue(desk) == {("AAPL", "sell")}


def away(*_: object) -> NoReturn:
    raise BrokerUnavailable("away")


def stop_prices(desk: Robot) -> set[tuple[str, Decimal | None]]:
    found: set[tuple[str, Decimal | None]] = set()
    for order in desk.gateway.open_orders():
        for part in (order, *order.legs):
            if part.symbol == "AAPL" and part.stop_price is not None:
                found.add((part.symbol, part.stop_price))
    assert found
    return found


def naked_seconds(detail: str) -> float:
    return float(detail.rpartition("naked for ")[2].split()[0])


class TestAccount:
    def test_keys_that_are_missing_are_a_line(self) -> None:
        with busy_desk() as desk:
            other = Account.objects.create(number="PA9", name="x", mode="paper", created_at=desk.now)

            receipt = pull(desk, "H2", Reach(other))

            assert [(line.confirmed, line.subject) for line in receipt.lines] == [(False, "PA9")]
            assert "no keys are configured for account PA9" in receipt.lines[0].detail
