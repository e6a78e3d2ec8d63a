"""A paused symbol and a halted market, from the venue's data stream to the gate and the monitors."""

from datetime import timedelta

import pytest

from risk.models import Halt
from tests.robot import WISHES, Robot, robot, script
from trading import market_data
from trading.broker.gateway import StatusReport
from trading.choices import Timeframe
from trading.models import Instrument, OrderIntent
from trading.venue.incidents import Incident
from trading.watching import monitors

pytestmark = pytest.mark.django_db


def pause(market: Robot, symbol: str, reason: str) -> None:
    market.venue.call(lambda: market.venue.venue.conductor._acts.happen(Incident("pause", "", symbol, words=reason)))


def told(market: Robot, symbol: str, code: str, reason_code: str = "", reason: str = "") -> bool:
    at = market.gateway.clock().at
    return market_data.keep_status(StatusReport(symbol, code, "", reason_code, reason, at))


class TestStatus:
    def test_of_a_pause_blocks_entries_in_the_symbol_until_it_trades_again(self) -> None:
        with robot(script(lambda symbol, minute: "100", minutes=40)) as market:
            market.minutes(6)
            WISHES.by_minute["AAPL", 6] = WISHES.by_minute["MSFT", 6] = WISHES.by_minute["AAPL", 8] = "long"
            assert told(market, "AAPL", "P", "LUDP", "Volatility Trading Pause")
            market.minute()
            denied, approved = OrderIntent.objects.order_by("instrument__symbol")
            assert (denied.denial_code, denied.denial_sentence) == (
                "SYMBOL_PAUSED", "The exchange pauses AAPL: LUDP Volatility Trading Pause."
            )  # fmt: skip
            assert approved.approved

            assert told(market, "AAPL", "T")
            assert not told(market, "AAPL", "T"), "nothing changes twice"
            market.minutes(2)

            assert OrderIntent.objects.filter(instrument__symbol="AAPL", approved=True).count() == 1

    def test_that_was_missed_is_made_good_by_a_later_bar(self) -> None:
        with robot(script(lambda symbol, minute: "100", minutes=40)) as market:
            market.minutes(2)
            told(market, "AAPL", "H", "T1")
            market.minutes(2)

            assert not Instrument.objects.exclude(paused_at=None).exists()

    @pytest.mark.parametrize("code", ["E", "5", "", "x"])
    def test_of_another_kind_changes_nothing(self, code: str) -> None:
        with robot() as market:
            assert not told(market, "AAPL", code)


class TestMarketHalt:
    def test_stops_entries_of_the_account(self) -> None:
        with robot(script(lambda symbol, minute: "100", minutes=40)) as market:
            market.minutes(2)
            told(market, "AAPL", "H", "MWC1", "Market-Wide Circuit Breaker Halt, Level 1")

            monitors.watch(market.account, now=market.now, market_now=market.gateway.clock().at)

            halt = Halt.objects.open().get()
            assert (halt.level, halt.scope_key) == ("H1", market.account.number)
            assert "Level 1" in halt.reason

    def test_comes_of_a_fall_of_seven_percent(self) -> None:
        prices = script(lambda symbol, minute: "100" if minute < 2 else "92", minutes=40)
        with robot(prices) as market:
            market.minutes(2)
            market_now = market.gateway.clock().at
            monitors.watch(market.account, now=market.now, market_now=market_now)
            assert not Halt.objects.exists()

            market.minutes(1)
            market.now += timedelta(seconds=1)
            acted = monitors.watch(market.account, now=market.now, market_now=market.gateway.clock().at)

            assert [each.code for each in acted] == ["MARKET_FELL_7"]


class TestTheVenue:
    def test_tells_no_bar_and_fills_nothing_while_a_symbol_pauses(self) -> None:
        with robot(script(lambda symbol, minute: "100", minutes=40)) as market:
            market.minutes(2)
            pause(market, "AAPL", "LUDP")
            market.venue.step()

            now = market.gateway.clock().at
            told_of = {each.symbol for each in market.gateway.bars(
                ("AAPL", "MSFT"), Timeframe.MINUTE, now - timedelta(minutes=1), now
            )}  # fmt: skip
            assert told_of == {"MSFT"}
            pause(market, "AAPL", "")
            market.venue.step()
            assert market.venue.call(market.venue.venue.exchange.paused) == {}
