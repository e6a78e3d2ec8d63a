"""A halt that stands goes on by itself: what one try left open at the broker is stopped by a later one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from audit.models import AuditEvent
from risk import halts
from risk.models import Halt, HaltReceipt
from tests.integration.trading.busy_desk import busy_desk, market_going_on, pull, working
from tests.robot import Robot
from trading import leases
from trading.halting import carrying_on, flattening
from trading.models import Position, Strategy
from trading.watching import monitors

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[Robot]:
    with busy_desk() as made:
        yield made


def latch(desk: Robot, level: str, kind: str = "account", key: str = "") -> Halt:
    key = key or (desk.account.number if kind == "account" else "")
    return halts.engage(level=level, scope_kind=kind, scope_key=key, reason="lost", by="somebody", now=desk.now)


def watch(desk: Robot, **later: float) -> None:
    monitors.watch(desk.account, now=desk.now + timedelta(**later), market_now=desk.gateway.clock().at)


def held() -> set[str]:
    return set(Position.objects.exclude(quantity=0).values_list("instrument__symbol", flat=True))


class TestWhatADeadProcessOnlyLatched:
    def test_is_closed_under_h3(self, desk: Robot) -> None:
        halt = latch(desk, "H3")

        with market_going_on(desk):
            watch(desk, seconds=30)

        assert held() == set()
        assert not working()
        assert desk.gateway.positions() == ()
        assert AuditEvent.objects.get(event="halt.confirmed").subject == f"halt:{halt.pk}"

    def test_is_left_to_the_one_who_pulled_it_at_first(self, desk: Robot) -> None:
        latch(desk, "H3")

        watch(desk, seconds=29)

        assert "AAPL" in held()
        assert not HaltReceipt.objects.exists()

    def test_keeps_its_stops_under_h2(self, desk: Robot) -> None:
        latch(desk, "H2", "firm")

        watch(desk, seconds=30)

        assert ("MSFT", "entry") not in working()
        assert {("AAPL", "stop"), ("AAPL", "target")} <= working()
        assert {held.symbol for held in desk.gateway.positions()} >= {"AAPL"}

    def test_reaches_no_further_than_its_scope(self, desk: Robot) -> None:
        latch(desk, "H3", "symbol", "MSFT")

        with market_going_on(desk):
            watch(desk, seconds=30)

        assert held() == {"AAPL"}
        assert working() == {("AAPL", "stop"), ("AAPL", "target")}

    @pytest.mark.parametrize("name", ["", "another's"])
    def test_follows_a_strategy_of_the_account_alone(self, desk: Robot, name: str) -> None:
        latch(desk, "H3", "strategy", name or Strategy.objects.get().name)

        with market_going_on(desk):
            watch(desk, seconds=30)

        assert bool(held()) is bool(name)

    def test_is_nothing_for_h1_and_the_drill(self, desk: Robot) -> None:
        before = working()
        latch(desk, "H1", "firm")
        latch(desk, "H3", "strategy", "drill")

        watch(desk, minutes=10)

        assert working() == before


class TestWhatOneTryLeftOpen:
    def test_is_closed_by_the_next(self, desk: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flattening, "LEASE_PATIENCE", 0.3)
        hanging = leases.acquire(desk.account.pk, holder="a worker that hangs", now=desk.now)
        assert hanging is not None
        assert not pull(desk, "H3").complete
        leases.release(hanging, now=desk.now)

        with market_going_on(desk):
            watch(desk, seconds=31)

        assert held() == set()
        newest = {line.subject: line.outcome for line in HaltReceipt.objects.order_by("pk")}
        assert set(newest.values()) == {"CONFIRMED"}
        assert Halt.objects.open().in_earnest().count() == 1

    def test_is_tried_again_after_a_pause_alone(self, desk: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flattening, "LEASE_PATIENCE", 0.1)
        leases.acquire(desk.account.pk, holder="a worker that goes on", now=desk.now + timedelta(minutes=5))
        pull(desk, "H3")

        tried = []
        for seconds in (31, 40, 60, 62):
            watch(desk, seconds=seconds)
            tried.append(HaltReceipt.objects.filter(subject="AAPL").count())

        assert tried == [2, 2, 2, 3]


class TestPause:
    @pytest.mark.parametrize(
        ("stood", "waited", "due"),
        [(0, 29, False), (0, 30, True), (600, 59, False), (600, 60, True), (86_400, 299, False), (86_400, 300, True)],
    )
    def test_grows_with_the_time_the_halt_stands(self, desk: Robot, stood: int, waited: int, due: bool) -> None:
        engaged = desk.now
        tried = engaged + timedelta(seconds=stood)

        assert carrying_on._is_due(engaged, tried, tried + timedelta(seconds=waited)) is due
