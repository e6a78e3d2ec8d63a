"""What the watchdog looks for besides dead processes: each sign is found, named by what was seen, and in time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from audit import trail
from audit.models import Alert
from risk import limits, policy
from risk.standing import LimitInForce, Limits
from tests import orderpath
from tests.orderpath import MARKET, open_account
from tests.venue import DAYS
from trading.broker.gateway import ClockReport
from trading.models import Account, Bar, EnginePass, Instrument, ProcessHeartbeat, Strategy
from trading.watching import heartbeats, symptoms, watchdog

pytestmark = pytest.mark.django_db

NOW = orderpath.WALL
MINUTE = timedelta(minutes=1)


def clock(at: datetime = MARKET, *, is_open: bool = True) -> ClockReport:
    return ClockReport(at, is_open, DAYS[1].open, DAYS[0].close)


POLICY = Limits({name: LimitInForce(name, bound.default, 1, "firm") for name, bound in policy.BOUNDS.items()})


def sentences(found: Any) -> list[str]:
    return [finding.sentence for finding in found]


def happened(event: str, times: int, *, at: datetime = NOW) -> None:
    with transaction.atomic():
        trail.record_many(trail.Entry(event=event, sentence="x", by="test", now=at) for _ in range(times))


@pytest.fixture
def trading_account() -> Account:
    account = open_account()
    account.active = True
    account.save(update_fields=["active"])
    Strategy.objects.create(
        account=account, name="trend", rule="trend", symbols=["AAPL"], risk_fraction="0.001", active=True,
        created_at=NOW,
    )  # fmt: skip
    return account


def bar(start_at: datetime) -> None:
    prices = dict.fromkeys(("open", "high", "low", "close"), 100)
    instrument = Instrument.objects.get(symbol="AAPL")
    Bar.objects.create(instrument=instrument, timeframe="1Min", start_at=start_at, volume=1, **prices)


@pytest.mark.usefixtures("trading_account")
class TestStaleData:
    def test_is_found_when_the_newest_bar_is_too_old(self) -> None:
        bar(MARKET - 4 * MINUTE - timedelta(seconds=1))

        assert sentences(symptoms.stale_data(POLICY, clock())) == [
            "market data is stale: the newest bar is of 14:55 UTC, and the market's clock reads 15:00:00;"
            " entries stop at 3 minutes (version 1)"
        ]

    def test_is_not_found_three_minutes_after_its_end(self) -> None:
        bar(MARKET - 4 * MINUTE)

        assert sentences(symptoms.stale_data(POLICY, clock())) == []

    def test_is_found_when_there_is_no_bar_at_all(self) -> None:
        assert "there is no bar" in sentences(symptoms.stale_data(POLICY, clock()))[0]

    @pytest.mark.parametrize(
        "quiet", [clock(is_open=False), clock(DAYS[0].open + 3 * MINUTE)], ids=["closed", "just opened"]
    )
    def test_is_no_sign_while_no_bars_can_be_expected(self, quiet: ClockReport) -> None:
        assert sentences(symptoms.stale_data(POLICY, quiet)) == []


class TestSilentStream:
    def told(self, ago: int) -> None:
        ProcessHeartbeat.objects.create(
            process="stream", instance="stream@a:1", build="b", started_at=NOW - timedelta(hours=1), beat_at=NOW,
            worked_at=NOW - timedelta(seconds=ago),
        )  # fmt: skip

    def test_is_found_though_the_process_lives(self) -> None:
        self.told(181)

        assert sentences(symptoms.silent_stream(POLICY, clock(), now=NOW)) == [
            "the stream has told nothing for 181 s; entries stop at 3 minutes (version 1)"
        ]

    def test_is_not_found_before(self) -> None:
        self.told(180)

        assert sentences(symptoms.silent_stream(POLICY, clock(), now=NOW)) == []

    def test_is_no_sign_while_the_market_is_closed(self) -> None:
        self.told(4000)

        assert sentences(symptoms.silent_stream(POLICY, clock(is_open=False), now=NOW)) == []


class TestBursts:
    @pytest.fixture(autouse=True)
    def policy(self) -> None:
        limits.install_policy(by="test", now=NOW)

    def found(self, now: datetime = NOW) -> list[str]:
        return sentences(symptoms.bursts(limits.in_force(now=now), now=now))

    def test_are_three_rejections_in_five_minutes(self) -> None:
        happened("order.rejected", 1, at=NOW - 6 * MINUTE)
        happened("order.rejected", 2)
        assert self.found() == []

        happened("order.rejected", 1)

        assert self.found() == ["the broker rejected 3 orders within 5 minutes; entries stop at 3 (version 1)"]

    def test_are_five_orders_without_an_answer_in_a_minute(self) -> None:
        happened("order.unknown", 1, at=NOW - MINUTE)
        happened("order.unknown", 4)
        assert self.found() == []

        happened("order.unknown", 1)

        assert self.found() == ["5 orders got no answer within 1 minute; entries stop at 5 (version 1)"]

    def test_are_three_passes_that_do_not_end(self) -> None:
        account = open_account()
        for minute in range(3):
            EnginePass.objects.create(
                account=account, bar_at=MARKET + minute * MINUTE, session_date=MARKET.date(), started_at=NOW - MINUTE
            )

        assert self.found() == ["3 passes were begun and not finished within 10 minutes; entries stop at 3 (version 1)"]
        assert self.found(NOW - timedelta(seconds=1)) == []

    def test_begin_where_the_limit_of_the_firm_says(self) -> None:
        happened("order.rejected", 2)
        limits.tighten(
            name="rejects_burst", scope_kind="firm", scope_key="", value="2", reason="a new broker", by="ann", now=NOW
        )

        assert self.found() == ["the broker rejected 2 orders within 5 minutes; entries stop at 2 (version 2)"]


class TestMissingLimit:
    def test_is_a_sign_itself(self) -> None:
        found = symptoms.all_of(now=NOW, clock=clock())

        assert {finding.process for finding in found} == {"limits"}
        for name in ("data_silent", "stream_silent", "skew", "unacknowledged"):
            assert any(f"No version of the limit {name}_seconds is in force" in each.sentence for each in found)


class TestBuilds:
    def works(self, name: str, build: str, *, began: int, beat: int) -> None:
        """A process that began and beat so many seconds ago."""
        ProcessHeartbeat.objects.create(
            process=name, instance=f"{name}@a:{build}", build=build,
            started_at=NOW - timedelta(seconds=began), beat_at=NOW - timedelta(seconds=beat),
        )  # fmt: skip

    def test_that_differ_are_named_with_their_processes(self) -> None:
        self.works("worker", "old", began=900, beat=1)
        self.works("stream", "new", began=100, beat=1)

        assert sentences(symptoms.builds(now=NOW)) == [
            "processes of different builds are at work: new: stream; old: worker"
        ]

    def test_may_overlap_while_one_replaces_the_other(self) -> None:
        self.works("worker", "old", began=900, beat=31)
        self.works("stream", "new", began=50, beat=1)

        assert sentences(symptoms.builds(now=NOW)) == []

    def test_of_a_heartbeat_that_several_write_say_nothing(self) -> None:
        self.works("worker", "new", began=900, beat=1)
        heartbeats.beat("web", now=NOW, worked=True, who="site")

        assert sentences(symptoms.builds(now=NOW)) == []


class TestUnacknowledged:
    def alert(self, event: str, minutes: float, severity: str = "critical") -> Alert:
        at = NOW - minutes * MINUTE
        return Alert.objects.create(
            key=event, event=event, severity=severity, sentence="books differ", first_at=at, last_at=at, opened_at=at
        )

    def test_critical_alerts_are_found_after_fifteen_minutes(self) -> None:
        self.alert("reconciliation.break_opened", 14.9)
        assert sentences(symptoms.unacknowledged(POLICY, now=NOW)) == []

        self.alert("audit.tampered", 15)

        assert sentences(symptoms.unacknowledged(POLICY, now=NOW)) == [
            "nobody has acknowledged a critical alert for 15 minutes: books differ;"
            " entries stop at 15 minutes (version 1)"
        ]

    def test_alerts_of_a_halt_or_milder_ones_are_not(self) -> None:
        self.alert("halt.engaged", 60)
        self.alert("order.unknown", 60, "serious")

        assert sentences(symptoms.unacknowledged(POLICY, now=NOW)) == []


class TestInspect:
    def test_names_every_sign_in_one_reason(self, trading_account: Account) -> None:
        began = NOW - 5 * MINUTE
        limits.install_policy(by="test", now=NOW)
        found = watchdog.inspect(now=NOW, since=began, clock=clock())

        assert {finding.process for finding in found} >= {"worker", "beat", "stream", "data", "clock"}

    def test_leaves_signs_alone_until_all_had_time_to_begin(self, trading_account: Account) -> None:
        assert watchdog.inspect(now=NOW, since=NOW - timedelta(seconds=60), clock=clock()) == []
