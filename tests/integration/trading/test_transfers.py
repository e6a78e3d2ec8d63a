"""Money paid in is no profit and money paid out no loss, in a session and between two; at the running venue."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from risk.models import Breach, Halt
from tests.robot import SYMBOLS, Robot, robot
from tests.venue import DAYS, Script, bar
from trading import portfolio, transfers
from trading.models import AccountState, LossTrack, Transfer
from trading.venue.incidents import Incident
from trading.venue.walk import Close, Open
from trading.watching import monitors

pytestmark = pytest.mark.django_db


def two_days() -> Script:
    days = [
        [[bar(symbol, day.open + timedelta(minutes=minute), "100") for symbol in SYMBOLS] for minute in range(4)]
        for day in DAYS[:2]
    ]
    return Script(days, SYMBOLS)


def pay(market: Robot, usd: int, where: str) -> None:
    incident = Incident("transfer", market.account.number, where, Decimal(usd))
    market.venue.call(lambda: market.venue.venue.conductor._acts.happen(incident))


def look(market: Robot) -> LossTrack:
    market_now = market.gateway.clock().at
    market.now += timedelta(minutes=2)
    portfolio.keep_figures(market.account, market.gateway, now=market.now, market_now=market_now)
    monitors.watch(market.account, now=market.now, market_now=market_now)
    return LossTrack.objects.get()


def next_session(market: Robot, between: int = 0) -> None:
    while not isinstance(market.venue.step_once(), Close):
        pass
    if between:
        pay(market, between, "")
    while not isinstance(market.venue.step_once(), Open):
        pass
    market.venue.step()


class TestTransfers:
    @pytest.mark.parametrize("usd", [50_000, -50_000])
    def test_within_a_session_are_no_gain_and_no_loss(self, usd: int) -> None:
        with robot(two_days()) as market:
            market.minutes(1)
            look(market)
            pay(market, usd, "session")
            market.venue.step()

            track = look(market)

            assert (track.index, track.transfers) == (1, usd)
            assert not Halt.objects.exists()

    @pytest.mark.parametrize("usd", [50_000, -50_000])
    def test_between_sessions_are_none_either(self, usd: int) -> None:
        with robot(two_days()) as market:
            market.minutes(1)
            look(market)

            next_session(market, between=usd)
            track = look(market)

            state = AccountState.objects.get()
            assert (track.index, track.closed) == (1, 1)
            assert state.last_equity is not None
            assert (state.intraday_adjustments, state.equity) == (usd, state.last_equity + usd)
            assert not Halt.objects.exists()
            assert not Breach.objects.exists()
            kept = Transfer.objects.get()
            assert (kept.kind, kept.amount) == ("CSD" if usd > 0 else "CSW", usd)

    def test_seen_after_the_close_they_came_before_are_none_either(self) -> None:
        with robot(two_days()) as market:
            market.minutes(1)
            look(market)
            market.venue.step()
            pay(market, -40_000, "session")

            next_session(market)
            track = look(market)

            assert (track.closed, track.index) == (1, 1)
            assert not Halt.objects.exists()

    def test_are_kept_once_however_often_they_are_told(self) -> None:
        with robot(two_days()) as market:
            market.minutes(1)
            pay(market, 10, "session")
            for _ in range(3):
                market.venue.step()
                look(market)

            assert Transfer.objects.count() == 1
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE trading_transfer SET amount = 0")


class TestLarger:
    @pytest.mark.parametrize(("one", "other", "more"), [(5, 0, 5), (0, -7, -7), (-7, 5, -7), (5, 5, 5)])
    def test_believes_who_knows_of_more(self, one: int, other: int, more: int) -> None:
        assert transfers.larger(Decimal(one), Decimal(other)) == more
