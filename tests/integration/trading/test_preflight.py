"""The checklist, each item passing and failing for a real reason."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from audit.models import AuditEvent
from risk.models import Limit
from tests.integration.trading.hands import Altered, by_hand, move_cash
from tests.integration.trading.ready_desk import NAMES, item, ready_desk, run
from tests.robot import WISHES, Robot
from trading.broker import factory
from trading.models import Order, PreflightRun, ProcessHeartbeat, Strategy

pytestmark = pytest.mark.django_db


class TestRun:
    def test_passes_when_all_is_as_it_should_be(self) -> None:
        with ready_desk() as desk:
            made = run(desk)

            assert [each["name"] for each in made.items] == NAMES
            assert {each["result"] for each in made.items} == {"pass"}, made.items
            assert made.passed
            assert 0 < sum(each["seconds"] for each in made.items) <= float(made.seconds) + 0.01
            kept = PreflightRun.objects.get()
            assert (kept.account, kept.mode, kept.by, kept.build) == (desk.account, "paper", "ann", "test")
            assert AuditEvent.objects.get(event="preflight.passed").subject == str(kept.pk)

    def test_goes_on_after_a_check_that_broke(self) -> None:
        with ready_desk() as desk, override_settings(REDIS_URL=None):
            made = run(desk)

            assert item(made, "queue")["detail"] == "the check broke: AttributeError"
            assert len(made.items) == len(NAMES)
            assert not made.passed

    def test_exercises_the_stop_with_an_order_that_the_broker_confirms_as_canceled(self) -> None:
        with ready_desk() as desk:
            made = run(desk)

            (order,) = desk.venue.call(lambda: desk.venue.venue.exchange._account(desk.account.number).history)
            assert order.client_order_id.startswith("drill-")
            assert order.status.value == "canceled"
            assert "the latch refuses entries; a cancel was final" in item(made, "emergency stop exercised")["detail"]

    def test_cancels_what_an_earlier_drill_left_behind(self) -> None:
        with ready_desk() as desk:
            by_hand(desk, price="50", client_id="drill-left-behind")

            assert run(desk).passed
            assert desk.gateway.open_orders() == ()


def debug(desk: Robot) -> None:
    django_settings.DEBUG = True


def no_queue(desk: Robot) -> None:
    django_settings.REDIS_URL = "redis://127.0.0.1:1/0"


def silence(desk: Robot) -> None:
    ProcessHeartbeat.objects.filter(process="stream").update(beat_at=desk.now - timedelta(minutes=2))


def other_build(desk: Robot) -> None:
    ProcessHeartbeat.objects.filter(process="worker").update(build="older")


def venue_away(desk: Robot) -> None:
    desk.venue.stop()


def real_clock(desk: Robot) -> None:
    django_settings.VENUE_CONTROL_URL = ""


def other_account(desk: Robot) -> None:
    desk.account.number = "PA7"
    factory._kept()["PA7"] = desk.gateway


def blocked(desk: Robot) -> None:
    desk.venue.call(lambda: desk.venue.venue.exchange.set_flags("PA0000001", trading_blocked=True))


def broke(desk: Robot) -> None:
    move_cash(desk, "-100000")


def no_symbols(desk: Robot) -> None:
    Strategy.objects.update(active=False)


def no_limit(desk: Robot) -> None:
    Limit.objects.filter(name="positions").update(active_to=desk.now)


def cash_moved(desk: Robot) -> None:
    move_cash(desk, "-7")


def cancels_nothing(desk: Robot) -> None:
    factory._kept()[desk.account.number] = Altered(desk.gateway, cancel=lambda _: None)


FAILURES: list[tuple[Callable[[Robot], None], str, str]] = [
    (debug, "environment", "DEBUG is on"),
    (no_queue, "queue", "no answer: ConnectionError"),
    (silence, "workers alive", "no sign of stream"),
    (other_build, "workers alive", "processes of builds older, test"),
    (venue_away, "broker connectivity", "does not answer"),
    (venue_away, "reconciliation clean", "nothing could be compared"),
    (real_clock, "clock against the broker", "s apart"),
    (other_account, "credentials pinned to the account", "the keys open account PA0000001, not PA7"),
    (blocked, "account status and flags", "trading blocked"),
    (broke, "balance and buying power", "buying power 0.00 USD"),
    (no_symbols, "market data fresh", "no active strategy names a symbol"),
    (no_limit, "limits set and within ceilings", "not set: positions"),
    (cancels_nothing, "emergency stop exercised", "did not confirm the cancel"),
    (cash_moved, "reconciliation clean", "100000.00 USD, seen 99993.00 USD"),
]


class TestCheck:
    @pytest.mark.parametrize(("happens", "name", "words"), FAILURES, ids=[f"{n}-{h.__name__}" for h, n, _ in FAILURES])
    def test_fails_with_a_remedy(
        self, happens: Callable[[Robot], None], name: str, words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("trading.drill.PATIENCE", 0.3)
        untouched = {name: getattr(django_settings, name) for name in ("DEBUG", "REDIS_URL")}
        with ready_desk() as desk, override_settings(VENUE_CONTROL_URL=django_settings.VENUE_CONTROL_URL, **untouched):
            happens(desk)

            made = run(desk)

            found = item(made, name)
            assert (found["result"], bool(found["remedy"])) == ("fail", True), found
            assert words in found["detail"]
            assert not made.passed
            assert AuditEvent.objects.filter(event="preflight.failed").count() == 1

    def test_warns_of_a_position_without_a_stop(self) -> None:
        with ready_desk(minutes=3) as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            desk.minutes(4)
            desk.gateway.cancel(Order.objects.get(purpose="stop").broker_order_id or "")

            found = item(run(desk), "open positions protected")

            assert (found["result"], found["detail"]) == ("warning", "1 positions have no stop")
