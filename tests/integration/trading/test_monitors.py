"""Watching an account at a real venue: what alarms becomes a breach, is latched, stopped at the broker, and once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditEvent
from risk import breaches, limits
from risk.at_trade.values import Alarm
from risk.models import Breach, Halt, HaltReceipt
from tests.integration.trading.busy_desk import busy_desk, working
from tests.orderpath import MARKET, WALL, open_account, sent
from tests.robot import Robot
from trading.choices import OrderStatus
from trading.models import Account, AccountState, LossTrack, Order, Position
from trading.watching import monitors

pytestmark = pytest.mark.django_db


def figures(account: Account, equity: str, last: str = "100000", transfers: str = "0", **other: Any) -> None:
    said = {"equity": Decimal(equity), "last_equity": Decimal(last), "intraday_adjustments": Decimal(transfers)}
    AccountState.objects.filter(account=account).update(**{"figures_at": WALL, **said, **other})


@pytest.fixture
def account(db: None) -> Account:
    limits.install_policy(by="test", now=WALL, symbols=["AAPL"])
    made = open_account()
    figures(made, "100000")
    return made


def watch(account: Account, **later: float) -> list[str]:
    moved = timedelta(**later)
    AccountState.objects.filter(account=account, figures_at__isnull=False).update(figures_at=WALL + moved)
    return codes(monitors.watch(account, now=WALL + moved, market_now=MARKET + moved))


def codes(alarms: list[Alarm]) -> list[str]:
    return [alarm.code.value for alarm in alarms]


class TestLossOfTheDay:
    def test_warns_then_halts_and_keeps_a_breach_of_each(self, account: Account) -> None:
        figures(account, "99400")
        assert watch(account) == ["LOSS_DAY_WARNED"]
        assert not Halt.objects.exists()
        figures(account, "98900")
        assert watch(account) == ["LOSS_DAY_HALTED"]

        halt = Halt.objects.get()
        warned, broken = Breach.objects.order_by("pk")
        assert (halt.level, halt.scope_key, halt.engaged_by) == ("H1", account.number, "monitors")
        assert (warned.stage, broken.stage) == ("WARNED", "BROKEN")
        assert (broken.limit_name, broken.limit_value, broken.limit_version) == ("day_loss_fraction", "0.01", 1)
        assert broken.seen == "0.011000"
        assert broken.done.startswith("H1 engaged")
        assert AuditEvent.objects.filter(event="breach.opened", severity="critical").count() == 1

    def test_acts_once_a_session_however_often_it_looks(self, account: Account) -> None:
        figures(account, "98900")
        watch(account)

        assert watch(account, seconds=5) == []
        assert Breach.objects.count() == Halt.objects.count() == 1

    def test_takes_a_deposit_for_no_profit(self, account: Account) -> None:
        figures(account, "148900", transfers="50000")

        assert watch(account) == ["LOSS_DAY_HALTED"]

    def test_carries_the_index_on_over_the_night(self, account: Account) -> None:
        figures(account, "99800")
        watch(account)
        figures(account, "99500", last="99700")

        watch(account, days=1)

        track = LossTrack.objects.get()
        assert (track.closed, track.peak_index) == (Decimal("0.997"), Decimal(1))
        assert track.index == Decimal("0.995")

    def test_is_not_judged_on_old_figures(self, account: Account) -> None:
        figures(account, "90000", figures_at=WALL - timedelta(minutes=3))

        acted = monitors.watch(account, now=WALL, market_now=MARKET)

        assert acted == []
        blind = AuditEvent.objects.filter(event="monitor.blind")
        assert {event.subject.split()[1] for event in blind} >= {"30", "31"}
        monitors.watch(account, now=WALL, market_now=MARKET)
        assert blind.count() == len({event.subject for event in blind})

    def test_judges_nothing_outside_of_sessions(self, account: Account) -> None:
        figures(account, "50000")

        assert monitors.watch(account, now=WALL, market_now=MARKET + timedelta(hours=9)) == []


class TestDrawdown:
    def test_is_measured_over_sessions_and_cancels_entries(self, account: Account) -> None:
        LossTrack.objects.create(
            account=account, session_date=MARKET.date() - timedelta(days=3), base_equity=Decimal(100_000), transfers=0,
            closed=Decimal("0.95"), index=Decimal("0.945"), week=MARKET.date() - timedelta(days=7),
            week_index=1, peak_index=1, peak_date=MARKET.date() - timedelta(days=9),
        )  # fmt: skip
        figures(account, "99500", last="99500")
        sent(account)

        assert watch(account) == ["DRAWDOWN_HALTED"]

        track = LossTrack.objects.get()
        assert (track.closed, track.week, track.week_index) == (Decimal("0.94525"), MARKET.date(), Decimal("0.94525"))
        assert HaltReceipt.objects.filter(halt__level="H2").exists()  # the broker of this account is not configured
        assert watch(account, seconds=5) == []


class TestAtTheVenue:
    def test_closes_everything_when_the_day_is_lost(self) -> None:
        with busy_desk() as desk:
            lose(desk, "97000")

            acted = monitors.watch(desk.account, now=desk.now, market_now=desk.gateway.clock().at)

            assert codes(acted) == ["LOSS_DAY_FLATTENED", "LOSS_WEEK_HALTED"]
            assert "AAPL" not in {position.symbol for position in desk.gateway.positions()}
            assert "entry" not in {purpose for _, purpose in working()}
            assert HaltReceipt.objects.filter(halt=Halt.objects.get(level="H3")).exists()

    def test_has_nothing_to_say_of_a_quiet_desk(self) -> None:
        with busy_desk() as desk:
            acted = monitors.watch(desk.account, now=desk.now, market_now=desk.gateway.clock().at)

            assert acted == []
            assert not AuditEvent.objects.filter(event="monitor.blind").exists()


def lose(desk: Robot, equity: str) -> None:
    figures(desk.account, equity, figures_at=desk.now)


class TestConduct:
    def test_halts_after_three_rejections_and_again_only_after_new_ones(self, account: Account) -> None:
        for index in range(3):
            order = sent(account, limit=f"10{index}")
            Order.objects.filter(pk=order.pk).update(status=OrderStatus.REJECTED, finished_at=WALL)

        assert watch(account, seconds=1) == ["REJECTS_BURST"]
        assert watch(account, seconds=2) == []
        assert watch(account, minutes=6) == []

    def test_halts_when_an_order_stays_unknown(self, account: Account) -> None:
        sent(account, status=OrderStatus.UNKNOWN)

        assert watch(account, seconds=60) == []
        assert watch(account, seconds=121) == ["ORDER_UNRESOLVED"]

    def test_alarms_at_a_holding_without_a_stop(self, account: Account) -> None:
        order = sent(account)
        instrument = order.instrument
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELED, finished_at=WALL)
        Position.objects.create(
            account=account,
            mode="paper",
            instrument=instrument,
            quantity=7,
            average_price=100,
            updated_at=WALL,
            naked_since=WALL,
        )

        assert "POSITION_NAKED" not in watch(account, seconds=30)
        assert "POSITION_NAKED" in watch(account, seconds=31)
        row = Breach.objects.get(code="POSITION_NAKED")
        assert (row.symbol, row.stage) == ("AAPL", "WARNED")


class TestClosing:
    def test_lets_the_next_one_open_again(self, account: Account) -> None:
        sent(account, status=OrderStatus.UNKNOWN)
        watch(account, seconds=121)

        breaches.close(Breach.objects.get(), reason="asked the broker", by="ann", now=WALL)

        assert Breach.objects.open().count() == 0
        assert watch(account, seconds=125) == []  # the halt stands, and so nothing new is begun
