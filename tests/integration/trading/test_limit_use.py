"""How much of each limit is used, and the volumes that control 16 stands on, at a real venue."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from risk.models import Limit
from tests.robot import SYMBOLS, WISHES, Robot, past_days, robot, script
from trading import market_data
from trading.models import Bar, Instrument, OrderIntent
from trading.watching import limit_use

pytestmark = pytest.mark.django_db

FLAT = script(lambda symbol, minute: "100")


def used(desk: Robot) -> dict[str, Decimal]:
    return limit_use.measure(desk.account, market_now=desk.gateway.clock().at)


class TestMeasure:
    def test_counts_as_the_gate_counts(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with robot() as desk:
            WISHES.by_minute["AAPL", 6] = "long"
            desk.minutes(9)

            at = desk.gateway.clock().at
            with django_assert_num_queries(4):
                found = limit_use.measure(desk.account, market_now=at)

            value = found["position_usd"]
            assert value == found["gross_usd"] > 4000
            assert (found["positions"], found["entries_day"], found["messages_day"]) == (1, 1, 1)
            # A stop 2 % below guards all of it, give or take a tick.
            assert Decimal("0.018") < found["open_risk_fraction"] / found["gross_fraction"] < Decimal("0.022")
            assert found["gap_fraction"] == found["gross_fraction"] / 5

    def test_is_nothing_on_an_empty_desk(self) -> None:
        with robot() as desk:
            desk.minutes(1)

            assert {name: value for name, value in used(desk).items() if value} == {}


class TestOfLimit:
    def test_is_a_part_of_the_value_that_counts(self) -> None:
        with robot() as desk:
            desk.minutes(1)
            row = Limit.objects.in_force().get(name="positions")

            assert limit_use.of_limit(row, {"positions": Decimal(3)}, now=desk.now) == Decimal("0.25")
            assert limit_use.of_limit(row, {}, now=desk.now) is None

    def test_is_none_where_more_is_stricter(self) -> None:
        with robot() as desk:
            row = Limit.objects.in_force().get(name="cash_buffer_fraction")

            assert limit_use.of_limit(row, {"cash_buffer_fraction": Decimal(1)}, now=desk.now) is None


class TestIsKnown:
    @pytest.mark.parametrize(
        ("kind", "key", "expected"),
        [
            ("firm", "", True),
            ("account", "PA0000001", True),
            ("account", "PA9", False),
            ("strategy", "scripted", True),
            ("strategy", "courage", False),
            ("symbol", "AAPL", True),
            ("symbol", "GME", False),
            ("galaxy", "x", False),
        ],
    )
    def test_says_whether_the_desk_has_it(self, kind: str, key: str, expected: bool) -> None:
        with robot():
            assert limit_use.is_known(kind, key) is expected


class TestKeepVolumes:
    def test_averages_the_last_twenty_sessions_by_the_brokers_daily_bars(self) -> None:
        with robot():
            row = Instrument.objects.get(symbol="AAPL")

            assert row.average_volume == 50_000_000
            assert row.average_volume_date == past_days()[-1].start.date()
            assert Bar.objects.filter(timeframe="1Day", instrument=row).count() == market_data.VOLUME_SESSIONS

    def test_takes_a_session_without_a_bar_for_one_without_trade(self) -> None:
        with robot(replace(FLAT, past_days=past_days()[-2 * len(SYMBOLS) :])):
            assert Instrument.objects.get(symbol="AAPL").average_volume == 5_000_000

    def test_leaves_a_symbol_without_bars_without_a_figure_and_so_denied(self) -> None:
        with robot(replace(FLAT, past_days=[bar for bar in past_days() if bar.symbol == "MSFT"])) as desk:
            WISHES.by_minute["AAPL", 6] = WISHES.by_minute["MSFT", 6] = "long"
            desk.minutes(7)

            assert Instrument.objects.get(symbol="AAPL").average_volume is None
            decided = {row.instrument.symbol: row for row in OrderIntent.objects.all()}
            assert decided["MSFT"].approved, decided["MSFT"].denial_sentence
            assert not decided["AAPL"].approved
            assert "average volume of AAPL" in decided["AAPL"].denial_sentence

    def test_asks_nothing_when_it_is_up_to_date(self) -> None:
        with robot() as desk:
            silent = Silent(desk.gateway)

            market_data.keep_volumes(silent, SYMBOLS, market_now=desk.gateway.clock().at)  # type: ignore[arg-type]


class Silent:
    """A gateway that must not be asked for bars."""

    def __init__(self, gateway: object) -> None:
        self.gateway = gateway

    def bars(self, *_: object) -> None:
        raise AssertionError("asked for bars")
