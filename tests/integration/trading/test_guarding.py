"""Nothing held lies bare for long: a part filled is armed within seconds, and what cannot be armed is closed."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from risk import halts
from tests.integration.trading.faulty_desk import faulty_desk, planned, status, wish
from tests.integration.trading.hands import compare, open_cases
from tests.integration.trading.test_void_trades import happen
from tests.orderpath import Wrapped
from tests.robot import SYMBOLS, WISHES, Robot, robot
from tests.venue import DAYS, Script, bar
from trading import healing
from trading.broker import gateway as port
from trading.choices import OrderStatus, Purpose
from trading.models import Order, Position
from trading.proposing import guarding, protection
from trading.reading import books

pytestmark = pytest.mark.django_db


def thin_after(minutes: int) -> Script:
    """A session whose market dries up after so many minutes: 20 shares a minute."""
    day = DAYS[0]
    return Script(
        [
            [
                [
                    bar(symbol, day.open + timedelta(minutes=minute), volume=100_000 if minute < minutes else 20)
                    for symbol in SYMBOLS
                ]
                for minute in range(20)
            ]
        ],
        SYMBOLS,
    )


@pytest.fixture
def partly(request: pytest.FixtureRequest) -> Iterator[Robot]:
    """A desk with an entry of which a part is filled."""
    with robot(thin_after(6)) as desk:
        WISHES.by_minute["AAPL", 6] = "long"
        desk.minutes(7)
        desk.venue.step()
        yield desk


def look(desk: Robot, *, seconds: int = 5) -> bool:
    desk.now += timedelta(seconds=seconds)
    return guarding.look(desk.account, desk.gateway, holder="test", now=desk.now, market_now=desk.gateway.clock().at)


def held(desk: Robot) -> books.Books:
    return books.read(desk.account.pk)


def catch_up(desk: Robot) -> None:
    healing.heal(desk.account, desk.gateway, now=desk.now, market_now=desk.gateway.clock().at)


class TestAPartFilledEntry:
    def test_loses_its_rest_and_is_armed_in_the_same_look(self, partly: Robot) -> None:
        catch_up(partly)
        entry = Order.objects.get(purpose=Purpose.ENTRY, parent=None)
        assert 0 < entry.booked_quantity < entry.quantity

        assert look(partly)

        entry.refresh_from_db()
        assert entry.status == OrderStatus.CANCELED
        stop = Order.objects.working().get(purpose=Purpose.STOP)
        assert stop.quantity == Position.objects.get().quantity == entry.booked_quantity
        assert protection.naked(held(partly)) == {}

    def test_is_left_alone_for_its_first_seconds(self, partly: Robot) -> None:
        catch_up(partly)
        at = Order.objects.get(purpose=Purpose.ENTRY, parent=None).intent.decided_at

        young = protection.to_let_go(held(partly), market_now=at + protection.PART_FILLED - timedelta(seconds=1))
        old = protection.to_let_go(held(partly), market_now=at + protection.PART_FILLED)

        assert (young, list(old.values())) == ({}, [protection.NOT_FILLED])


class Stubborn(Wrapped):
    """A broker that takes no protective order, and closing ones only."""

    def submit(self, order: port.NewOrder) -> port.OrderReport:
        if order.order_class == "oco":
            raise port.BrokerRejected("not now", status=403, code=40310000)
        return super().submit(order)


class TestANakedHolding:
    @pytest.fixture
    def bare(self) -> Iterator[Robot]:
        """A holding whose legs somebody canceled at the broker, seen naked once."""
        with robot() as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            desk.minutes(9)
            desk.gateway = Stubborn(desk.gateway)
            for leg in Order.objects.working().filter(purpose=Purpose.STOP):
                desk.gateway.cancel(leg.broker_order_id or "")
            catch_up(desk)
            yield desk

    def test_is_noted_and_forgotten_when_it_is_armed(self, bare: Robot) -> None:
        look(bare)
        noted = Position.objects.get().naked_since
        bare.gateway = bare.gateway.gateway  # type: ignore[attr-defined]

        look(bare)
        catch_up(bare)
        look(bare)

        assert noted == bare.now - timedelta(seconds=10)
        assert Position.objects.get().naked_since is None
        assert Order.objects.working().filter(purpose=Purpose.STOP).count() == 1

    def test_is_closed_when_it_could_not_be_armed_in_time(self, bare: Robot) -> None:
        look(bare)
        look(bare, seconds=119)
        assert not Order.objects.filter(purpose=Purpose.FLATTEN).exists()

        look(bare, seconds=1)
        bare.venue.step()
        catch_up(bare)

        assert Order.objects.get(purpose=Purpose.FLATTEN).status == OrderStatus.FILLED
        assert Position.objects.get().quantity == Decimal(0)

    def test_is_closed_at_once_where_only_flattening_may_leave(self, bare: Robot) -> None:
        halts.engage(
            level="H3", scope_kind="account", scope_key=bare.account.number, reason="test", by="test", now=bare.now
        )

        look(bare)
        bare.venue.step()
        catch_up(bare)

        assert Order.objects.get(purpose=Purpose.FLATTEN).status == OrderStatus.FILLED
        assert Position.objects.get().quantity == Decimal(0)

    def test_belongs_to_people_while_its_shares_are_in_dispute(self, bare: Robot) -> None:
        """After a bust the broker refuses to sell what our books still hold: it was asked every five seconds."""
        bare.gateway = bare.gateway.gateway  # type: ignore[attr-defined]
        happen(bare, "bust")
        compare(bare)
        assert ("position", "AAPL") in [case[:2] for case in open_cases()]
        asked = Order.objects.count()

        for seconds in (5, 5, 120):
            look(bare, seconds=seconds)

        assert Order.objects.count() == asked
        assert Position.objects.get().naked_since is not None


class TestAnOrderWithoutAnAnswer:
    """A pass comes once a minute; what became of an order must be known sooner."""

    def test_is_found_by_the_next_look(self) -> None:
        with faulty_desk() as desk:
            planned(desk, "reset_after_accept", on=["submit"])
            wish(desk, "long")
            desk.minute()
            at_once = status()

            look(desk)

            assert (at_once, status()) == (OrderStatus.UNKNOWN, OrderStatus.FILLED)

    def test_is_withdrawn_within_80_seconds_where_the_broker_never_had_it(self) -> None:
        with faulty_desk() as desk:
            planned(desk, "reset_before_accept", on=["submit"])
            wish(desk, "long")
            desk.minute()

            for _ in range(11):
                look(desk)
            early = status()
            for _ in range(5):
                look(desk)

            assert (early, status()) == (OrderStatus.UNKNOWN, OrderStatus.WITHDRAWN)


class TestLook:
    def test_asks_once_where_all_is_well(self) -> None:
        with robot() as desk:
            desk.minutes(2)
            at = desk.gateway.clock().at

            with CaptureQueriesContext(connection) as asked:
                acted = guarding.look(desk.account, desk.gateway, holder="test", now=desk.now, market_now=at)

            assert (acted, len(asked)) == (False, 1)
